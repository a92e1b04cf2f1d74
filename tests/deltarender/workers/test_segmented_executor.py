"""A scene rendered in segments has the frames of one rendered whole, or is rendered whole."""

from __future__ import annotations

import json
import wave
from dataclasses import replace

import av
import pytest

from deltarender.batch import BatchOptions, render

# State that accumulates, random numbers, a moving camera, and cuts by time only.
SCENES = {
    "Accumulating": """
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
    "Random": """
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


def decoded_frames(job) -> list[bytes]:
    with av.open(str(job.video)) as film:
        return [frame.to_ndarray(format="yuv420p").tobytes() for frame in film.decode(video=0)]


def render_both_ways(job, media):
    """Render whole, and in three segments; gives both jobs and the second result."""
    whole, parts = (replace(job, media_dir=media / name) for name in ("whole", "parts"))
    assert render([whole], BatchOptions(jobs=1, split=1)).exit_code == 0
    (result,) = render([parts], BatchOptions(jobs=2, split=3)).results
    assert result.status == "rendered", result.error
    return whole, parts, result


@pytest.mark.slow
@pytest.mark.parametrize("name", ["Accumulating", "Turning", "Long"])
def test_segments_have_the_frames_of_the_whole_video(name, job_of, tmp_path):
    whole, parts, result = render_both_ways(job_of(SCENES[name]), tmp_path)
    assert result.note == "made in 3 parts"
    assert decoded_frames(whole) == decoded_frames(parts)
    of_whole, of_parts = (json.loads(job.manifest.read_text()) for job in (whole, parts))
    assert [
        of_whole[key] for key in ("frames", "beats", "duration", "captions", "fps", "size")
    ] == [of_parts[key] for key in ("frames", "beats", "duration", "captions", "fps", "size")]
    assert of_whole["fingerprint"] == of_parts["fingerprint"]
    assert parts.log.exists()


@pytest.mark.slow
def test_segments_of_a_scene_without_a_seed_use_the_same_random_numbers(job_of, tmp_path):
    job = job_of(SCENES["Random"])
    (result,) = render([job], BatchOptions(jobs=2, split=4)).results
    assert result.note == "made in 4 parts"
    assert len(decoded_frames(job)) == result.frames == 40


@pytest.mark.slow
def test_sound_and_subcaptions_are_those_of_the_whole_video(job_of, tmp_path):
    with wave.open(str(tmp_path / "tone.wav"), "wb") as tone:
        tone.setnchannels(1)
        tone.setsampwidth(2)
        tone.setframerate(44100)
        tone.writeframes(b"\x00\x20\x00\xe0" * 22050)
    whole, parts, result = render_both_ways(
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
def test_a_scene_that_cannot_be_split_is_rendered_whole(job_of, body, why):
    job = job_of(f"import os\nclass Main(Scene):\n    def construct(self):\n        {body}\n")
    (result,) = render([job], BatchOptions(jobs=2, split=3)).results
    if why:
        assert result.status == "rendered", result.error
        assert "in one piece" in result.note
        assert why in result.note
    else:
        assert result.status == "failed"
        assert "ZeroDivisionError" in result.error


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
    assert "written by Manim's own writer" in result.note
