"""A scene in parts is the scene in one piece, frame by frame, or it is not taken apart."""

from __future__ import annotations

import json
import math
import wave
from dataclasses import replace

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deltarender.batch import BatchOptions, render
from deltarender.workers.segment_plan import SKIP_SHARE, segment_bounds, segments_per_scene


@given(
    st.lists(st.integers(1, 400), max_size=12, unique=True).map(sorted),
    st.integers(2, 400),
    st.integers(2, 6),
)
def test_parts_cover_the_film_and_begin_at_cuts(cuts, frames, parts):
    found = segment_bounds(cuts, frames, parts)
    assert len(found) <= parts
    assert found[0][0] == 0
    assert found[-1][1] == math.inf
    assert [end for _, end in found[:-1]] == [first for first, _ in found[1:]]
    assert all(first in cuts and first < frames for first, _ in found[1:])


def test_parts_are_balanced_as_their_costs_are():
    found = segment_bounds(range(0, 1000, 10), 1000, 4)
    costs = [min(end, 1000) - first + SKIP_SHARE * first for first, end in found]
    assert len(found) == 4
    assert max(costs) - min(costs) <= 2 * 10


# What piles up step by step, what is drawn by lot, cameras that move, and a film cut by time only.
SCENES = {
    "Piling": """
class Main(Scene):
    def construct(self):
        dot, path = Dot().shift(LEFT * 3), None
        speed = np.array([1.0, 0.3, 0.0])
        def fall(mobject, dt):
            speed[1] -= dt
            mobject.shift(speed * dt)
        dot.add_updater(fall)
        trace = TracedPath(dot.get_center)
        self.add(trace, dot)
        for name in "abc":
            self.next_section(name)
            self.play(Rotate(Square(), 1), run_time=0.7)
            self.wait(0.5)
""",
    "Lots": """
import random
class Main(Scene):
    def construct(self):
        fresh = np.random.default_rng()
        own = random.Random()
        for k in range(4):
            self.next_section(str(k))
            at = [random.uniform(-3, 3), np.random.uniform(-2, 2), 0]
            dot = Dot(at, radius=fresh.uniform(0.1, 0.8))
            self.play(FadeIn(dot), run_time=0.5)
            self.play(dot.animate.shift(UP * own.random()), run_time=0.5)
""",
    "Turning": """
class Main(ThreeDScene):
    def construct(self):
        self.set_camera_orientation(phi=60 * DEGREES, theta=30 * DEGREES)
        self.add(Cube())
        self.begin_ambient_camera_rotation(rate=0.5)
        for k in range(3):
            self.next_section(str(k))
            self.wait(0.6)
""",
    "Long": """
class Main(MovingCameraScene):
    def construct(self):
        square = Square()
        self.add(square)
        for k in range(8):
            self.play(self.camera.frame.animate.scale(0.9), square.animate.rotate(k), run_time=2)
        self.wait(3)
""",
}


def pictures(job) -> list[bytes]:
    with av.open(str(job.video)) as film:
        return [frame.to_ndarray(format="yuv420p").tobytes() for frame in film.decode(video=0)]


def both(job, media):
    """Rendered in one piece, and in three parts: the two jobs, and the second result."""
    whole, parts = (replace(job, media_dir=media / name) for name in ("whole", "parts"))
    assert render([whole], BatchOptions(jobs=1, split=1)).exit_code == 0
    (result,) = render([parts], BatchOptions(jobs=2, split=3)).results
    assert result.status == "rendered", result.error
    return whole, parts, result


@pytest.mark.slow
@pytest.mark.parametrize("name", ["Piling", "Turning", "Long"])
def test_every_frame_is_the_same(name, job_of, tmp_path):
    whole, parts, result = both(job_of(SCENES[name]), tmp_path)
    assert result.note == "made in 3 parts"
    assert pictures(whole) == pictures(parts)
    ours, theirs = (json.loads(job.manifest.read_text()) for job in (whole, parts))
    assert [ours[key] for key in ("frames", "beats", "duration", "captions", "fps", "size")] == [
        theirs[key] for key in ("frames", "beats", "duration", "captions", "fps", "size")
    ]
    assert ours["fingerprint"] == theirs["fingerprint"]
    assert parts.log.exists()


@pytest.mark.slow
def test_parts_of_a_scene_without_a_seed_draw_the_same_lots(job_of, tmp_path):
    job = job_of(SCENES["Lots"])
    (result,) = render([job], BatchOptions(jobs=2, split=4)).results
    assert result.note == "made in 4 parts"
    assert len(pictures(job)) == result.frames == 40


@pytest.mark.slow
def test_sound_and_subcaptions_come_along(job_of, tmp_path):
    with wave.open(str(tmp_path / "tone.wav"), "wb") as tone:
        tone.setnchannels(1)
        tone.setsampwidth(2)
        tone.setframerate(44100)
        tone.writeframes(b"\x00\x20\x00\xe0" * 22050)
    whole, parts, result = both(
        job_of(f"""
class Main(Scene):
    def construct(self):
        self.add_sound({str(tmp_path / "tone.wav")!r}, time_offset=0.5)
        for word in ("one", "two", "three"):
            self.next_section(word)
            self.add_subcaption(word, duration=0.5)
            self.play(Create(Square()), run_time=0.5)
            self.wait(0.5)
"""),
        tmp_path,
    )
    assert result.note == "made in 3 parts"
    assert whole.srt.read_text() == parts.srt.read_text()
    sounds = []
    for job in (whole, parts):
        with av.open(str(job.video)) as film:
            sounds.append([frame.to_ndarray().tobytes() for frame in film.decode(audio=0)])
    assert sounds[0] == sounds[1] != []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("self.play(Create(Square()), run_time=9)", "no place to be cut"),
        (
            "[(self.next_section(), self.play(Create(Square(1 + os.urandom(1)[0] / 256)))) "
            "for _ in range(3)]",
            "different each time",
        ),
        ("self.next_section(); self.wait(); 1 / 0", ""),
    ],
)
def test_what_cannot_be_split_is_rendered_in_one_piece(job_of, body, why):
    job = job_of(f"import os\nclass Main(Scene):\n    def construct(self):\n        {body}\n")
    (result,) = render([job], BatchOptions(jobs=2, split=3)).results
    if why:
        assert result.status == "rendered", result.error
        assert "in one piece" in result.note
        assert why in result.note
    else:
        assert result.status == "failed"
        assert "ZeroDivisionError" in result.error


@pytest.mark.parametrize(
    ("workers", "scenes", "parts"),
    [(1, 1, 1), (2, 1, 1), (4, 1, 4), (4, 2, 1), (8, 2, 4), (2, 30, 1), (64, 0, 1)],
)
def test_a_scene_is_split_only_where_cores_are_idle(workers, scenes, parts):
    assert segments_per_scene(workers, scenes) == parts


OWN_RENDERER = """
from manim.renderer.cairo_renderer import CairoRenderer
class Main(Scene):
    def __init__(self, **kwargs):
        super().__init__(renderer=CairoRenderer(), **kwargs)
    def construct(self):
        self.next_section()
        self.wait(0.5)
        self.next_section()
        self.wait(0.5)
"""


@pytest.mark.slow
def test_a_scene_with_a_renderer_of_its_own_is_rendered_whole(job_of):
    (result,) = render([job_of(OWN_RENDERER)], BatchOptions(jobs=2, split=2)).results
    assert result.status == "rendered", result.error
    assert "rendered in one piece: the scene brings a renderer of its own" in result.note
    assert "drawn by Manim's own writer" in result.note
