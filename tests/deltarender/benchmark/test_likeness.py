"""Frames as they are drawn, and how near a video is to them."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from deltarender.benchmark import likeness
from deltarender.benchmark.likeness import Likeness, squared_errors, worst_block
from deltarender.benchmark.raw_frames import raw_frames
from deltarender.benchmark.timed_runs import run_manim
from deltarender.errors import RenderError
from deltarender.jobs import RenderSettings

TINY = RenderSettings(128, 72, 4)
SCENES = """
class Main(Scene):
    def construct(self):
        print("what a scene prints is no picture")
        self.play(Create(Square()), run_time=0.5)
        self.wait(0.5)
class Failing(Scene):
    def construct(self):
        raise ValueError("no picture")
class Other(Scene):
    def construct(self):
        self.wait(0.5)
class Moody(Scene):
    def construct(self):
        own = "Incremental" in type(self.renderer).__name__
        self.add(Square() if own else Circle())
        self.wait(1)
"""
RNG = np.random.default_rng(0)


def picture(height: int, width: int) -> np.ndarray:
    pixels = RNG.integers(0, 256, (height, width, 4), np.uint8)
    pixels[..., 3] = 255
    return pixels


def rgb_errors(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return (a[..., :3].astype(float) - b[..., :3]) ** 2


def test_squared_errors_are_those_of_whole_numbers() -> None:
    a, b = picture(16, 24), picture(16, 24)
    a[0, 0], b[0, 0] = (255, 0, 255, 255), (0, 255, 0, 0)
    errors = squared_errors(a, b)
    assert (errors[..., :3] == rgb_errors(a, b)).all()
    assert not errors[..., 3].any()


def test_the_worst_block_is_that_of_the_largest_mean() -> None:
    a, b = picture(19, 29), picture(19, 29)  # two rows of three whole blocks
    expected = max(
        math.sqrt(rgb_errors(a, b)[y : y + 8, x : x + 8].mean()) for y in (0, 8) for x in (0, 8, 16)
    )
    assert worst_block(squared_errors(a, b)) == pytest.approx(expected)
    assert worst_block(squared_errors(a[:7], b[:7])) == 0


def test_likeness_is_measured_over_all_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn, shown = ([picture(16, 16) for _ in range(12)] for _ in range(2))
    monkeypatch.setattr(likeness, "_decoded", lambda video: iter(shown))
    measured = Likeness(Path("a.mp4"))
    for frame in drawn:
        measured.add(frame)
    mean = np.mean([rgb_errors(a, b) for a, b in zip(drawn, shown, strict=True)])
    assert measured.psnr == pytest.approx(10 * math.log10(255**2 / mean))
    assert -0.1 < measured.ssim < 0.1
    with pytest.raises(RenderError, match="not the 13 frames"):
        measured.add(drawn[0])


def test_the_likeness_of_equal_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = picture(16, 16)
    monkeypatch.setattr(likeness, "_decoded", lambda video: iter([frame]))
    measured = Likeness(Path("a.mp4"))
    measured.add(frame)
    assert measured.as_json() == {"psnr": 100.0, "worst_block": 0.0, "ssim": 1.0}


@pytest.mark.slow
def test_the_frames_of_both_sides_are_compared_as_they_are_drawn(job_of, tmp_path) -> None:
    target = job_of(SCENES).target
    stock = run_manim(target, TINY, tmp_path / "stock")["file"]
    equal, measured = likeness.compare(target, TINY, tmp_path, {"stock": stock})
    assert equal
    assert measured["stock"].frames == 4
    moody = job_of(SCENES, "Moody").target
    assert likeness.compare(moody, TINY, tmp_path, {})[0] is False


@pytest.mark.slow
def test_a_scene_that_fails_or_has_other_frames_is_said(job_of, tmp_path) -> None:
    failing, other = job_of(SCENES, "Failing").target, job_of(SCENES, "Other").target
    with (
        pytest.raises(RenderError, match="no picture"),
        raw_frames("ours", failing, TINY, tmp_path) as frames,
    ):
        list(frames)
    stock = run_manim(other, TINY, tmp_path / "stock")["file"]
    with pytest.raises(RenderError, match="not the 3 frames"):
        likeness.compare(job_of(SCENES).target, TINY, tmp_path, {"stock": stock})
