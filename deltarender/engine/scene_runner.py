"""Runs one scene in a worker: renders it to a video, dry-runs it, or draws a still per beat."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from manim import Scene, config

from deltarender.encoding import gif
from deltarender.engine.asset_read_hooks import ReportRead
from deltarender.engine.beat_scene import scene_manifest
from deltarender.engine.file_writer import RangeComplete, SingleFileWriter
from deltarender.engine.incremental_renderer import IncrementalRenderer
from deltarender.engine.scene_loader import load_scene_class
from deltarender.engine.scene_setup import create_scene, play_scene, subcaptions
from deltarender.engine.scene_stills import dry_run_scene, render_last_frame
from deltarender.engine.skip_aware_renderer import skipped_time
from deltarender.engine.tagged_segments import ProResWriter, TaggedWriter
from deltarender.engine.transparent_renderer import TransparentRenderer
from deltarender.errors import RenderError, UnsplittableError
from deltarender.jobs import PRORES, RenderSettings
from deltarender.results import (
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
        elif task.job.profile.format == "png" and render_last_frame(scene_class, task, result):
            pass
        elif gif.can_convert(task.job.profile):
            _render(scene_class, task, result, report, note)
            _convert_to_gif(result, task)
        else:
            _render_with_manim(
                scene_class, task, result, "its own writer is needed for this format"
            )
    else:
        dry_run_scene(scene_class, task, result)


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
        _render_otherwise(scene_class, renderer, task, result, reason)
        return
    _require_even_size(task.job.target.file)
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
        renderer.draw_end(scene)
        writer.save_image(renderer.get_frame())
        result.notes.append("all of its animations are skipped: this is its end")
    result.frames = writer.encoder.frames
    result.video = _video_result(scene, writer, complete)


def _render_otherwise(
    scene_class: type[Scene], renderer: Any, task: Task, result: TaskResult, reason: str
) -> None:
    """Render a scene whose own file asks for another output than the job's."""
    is_still = renderer.file_writer.output_spec.is_still
    if is_still and render_last_frame(scene_class, task, result):
        result.notes.append(reason)
    else:
        _render_with_manim(scene_class, task, result, reason)


def _video_result(scene: Any, writer: SingleFileWriter, complete: bool) -> VideoResult:
    renderer = scene.renderer
    spec: Any = writer.settings.video_encoder  # not None: `writer` encodes a video
    encoder: Any = writer.encoder
    return VideoResult(
        file=None if SingleFileWriter.part.empty else Path(writer.still or writer.target),
        manifest=scene_manifest(scene, float(writer.rate)) if complete else None,
        subcaptions=subcaptions(renderer),
        size=(spec.width, spec.height),
        rate=float(writer.rate),
        sound=Path(writer.soundtrack) if writer.soundtrack else None,
        stages={**renderer.seconds, **encoder.seconds},
        segment=SegmentFacts(writer.frames, sorted(writer.keyframes), writer.boundary_digests),
    )


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


def _require_even_size(scene_file: Path) -> None:
    if config.pixel_width % 2 or config.pixel_height % 2:
        raise RenderError(
            f"it sets the size {config.pixel_width}x{config.pixel_height}: H.264 needs even sizes.",
            where=str(scene_file),
            hint="Set config.pixel_width and config.pixel_height to even numbers.",
        )


def _convert_to_gif(result: TaskResult, task: Task) -> None:
    video = result.rendered_video
    if video.file is not None and video.file.suffix == ".mp4":  # not the PNG of a still scene
        target = task.folder / "video.gif"
        result.frames, video.rate = gif.convert(video.file, target)
        video.file = target


def _render_with_manim(
    scene_class: type[Scene], task: Task, result: TaskResult, reason: str
) -> None:
    profile = task.job.profile
    renderer = TransparentRenderer if profile.transparent else IncrementalRenderer
    writer_class = ProResWriter if profile.encode == PRORES else TaggedWriter
    scene: Any = create_scene(scene_class, renderer, writer_class)
    play_scene(scene)
    writer = scene.renderer.file_writer
    path = getattr(writer, "final_file_path", None)
    if path is None or not Path(path).is_file():
        raise RenderError("Manim's own writer has left no file.", where=str(task.job.target.file))
    # From the configuration: cameras of other renderers have other attributes for size and rate.
    rate = float(config.frame_rate)
    is_still = Path(path).suffix == ".png"
    seconds = skipped_time(scene.renderer).in_video(scene.renderer.time)
    result.frames = 1 if is_still else round(seconds * rate)
    result.video = VideoResult(
        file=Path(path),
        manifest=scene_manifest(scene, rate),
        subcaptions=subcaptions(scene.renderer),
        size=(int(config.pixel_width), int(config.pixel_height)),
        rate=rate,
        fallback_reason=reason,
    )


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
