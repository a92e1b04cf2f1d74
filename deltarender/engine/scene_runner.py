"""A scene is made and run: drawn into a film, rehearsed without drawing, or drawn beat by beat."""

from __future__ import annotations

import importlib
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import manim.scene.scene
from manim import Scene, config
from manim.manager import Manager
from manim.renderer.cairo_renderer import CairoRenderer
from PIL import Image

from deltarender.beat_names import slug
from deltarender.encoding import gif, vector_export
from deltarender.encoding.alpha import TransparentRenderer, unpremultiply
from deltarender.engine import manim_config, seeding
from deltarender.engine.dry_run import DryRunRenderer, NullFileWriter
from deltarender.engine.file_writer import RangeComplete, SingleFileWriter
from deltarender.engine.incremental_renderer import IncrementalRenderer
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

PROGRESS_EVERY = 0.25  # seconds

Tell = Callable[[int], None]


def run_task(task: Task, outcome: TaskResult, tell: Tell, note: Callable[[str], None]) -> None:
    """Run the scene of `task` and fill `outcome`; `note` counts a file as read."""
    if task.part is not None:
        seeding.seed_everything(task.part.seed)
    kind = manim_config.scene_class(task.job.target, dict(task.job.params))
    if task.kind is TaskKind.RENDER:
        if task.job.profile.fast_path:
            _film(kind, task, outcome, tell, note)
        elif gif.possible(task.job.profile):
            _film(kind, task, outcome, tell, note)
            _as_gif(outcome, task)
        else:
            _film_by_manim(kind, task, outcome, "its own writer is needed for this format")
    else:
        _rehearse(kind, task, outcome)


def _made(kind: type[Scene], renderer: Any, writer: Any = None) -> Scene:
    """An instance whose renderer, made by the scene itself, is `renderer`.

    Only a scene knows its camera, so the class that it makes a renderer from is replaced.
    """

    def make(*args: Any, **kwargs: Any) -> Any:
        if writer is not None:
            kwargs.setdefault("file_writer_class", writer)
        return renderer(*args, **kwargs)

    manim.scene.scene.CairoRenderer = make  # type: ignore[assignment,attr-defined]
    try:
        scene = kind()
    finally:
        manim.scene.scene.CairoRenderer = CairoRenderer  # type: ignore[attr-defined]
    return scene


def _run(scene: Scene) -> None:
    if scene.manager is None:
        Manager(scene)
    scene.render()


def _film(
    kind: type[Scene], task: Task, outcome: TaskResult, tell: Tell, note: Callable[[str], None]
) -> None:
    SingleFileWriter.target = task.folder / "video.mp4"
    SingleFileWriter.encode = task.job.profile.encode
    SingleFileWriter.part = task.part or FrameRange()
    scene = _made(kind, IncrementalRenderer, SingleFileWriter)
    renderer: Any = scene.renderer
    reason = _fallback_reason(renderer, task.job.profile)
    if reason:
        if task.part is not None:
            raise UnsplittableError(reason)
        _film_by_manim(kind, task, outcome, reason)
        return
    writer = renderer.file_writer
    spec: Any = writer.settings.video_encoder
    whole = True
    with _telling(tell, lambda: writer.encoder.frames):
        try:
            _run(scene)
        except RangeComplete:
            whole = False
            writer.encoder.close()
    for sound in writer.sounds:
        note(str(sound))
    outcome.frames = writer.encoder.frames
    if whole and not writer.frames and writer.picture is None:
        raise RenderError(
            "it has no frames: all of its animations are skipped.",
            where=str(task.job.target.file),
            hint="Look for next_section(skip_animations=True).",
        )
    path = writer.picture or writer.target
    outcome.video = VideoResult(
        file=None if SingleFileWriter.part.empty else Path(path),
        manifest=_score(scene, float(writer.rate)) if whole else None,
        subcaptions=_subcaptions(writer),
        size=(spec.width, spec.height),
        rate=float(writer.rate),
        sound=Path(writer.sound) if writer.sound else None,
        stages={**renderer.seconds, **writer.encoder.seconds},
        segment=SegmentFacts(writer.frames, sorted(writer.cuts), writer.seen),
    )


def _subcaptions(writer: Any) -> list[tuple[float, float, str]]:
    """Manim's subcaptions as (start, end, text), in seconds."""
    return [(c.start.total_seconds(), c.end.total_seconds(), c.content) for c in writer.subcaptions]


def _fallback_reason(renderer: Any, profile: RenderSettings) -> str:
    """Why our own encoder cannot make the film that the scene asks for; "" if it can."""
    if type(renderer) is not IncrementalRenderer:
        return f"the scene brings a renderer of its own ({type(renderer).__name__})"
    asked = renderer.file_writer.output_spec
    if (asked.format.value, asked.transparent) != (profile.format, profile.transparent):
        looks = "transparent " if asked.transparent else ""
        return f"the scene's file sets Manim's output to {looks}{asked.format.value}"
    if type(renderer.file_writer) is not SingleFileWriter:
        return "the scene brings a file writer of its own"
    return ""


def _as_gif(outcome: TaskResult, task: Task) -> None:
    video = outcome.made_video
    if video.file is not None and video.file.suffix == ".mp4":
        target = task.folder / "video.gif"
        outcome.frames, video.rate = gif.made(video.file, target)
        video.file = target


def _film_by_manim(kind: type[Scene], task: Task, outcome: TaskResult, reason: str) -> None:
    scene: Any = _made(kind, TransparentRenderer) if task.job.profile.transparent else kind()
    _run(scene)
    writer = scene.renderer.file_writer
    made = getattr(writer, "final_file_path", None)
    if made is None or not Path(made).is_file():
        raise RenderError("Manim's own writer has left no file.", where=str(task.job.target.file))
    # Cameras of other renderers do not tell their size and rate in one way.
    rate = float(config.frame_rate)
    still = Path(made).suffix == ".png"
    outcome.frames = 1 if still else round(scene.renderer.time * rate)
    outcome.video = VideoResult(
        file=Path(made),
        manifest=_score(scene, rate),
        subcaptions=_subcaptions(writer),
        size=(int(config.pixel_width), int(config.pixel_height)),
        rate=rate,
        fallback_reason=reason,
    )


def _rehearse(kind: type[Scene], task: Task, outcome: TaskResult) -> None:
    scene = _made(kind, DryRunRenderer, NullFileWriter)
    watched: dict[str, list[Any]] = {text: [] for text in task.beat_observers}
    pictures: list[str] = []
    for text in task.beat_observers:
        _watch(scene, _function(text), watched[text])
    if task.kind is TaskKind.STILLS:
        _watch_beats(scene, lambda beat: pictures.append(_still(scene, task, pictures, beat)))
    _run(scene)
    if task.kind is TaskKind.STILLS and not pictures:
        pictures.append(_still(scene, task, pictures, None))
    manifest = _score(scene, float(scene.camera.frame_rate))
    outcome.dry_run = DryRunResult(manifest, watched, [Path(path) for path in pictures])


def _function(text: str) -> Callable[[Any, Any], Any]:
    module, _, name = text.partition(":")
    return getattr(importlib.import_module(module), name)  # type: ignore[no-any-return]


def _watch(scene: Any, function: Callable[[Any, Any], Any], results: list[Any]) -> None:
    if hasattr(scene, "beat_observers"):
        scene.beat_observers.append(lambda s, beat: results.append(function(s, beat)))


def _watch_beats(scene: Any, act: Callable[[Any], None]) -> None:
    if hasattr(scene, "beat_observers"):
        scene.beat_observers.append(lambda _, beat: act(beat))


def _still(scene: Any, task: Task, before: list[str], beat: Any) -> str:
    """Draw the scene as it is now into scratch, under the name it will have."""
    kind, clear = task.job.still_format, task.job.profile.transparent
    path = task.folder / f"{len(before) + 1:02}-{slug(beat.name if beat else 'end')}.{kind}"
    if kind == "png":
        if clear:
            # Manim leaves the colour there, which would shine through whatever is half clear.
            scene.camera.background[...] = 0
        scene.renderer.draw_now(scene)
        pixels = scene.camera.pixel_array
        Image.fromarray(unpremultiply(pixels) if clear else pixels[..., :3]).save(path)
    else:
        vector_export.draw(scene, path, transparent=clear)
    return str(path)


def _score(scene: Any, rate: float) -> dict[str, Any]:
    """What the scene says of itself; for an ordinary Manim scene, its sections."""
    if hasattr(scene, "beat_observers"):  # a scene told in beats; any class may have a `manifest`
        described: dict[str, Any] = scene.manifest()
        return described
    starts = getattr(scene.renderer.file_writer, "section_starts", [])
    ends = [start for _, start in starts[1:]] + [round(scene.renderer.time * rate)]
    beats = [
        {
            "name": name, "say": "", "start": start / rate, "end": end / rate,
            "loop": False, "numbers": [],
        }
        for (name, start), end in zip(starts, ends, strict=False)
        if end > start
    ]  # fmt: skip
    doc = type(scene).__doc__ or ""
    claim = "" if type(scene).__doc__ is Scene.__doc__ else doc.strip().partition("\n")[0]
    return {
        "scene": type(scene).__name__, "claim": claim, "inputs": {}, "beats": beats, "tape": None
    }  # fmt: skip


class _telling:
    """Tells the number of frames now and then while a block runs."""

    def __init__(self, tell: Tell, frames: Callable[[], int]) -> None:
        self._tell, self._frames = tell, frames
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._go, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._end.set()
        # Two threads must not write into one pipe at once.
        self._thread.join()

    def _go(self) -> None:
        while not self._end.wait(PROGRESS_EVERY):
            self._tell(self._frames())
