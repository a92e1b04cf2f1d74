"""The protocol of scenes that are divided into beats, and the manifest of any scene.

A beat scene describes itself. An ordinary Manim scene is described by its sections. A class counts
as a beat scene only if all members of the protocol have the right type, because an ordinary scene
may use any of these names for something else.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Protocol, cast

from manim import Scene

from deltarender.engine.scene_output_checks import require_manifest
from deltarender.engine.skip_aware_renderer import SkippedTime, skipped_time

BeatObserver = Callable[[Any, Any], object]  # called as observer(scene, beat)


class BeatScene(Protocol):
    """A scene that reports its beats."""

    beat_observers: list[BeatObserver]  # called at the end of each beat; set in __init__

    @classmethod
    def with_params(cls, raw: Mapping[str, str]) -> type[Scene]:
        """A subclass with parameters parsed from text."""
        ...

    def manifest(self) -> dict[str, Any]:
        """The scene as JSON-ready data: claim, inputs, beats with their numbers, tape."""
        ...


def as_beat_scene_class(scene_class: type[Scene]) -> type[BeatScene] | None:
    """`scene_class` if it has the methods of the protocol, else None."""
    has_params = isinstance(inspect.getattr_static(scene_class, "with_params", None), classmethod)
    has_manifest = inspect.isfunction(inspect.getattr_static(scene_class, "manifest", None))
    return cast(type[BeatScene], scene_class) if has_params and has_manifest else None


def as_beat_scene(scene: Scene) -> BeatScene | None:
    """`scene` if it implements the whole protocol, else None."""
    # Not getattr, which would run a property of an ordinary scene.
    observers = inspect.getattr_static(scene, "beat_observers", None)
    if as_beat_scene_class(type(scene)) is None or not isinstance(observers, list):
        return None
    return cast(BeatScene, scene)


def scene_manifest(scene: Any, rate: float) -> dict[str, Any]:
    """The manifest of a scene that has run at `rate` frames per second.

    Raises RenderError for a manifest that is not valid JSON data.
    """
    beat_scene = as_beat_scene(scene)
    if beat_scene is None:
        return require_manifest(_section_manifest(scene, rate))
    manifest = require_manifest(beat_scene.manifest())
    skipped = skipped_time(scene.renderer)
    if skipped.intervals:
        manifest["beats"] = list(_shown_beats(manifest["beats"], skipped))
    return manifest


def _shown_beats(beats: Iterable[dict[str, Any]], skipped: SkippedTime) -> Iterator[dict[str, Any]]:
    """The beats that are in the video, with their times there."""
    for beat in beats:
        start, end = (skipped.in_video(beat[key]) for key in ("start", "end"))
        if end > start:
            sentences = [
                {**sentence, "start": skipped.in_video(sentence["start"])}
                for sentence in beat.get("sentences", [])
            ]
            more = {"sentences": sentences} if sentences else {}
            yield {**beat, "start": start, "end": end, **more}


def _section_manifest(scene: Any, rate: float) -> dict[str, Any]:
    """An ordinary Manim scene, with one beat for each section that has frames."""
    writer = scene.renderer.file_writer
    starts = getattr(writer, "section_starts", [])
    ends = [start for _, start in starts[1:]] + [getattr(writer, "frames", 0)]
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
