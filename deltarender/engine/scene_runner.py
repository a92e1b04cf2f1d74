"""Runs one scene in a worker: renders it to a video, dry-runs it, or draws a still per beat."""

from __future__ import annotations

import importlib
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import manim.scene.scene
from manim import Scene, config
from manim.manager import Manager
from PIL import Image

from deltarender.beat_names import slug
from deltarender.encoding import gif
from deltarender.encoding.alpha import unpremultiply
from deltarender.encoding.vector_export import write_vector
from deltarender.engine.beat_scene import BeatScene, as_beat_scene, scene_manifest
from deltarender.engine.dry_run import DryRunRenderer, NullFileWriter
from deltarender.engine.file_writer import RangeComplete, SingleFileWriter
from deltarender.engine.incremental_renderer import IncrementalRenderer
from deltarender.engine.library_reads import ReportRead
from deltarender.engine.patching import Patch, applied
from deltarender.engine.scene_loader import load_scene_class
from deltarender.engine.transparent_renderer import TransparentRenderer, clear_background
from deltarender.errors import RenderError, UnsplittableError
from deltarender.jobs import RenderSettings
from deltarender.results import (
    DryRunResult,
    FrameRange,
    SegmentFacts,
    Task,
    TaskKind,
    TaskResult,
    VideoResult,
)

PROGRESS_INTERVAL_S = 0.25

ReportFrames = Callable[[int], None]  # called with the number of frames so far


def run_task(task: Task, result: TaskResult, report: ReportFrames, note: ReportRead) -> None:
    """Run the scene of `task` and fill in `result`."""
    scene_class = load_scene_class(task.job.target, dict(task.job.params))
    if task.kind is TaskKind.RENDER:
        if task.job.profile.fast_path:
            _render(scene_class, task, result, report, note)
        elif gif.can_convert(task.job.profile):
            _render(scene_class, task, result, report, note)
            _convert_to_gif(result, task)
        else:
            _render_with_manim(
                scene_class, task, result, "its own writer is needed for this format"
            )
    else:
        _dry_run(scene_class, task, result)


def create_scene(scene_class: type[Scene], renderer: Any, file_writer: Any = None) -> Scene:
    """An instance of `scene_class` that uses `renderer` in place of CairoRenderer.

    A scene passes its own camera class to the renderer that it creates, so the renderer's class is
    replaced instead of passing an instance.
    """

    def create_renderer(*args: Any, **kwargs: Any) -> Any:
        if file_writer is not None:
            kwargs.setdefault("file_writer_class", file_writer)
        return renderer(*args, **kwargs)

    with applied(renderer_patch(create_renderer)):
        return scene_class()


def renderer_patch(create_renderer: Callable[..., Any]) -> Patch:
    """The replacement of the class from which a scene creates its renderer."""
    return Patch(
        manim.scene.scene, "CairoRenderer", create_renderer,
        "Scene.__init__ creates a CairoRenderer by name, with the scene's camera class",
        "tests/deltarender/engine/test_scene_runner.py"
        "::test_a_scene_keeps_its_camera_class_with_another_renderer",
    )  # fmt: skip


def play_scene(scene: Scene) -> None:
    """Run `scene` from beginning to end."""
    if scene.manager is None:
        Manager(scene)
    scene.render()


def _render(
    scene_class: type[Scene],
    task: Task,
    result: TaskResult,
    report: ReportFrames,
    note: ReportRead,
) -> None:
    """Render to MP4 with the incremental renderer, or with Manim's if the scene requires it."""
    SingleFileWriter.target = task.folder / "video.mp4"
    SingleFileWriter.encode = task.job.profile.encode
    SingleFileWriter.part = task.part or FrameRange()
    scene = create_scene(scene_class, IncrementalRenderer, SingleFileWriter)
    renderer: Any = scene.renderer
    reason = _fallback_reason(renderer, task.job.profile)
    if reason:
        if task.part is not None:
            raise UnsplittableError(reason)
        _render_with_manim(scene_class, task, result, reason)
        return
    writer = renderer.file_writer
    complete = True
    with _ProgressReporter(report, lambda: writer.encoder.frames):
        try:
            play_scene(scene)
        except RangeComplete:
            complete = False
            writer.encoder.close()
    for sound_file in writer.sound_files:
        note(str(sound_file))
    if complete and not writer.frames and writer.still is None:
        raise RenderError(
            "it has no frames: all of its animations are skipped.",
            where=str(task.job.target.file),
            hint="Look for next_section(skip_animations=True).",
        )
    result.frames = writer.encoder.frames
    result.video = _video_result(scene, writer, complete)


def _video_result(scene: Any, writer: SingleFileWriter, complete: bool) -> VideoResult:
    renderer = scene.renderer
    spec: Any = writer.settings.video_encoder  # not None: `writer` encodes a video
    encoder: Any = writer.encoder
    return VideoResult(
        file=None if SingleFileWriter.part.empty else Path(writer.still or writer.target),
        manifest=scene_manifest(scene, float(writer.rate)) if complete else None,
        subcaptions=_subcaptions(writer),
        size=(spec.width, spec.height),
        rate=float(writer.rate),
        sound=Path(writer.soundtrack) if writer.soundtrack else None,
        stages={**renderer.seconds, **encoder.seconds},
        segment=SegmentFacts(writer.frames, sorted(writer.keyframes), writer.boundary_digests),
    )


def _subcaptions(writer: Any) -> list[tuple[float, float, str]]:
    """Manim's subcaptions as (start, end, text), in seconds."""
    return [(c.start.total_seconds(), c.end.total_seconds(), c.content) for c in writer.subcaptions]


def _fallback_reason(renderer: Any, profile: RenderSettings) -> str:
    """Why the scene must be rendered with Manim's own writer; "" if it need not be."""
    if type(renderer) is not IncrementalRenderer:
        return f"the scene brings a renderer of its own ({type(renderer).__name__})"
    output = renderer.file_writer.output_spec
    if (output.format.value, output.transparent) != (profile.format, profile.transparent):
        transparent = "transparent " if output.transparent else ""
        return f"the scene's file sets Manim's output to {transparent}{output.format.value}"
    if type(renderer.file_writer) is not SingleFileWriter:
        return "the scene brings a file writer of its own"
    return ""


def _convert_to_gif(result: TaskResult, task: Task) -> None:
    video = result.rendered_video
    if video.file is not None and video.file.suffix == ".mp4":  # not the PNG of a still scene
        target = task.folder / "video.gif"
        result.frames, video.rate = gif.convert(video.file, target)
        video.file = target


def _render_with_manim(
    scene_class: type[Scene], task: Task, result: TaskResult, reason: str
) -> None:
    transparent = task.job.profile.transparent
    scene: Any = create_scene(scene_class, TransparentRenderer) if transparent else scene_class()
    play_scene(scene)
    writer = scene.renderer.file_writer
    path = getattr(writer, "final_file_path", None)
    if path is None or not Path(path).is_file():
        raise RenderError("Manim's own writer has left no file.", where=str(task.job.target.file))
    # From the configuration: cameras of other renderers have other attributes for size and rate.
    rate = float(config.frame_rate)
    is_still = Path(path).suffix == ".png"
    result.frames = 1 if is_still else round(scene.renderer.time * rate)
    result.video = VideoResult(
        file=Path(path),
        manifest=scene_manifest(scene, rate),
        subcaptions=_subcaptions(writer),
        size=(int(config.pixel_width), int(config.pixel_height)),
        rate=rate,
        fallback_reason=reason,
    )


def _dry_run(scene_class: type[Scene], task: Task, result: TaskResult) -> None:
    """Play the scene without drawing, call the observers, and draw stills if the task asks."""
    scene: Any = create_scene(scene_class, DryRunRenderer, NullFileWriter)
    results: dict[str, list[Any]] = {name: [] for name in task.beat_observers}
    stills: list[Path] = []
    beat_scene = as_beat_scene(scene)
    if beat_scene is not None:
        for name in task.beat_observers:
            _observe(beat_scene, import_function(name), results[name])
        if task.kind is TaskKind.STILLS:
            beat_scene.beat_observers.append(
                lambda _, beat: stills.append(_write_still(scene, task, len(stills) + 1, beat.name))
            )
    else:
        for name in task.beat_observers:
            import_function(name)  # an unknown observer is an error for every scene
    play_scene(scene)
    if task.kind is TaskKind.STILLS and not stills:
        stills.append(_write_still(scene, task, 1, "end"))
    manifest = scene_manifest(scene, float(scene.camera.frame_rate))
    result.dry_run = DryRunResult(manifest, results, stills)


def import_function(name: str) -> Callable[..., Any]:
    """The function that a "module:function" text names."""
    module, _, attribute = name.partition(":")
    return getattr(importlib.import_module(module), attribute)  # type: ignore[no-any-return]


def _observe(scene: BeatScene, function: Callable[[Any, Any], Any], results: list[Any]) -> None:
    scene.beat_observers.append(lambda s, beat: results.append(function(s, beat)))


def _write_still(scene: Any, task: Task, number: int, name: str) -> Path:
    """Draw the scene in its present state to a file in the task's folder; return its path."""
    suffix, transparent = task.job.still_format, task.job.profile.transparent
    path = task.folder / f"{number:02}-{slug(name)}.{suffix}"
    if suffix == "png":
        if transparent:
            clear_background(scene.camera)
        scene.renderer.draw_now(scene)
        pixels = scene.camera.pixel_array
        Image.fromarray(unpremultiply(pixels) if transparent else pixels[..., :3]).save(path)
    else:
        write_vector(scene, path, transparent=transparent)
    return path


class _ProgressReporter:
    """Reports the number of frames from a thread, at intervals, while a block runs."""

    def __init__(self, report: ReportFrames, frame_count: Callable[[], int]) -> None:
        self._report, self._frame_count = report, frame_count
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        # Two threads must not write to one pipe at the same time.
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(PROGRESS_INTERVAL_S):
            self._report(self._frame_count())
