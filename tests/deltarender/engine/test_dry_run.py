"""Scenes played without drawing: the same state and the same times as in the video."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from manim import (
    RIGHT,
    UP,
    Circle,
    Dot,
    PhaseFlow,
    Scene,
    Square,
    TracedPath,
    ValueTracker,
    tempconfig,
)  # fmt: skip

from deltarender.engine import dry_run, manim_patches
from deltarender.engine.dry_run import DryRunRenderer, NullFileWriter
from deltarender.engine.file_writer import SingleFileWriter
from deltarender.engine.incremental_renderer import IncrementalRenderer
from deltarender.engine.scene_setup import create_scene, play_scene, subcaptions

RATE = 10
SETTINGS = {
    "verbosity": "ERROR", "progress_bar": "none", "disable_caching": True, "frame_rate": RATE,
    "pixel_width": 64, "pixel_height": 36,
}  # fmt: skip


@pytest.fixture(autouse=True)
def _manim_as_it_was() -> Iterator[None]:
    yield
    manim_patches.remove()  # which the renderer of videos installs


def played(scene_class: type[Scene], folder: Path, *, every_frame: bool = False) -> Any:
    """The scene after a dry run."""
    with tempconfig({**SETTINGS, "media_dir": str(folder)}):
        scene: Any = create_scene(scene_class, DryRunRenderer, NullFileWriter)
        scene.renderer.every_frame = every_frame
        play_scene(scene)
    return scene


def rendered(scene_class: type[Scene], folder: Path) -> Any:
    """The scene after it was rendered to a video."""
    SingleFileWriter.target = folder / "video.mp4"
    with tempconfig({**SETTINGS, "media_dir": str(folder)}):
        scene: Any = create_scene(scene_class, IncrementalRenderer, SingleFileWriter)
        play_scene(scene)
    return scene


class Integrates(Scene):
    """What is shown depends on every frame."""

    def construct(self) -> None:
        dot, self.square, speed = Dot(), Square(), ValueTracker(0)
        self.path = TracedPath(dot.get_center)

        def fall(square: Any, dt: float) -> None:
            speed.increment_value(dt)
            square.shift(RIGHT * speed.get_value() * dt)

        self.square.add_updater(fall)
        self.add(dot, self.path, self.square)
        self.play(dot.animate(path_arc=2).shift(3 * RIGHT), run_time=1)
        self.wait_until(lambda: self.square.get_x() > 1)


class Counts(Scene):
    """An updater without dt that counts its calls, which nothing can foresee."""

    def construct(self) -> None:
        self.square = Square()
        self.add(self.square.add_updater(lambda s: s.shift(0.1 * UP)))
        self.play(Circle().animate.shift(RIGHT), run_time=1)


class Flows(Scene):
    def construct(self) -> None:
        self.square = Square().shift(RIGHT)
        self.play(PhaseFlow(lambda point: np.array([-point[1], point[0], 0]), self.square))


@pytest.mark.parametrize(
    ("scene_class", "every_frame"), [(Integrates, False), (Flows, False), (Counts, True)]
)
def test_what_accumulates_is_as_in_the_video(
    scene_class: type[Scene], every_frame: bool, tmp_path: Path
) -> None:
    film = rendered(scene_class, tmp_path)
    dry = played(scene_class, tmp_path, every_frame=every_frame)
    np.testing.assert_allclose(dry.square.points, film.square.points, atol=1e-12)
    if scene_class is Integrates:
        np.testing.assert_allclose(dry.path.points, film.path.points, atol=1e-12)
        assert len(dry.path.points) > 20
    assert dry.time == film.time
    assert dry.renderer.file_writer.frames == film.renderer.file_writer.frames


def test_what_only_has_an_end_is_not_played_frame_by_frame(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Moves(Scene):
        def construct(self) -> None:
            tracker = ValueTracker(0)
            self.add(Dot().add_updater(lambda d: d.set_x(tracker.get_value())))
            self.play(tracker.animate.set_value(2), run_time=1)

    monkeypatch.setattr(DryRunRenderer, "render", lambda *_: pytest.fail("a frame was played"))
    scene = played(Moves, tmp_path)
    assert scene.mobjects[0].get_x() == pytest.approx(2)
    assert scene.renderer.file_writer.frames == RATE


class Skips(Scene):
    """A skipped section between two that are shown."""

    def construct(self) -> None:
        self.next_section("first")
        self.play(Circle().animate.shift(RIGHT), run_time=1)
        self.next_section("hidden", skip_animations=True)
        self.add_subcaption("unseen", duration=1)
        self.play(Circle().animate.shift(RIGHT), run_time=5)
        self.wait(2)
        self.next_section("last")
        self.add_subcaption("seen", duration=1)
        self.wait(2)


@pytest.mark.parametrize("play_it", [played, rendered])
def test_skipped_sections_take_no_time(play_it: Any, tmp_path: Path) -> None:
    scene = play_it(Skips, tmp_path)
    writer = scene.renderer.file_writer
    assert writer.frames == 3 * RATE
    assert writer.section_starts == [
        ("autocreated", 0), ("first", 0), ("hidden", RATE), ("last", RATE),
    ]  # fmt: skip
    unseen, seen = subcaptions(scene.renderer)
    assert unseen[:2] == pytest.approx((1, 1))
    assert seen == (pytest.approx(1), pytest.approx(2), "seen")


def test_sections_that_have_frames_are_reported_when_they_end(tmp_path: Path) -> None:
    ended: list[tuple[str, float]] = []
    with tempconfig({**SETTINGS, "media_dir": str(tmp_path)}):
        scene: Any = create_scene(Skips, DryRunRenderer, NullFileWriter)
        scene.renderer.file_writer.section_ended = lambda name: ended.append((name, scene.time))
        play_scene(scene)
    assert [name for name, _ in ended] == ["first", "last"]


def test_sounds_after_a_skipped_section_are_earlier_by_its_length(tmp_path: Path) -> None:
    times: list[float] = []

    class Sounds(Skips):
        def construct(self) -> None:
            super().construct()
            self.add_sound("tone.wav")

    sound = lambda writer, file, time, *rest: times.append(time)  # noqa: E731
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("deltarender.engine.file_writer.get_full_sound_file_path", lambda *_: Path())
        patch.setattr("manim.scene.scene_file_writer.SceneFileWriter.add_sound", sound)
        rendered(Sounds, tmp_path)
    assert times == [pytest.approx(3)]


def test_accumulates_is_false_for_a_scene_at_rest(tmp_path: Path) -> None:
    with tempconfig({**SETTINGS, "media_dir": str(tmp_path)}):
        scene: Any = create_scene(Scene, DryRunRenderer, NullFileWriter)
        assert not dry_run.accumulates(scene)
        scene.add(TracedPath(Dot().get_center))
        assert dry_run.accumulates(scene)
