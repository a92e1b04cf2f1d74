"""Runs a scene without a video: dry runs with observers, stills of beats, the last frame as PNG."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from manim import Scene, config
from PIL import Image

from deltarender.beat_names import slug
from deltarender.encoding.unpremultiply import unpremultiply
from deltarender.encoding.vector_export import write_vector
from deltarender.engine.beat_scene import BeatScene, as_beat_scene, scene_manifest
from deltarender.engine.dry_run import DryRunRenderer, NullFileWriter
from deltarender.engine.frame_by_frame import (
    FrameByFrameRenderer,
    FrameObserver,
    play_frames,
)
from deltarender.engine.scene_setup import create_scene, play_scene, subcaptions
from deltarender.engine.transparent_renderer import clear_background
from deltarender.errors import RenderError
from deltarender.results import DryRunResult, Still, Task, TaskKind, TaskResult, VideoResult

AUTOMATIC_SECTION = "autocreated"  # Manim's name of the section before the first of the scene
WHOLE_SCENE = "end"  # the name of the only still of a scene without beats and sections


def dry_run_scene(scene_class: type[Scene], task: Task, result: TaskResult) -> None:
    """Play the scene without drawing, call the observers, and draw stills if the task asks."""
    renderer = FrameByFrameRenderer if task.frame_observers else DryRunRenderer
    scene: Any = create_scene(scene_class, renderer, NullFileWriter)
    frame_observers: dict[str, FrameObserver] = {}
    observed: dict[str, list[Any]] = {name: [] for name in task.beat_observers}
    functions = {name: import_function(name) for name in task.beat_observers}
    stills: list[Still] = []
    beat_scene = as_beat_scene(scene)
    if beat_scene is not None:
        for name, function in functions.items():
            _observe(beat_scene, function, observed[name])
        frame_observers = {n: import_function(n)(scene) for n in task.frame_observers}
    if task.kind is TaskKind.STILLS:
        _draw_beats(scene, beat_scene, task, stills)
    if frame_observers:
        play_frames(scene, *frame_observers.values())
    else:
        play_scene(scene)
    observed |= {name: observer.result() for name, observer in frame_observers.items()}
    if task.kind is TaskKind.STILLS and not stills:
        stills.append(_draw_still(scene, task, 1, WHOLE_SCENE))
    manifest = scene_manifest(scene, float(scene.camera.frame_rate))
    result.dry_run = DryRunResult(manifest, observed, stills)


def _draw_beats(scene: Any, beat_scene: BeatScene | None, task: Task, stills: list[Still]) -> None:
    """Have a still drawn at the end of each beat, or of each section of an ordinary scene."""

    def draw(name: str, words: str = "") -> None:
        stills.append(_draw_still(scene, task, len(stills) + 1, name, words))

    def draw_section(name: str) -> None:
        only = [name for name, _ in writer.section_starts] == [AUTOMATIC_SECTION]
        draw(WHOLE_SCENE if only else name)

    def draw_beat(_: Any, beat: Any) -> None:
        skipped = scene.renderer.skipped
        if not skipped.intervals or skipped.in_video(beat.end) > skipped.in_video(beat.start):
            draw(beat.name, getattr(beat, "caption", ""))

    writer = scene.renderer.file_writer
    if not _can_draw(scene):
        raise RenderError(
            "the scene brings a renderer or a file writer of its own, which draws no stills.",
            where=str(task.job.target.file),
        )
    if beat_scene is not None:
        beat_scene.beat_observers.append(draw_beat)
    else:
        scene.renderer.every_frame = True  # its updaters may do anything
        writer.section_ended = draw_section


def _can_draw(scene: Any) -> bool:
    """Whether the scene uses our renderer, and not one that it brings itself."""
    renderer = scene.renderer
    return type(renderer) is DryRunRenderer and type(renderer.file_writer) is NullFileWriter


def render_last_frame(scene_class: type[Scene], task: Task, result: TaskResult) -> bool:
    """Play the scene as in its video, and write its final state as a PNG.

    Does nothing and returns False for a scene with a renderer of its own.
    """
    scene: Any = create_scene(scene_class, DryRunRenderer, NullFileWriter)
    if not _can_draw(scene):
        return False
    scene.renderer.every_frame = True
    play_scene(scene)
    path = task.folder / "video.png"
    _write_picture(scene, path, transparent=task.job.profile.transparent)
    result.frames = 1
    rate = float(config.frame_rate)
    result.video = VideoResult(
        file=path,
        manifest=scene_manifest(scene, rate),
        subcaptions=subcaptions(scene.renderer),
        size=(int(config.pixel_width), int(config.pixel_height)),
        rate=rate,
    )
    return True


def import_function(name: str) -> Callable[..., Any]:
    """The function that a "module:function" text names."""
    module, _, attribute = name.partition(":")
    return getattr(importlib.import_module(module), attribute)  # type: ignore[no-any-return]


def _observe(scene: BeatScene, function: Callable[[Any, Any], Any], results: list[Any]) -> None:
    scene.beat_observers.append(lambda s, beat: results.append(function(s, beat)))


def _draw_still(scene: Any, task: Task, number: int, name: str, words: str = "") -> Still:
    """Draw the scene in its present state to a file in the task's folder.

    `words` are what is said in the beat.
    """
    path = task.folder / f"{number:02}-{slug(name)}.{task.job.still_format}"
    title = f"{task.job.target.name}: {name}"
    transparent = task.job.profile.transparent
    _write_picture(scene, path, transparent=transparent, title=title, description=words)
    return Still(name, path)


def _write_picture(
    scene: Any, path: Path, *, transparent: bool, title: str = "", description: str = ""
) -> None:
    if path.suffix != ".png":
        write_vector(scene, path, transparent=transparent, title=title, description=description)
        return
    if transparent:
        clear_background(scene.camera)
    scene.renderer.draw_now(scene)
    pixels = scene.camera.pixel_array
    Image.fromarray(unpremultiply(pixels) if transparent else pixels[..., :3]).save(path)
