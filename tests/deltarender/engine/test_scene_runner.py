"""How a scene is created with another renderer, and what its manifest is taken from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import manim.scene.scene
import pytest
from manim import MovingCamera, MovingCameraScene, Scene, Square, tempconfig

from deltarender.engine import beat_scene, frame_by_frame, scene_loader, scene_runner, scene_setup
from deltarender.engine.dry_run import DryRunRenderer, NullFileWriter
from deltarender.errors import UsageError
from deltarender.jobs import SceneRef
from deltarender.results import Task, TaskKind, TaskResult


def create(scene_class: type[Scene], folder: Path) -> Scene:
    with tempconfig({"media_dir": str(folder), "verbosity": "ERROR", "progress_bar": "none"}):
        return scene_setup.create_scene(scene_class, DryRunRenderer, NullFileWriter)


def test_a_scene_keeps_its_camera_class_with_another_renderer(tmp_path: Path) -> None:
    before = manim.scene.scene.CairoRenderer
    scene = create(MovingCameraScene, tmp_path)
    assert type(scene.renderer) is DryRunRenderer
    assert type(scene.renderer.file_writer) is NullFileWriter
    assert type(scene.camera) is MovingCamera
    assert manim.scene.scene.CairoRenderer is before


def test_the_renderer_class_is_restored_if_a_scene_cannot_be_created(tmp_path: Path) -> None:
    class Failing(Scene):
        def __init__(self) -> None:
            raise KeyError("no")

    before = manim.scene.scene.CairoRenderer
    with pytest.raises(KeyError, match="no"):
        create(Failing, tmp_path)
    assert manim.scene.scene.CairoRenderer is before


class InBeats(Scene):
    """A scene that implements the protocol."""

    value = "1"

    def __init__(self) -> None:
        super().__init__()
        self.beat_observers: list[beat_scene.BeatObserver] = []

    @classmethod
    def with_params(cls, raw: Mapping[str, str]) -> type[Scene]:
        return type(cls.__name__, (cls,), {"value": raw.get("value", "2")})

    def construct(self) -> None:
        self.wait(1)
        for observer in self.beat_observers:
            observer(self, "the beat")

    def manifest(self) -> dict[str, object]:
        return {"scene": "InBeats", "inputs": {"value": self.value}, "beats": []}


class OtherTypes(Scene):
    """Uses the protocol's names for something else."""

    score = 7
    watchers = ("a", "b")
    with_params = {"radius": 2}
    manifest = "a cargo list"

    def __init__(self) -> None:
        super().__init__()
        self.beat_observers = 3

    def construct(self) -> None:
        self.add(Square())
        self.wait(0.5)


class SomeTypes(OtherTypes):
    """Has the methods of the protocol, but no list of observers."""

    @classmethod
    def with_params(cls, raw: Mapping[str, str]) -> type[Scene]:
        return cls

    def manifest(self) -> dict[str, object]:
        raise AssertionError("not the protocol's method")


class RaisingProperties(Scene):
    """Has properties of these names, which raise."""

    @property
    def manifest(self) -> None:
        raise RuntimeError("a manifest")

    with_params = beat_observers = manifest

    def construct(self) -> None:
        self.wait(0.5)


def test_a_beat_scene_is_recognized(tmp_path: Path) -> None:
    assert beat_scene.as_beat_scene_class(InBeats) is InBeats
    scene = create(InBeats, tmp_path)
    assert beat_scene.as_beat_scene(scene) is scene
    assert beat_scene.scene_manifest(scene, 10.0)["inputs"] == {"value": "1"}


@pytest.mark.parametrize("scene_class", [Scene, OtherTypes, SomeTypes, RaisingProperties])
def test_other_scenes_are_described_by_their_sections(
    scene_class: type[Scene], tmp_path: Path
) -> None:
    scene = create(scene_class, tmp_path)
    assert beat_scene.as_beat_scene(scene) is None
    assert beat_scene.scene_manifest(scene, 10.0)["scene"] == scene_class.__name__


@pytest.fixture
def loaded_scenes(tmp_path: Path) -> Path:
    """A scene file that has the classes of this module."""
    file = tmp_path / "film.py"
    file.write_text(f"from {__name__} import InBeats, OtherTypes, RaisingProperties, SomeTypes")
    return file


@pytest.mark.parametrize("name", ["OtherTypes", "RaisingProperties"])
def test_a_plain_scene_takes_no_parameters(name: str, loaded_scenes: Path) -> None:
    target = SceneRef(loaded_scenes, name, name)
    assert scene_loader.load_scene_class(target, {}).__name__ == name
    with pytest.raises(UsageError, match="takes no parameters"):
        scene_loader.load_scene_class(target, {"radius": "3"})


def test_a_beat_scene_takes_parameters(loaded_scenes: Path) -> None:
    target = SceneRef(loaded_scenes, "InBeats", "InBeats")
    assert scene_loader.load_scene_class(target, {"value": "5"}).value == "5"  # type: ignore


@pytest.mark.parametrize(
    ("name", "observed"),
    [("InBeats", ["the beat"]), ("OtherTypes", []), ("SomeTypes", []), ("RaisingProperties", [])],
)
def test_a_dry_run_observes_beats_and_accepts_other_scenes(
    job_of, tmp_path: Path, name: str, observed: list[str]
) -> None:
    job = job_of(f"from {__name__} import {name}", name)
    outcome = TaskResult()
    observer = f"{__name__}:name_of_beat"
    task = Task(TaskKind.DRY_RUN, job, tmp_path, beat_observers=(observer,))
    with tempconfig({"media_dir": str(tmp_path), "verbosity": "ERROR", "progress_bar": "none"}):
        scene_runner.run_task(task, outcome, lambda frames: None, lambda path: None)
    assert outcome.dry_run is not None
    assert outcome.dry_run.observed == {observer: observed}


def name_of_beat(scene: Scene, beat: str) -> str:
    return beat


class PauseAndMotion(Scene):
    def construct(self) -> None:
        square = Square()
        self.add(square)
        self.wait(1)
        self.play(square.animate.shift([1, 0, 0]), run_time=0.2)


class Times:
    """Notes the time, the number of frames and the place of the square of each observation."""

    def __init__(self, scene: Scene) -> None:
        self.scene, self.seen = scene, []

    def observe(self, time: float, frames: int) -> None:
        self.seen.append((round(time, 3), frames, round(self.scene.mobjects[0].get_x(), 1)))

    def result(self) -> list[tuple[float, int, float]]:
        return self.seen


def test_frames_are_observed_one_by_one_and_a_pause_once(tmp_path: Path) -> None:
    settings = {"media_dir": str(tmp_path), "verbosity": "ERROR", "progress_bar": "none"}
    with tempconfig({**settings, "frame_rate": 10}):
        scene = frame_by_frame.frame_by_frame_scene(PauseAndMotion)
        times = Times(scene)
        frame_by_frame.play_frames(scene, times)
    assert times.result() == [(0.0, 10, 0.0), (1.0, 1, 0.0), (1.1, 1, 0.5)]
    assert scene.renderer.time == pytest.approx(1.2)
