"""The set of benchmark scenes: which are measured, equality of frames, the table."""

from __future__ import annotations

import shutil

import pytest

from deltarender.benchmark import scene_set
from deltarender.benchmark.raw_frames import raw_frames
from deltarender.errors import RenderError
from deltarender.jobs import RenderSettings

TINY = RenderSettings(128, 72, 4)
SCENES = """
class Main(Scene):
    def construct(self):
        self.play(Create(Square()), run_time=0.5)
        self.wait(0.5)
class Failing(Scene):
    def construct(self):
        raise ValueError("no picture")
"""


def test_scenes_that_need_latex_are_left_out_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    names = [target.name for target in scene_set.scene_set()]
    assert len(names) >= 12
    assert "Latex" not in names
    monkeypatch.setattr(shutil, "which", lambda name: name)
    assert {target.name for target in scene_set.scene_set()} == {*names, "Latex"}


@pytest.mark.slow
def test_the_frames_of_both_sides_are_compared_as_they_are_drawn(job_of, tmp_path) -> None:
    target = job_of(SCENES).target
    stock, ours = (raw_frames(side, target, TINY, tmp_path / side) for side in ("stock", "ours"))
    assert stock == ours
    assert stock.split()[0] == "4"
    with pytest.raises(RenderError, match="no picture"):
        raw_frames("ours", job_of(SCENES, "Failing").target, TINY, tmp_path)


def test_the_table_has_a_row_for_each_scene() -> None:
    row = {
        "scene": "Paths", "frames": 45, "stock_cpu": 5.0, "ours_cpu": 1.0, "cpu_ratio": 5.0,
        "first_cpu_ratio": 4.0, "size_ratio": 1.25, "ours_ssim": 0.9996, "stock_ssim": 0.9993,
        "equal": False,
    }  # fmt: skip
    text = scene_set.as_text(
        {"profile": "480p15", "latex": False, "scenes": [row],
         "cpu_ratio": {"median": 5.0, "worst": 5.0}, "size_ratio": {"median": 1.25, "worst": 1.25}}
    )  # fmt: skip
    assert "without LaTeX" in text
    assert text.splitlines()[2].split() == [
        "Paths", "45", "5.00", "1.00", "5.00", "4.00", "1.25", "0.9996", "0.9993", "DIFFERENT",
    ]  # fmt: skip
    assert text.splitlines()[3] == "faster: median 5, worst 5; size: median 1.25, worst 1.25"
