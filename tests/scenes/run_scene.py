"""Plays a scene without drawing it, for tests of what it shows."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

from manim import tempconfig

from gradreel.catalog import find_entries
from gradreel.lint import layout_faults


def rehearse(name: str, watch: Callable[..., Any] | None = None, /, **params: object) -> Any:
    """A scene of the lecture, played to its end; `scene.faults` are its faults of layout."""
    (entry,) = find_entries(name)
    chapter = [entry.file.parent.name] if entry.chapter else []
    module = ".".join(["gradreel.scenes", *chapter, entry.file.stem])
    kind = getattr(importlib.import_module(module), name)
    kind = kind.with_params({key: str(value) for key, value in params.items()})
    with tempconfig({"quality": "low_quality", "disable_caching": True}):
        scene = kind(skip_animations=True)
        scene.faults = []
        scene.beat_observers.append(lambda s, beat: s.faults.extend(layout_faults(s, beat)))
        if watch is not None:
            scene.beat_observers.append(watch)
        scene.setup()
        scene.construct()
    return scene


def score(name: str, watch: Callable[..., Any] | None = None, **params: object) -> dict[str, Any]:
    """The score of a scene with these parameters; `watch` is called at the end of each beat."""
    result: dict[str, Any] = rehearse(name, watch, **params).manifest()
    return result


def texts(result: dict[str, Any], beat: str) -> list[str]:
    """The numbers shown at one beat, as they stand on screen."""
    row = next(row for row in result["beats"] if row["name"] == beat)
    return [number["text"] for number in row["numbers"]]


def numbers(scene: Any, source: str = "", beat: str = "") -> list[float]:
    """Every number shown whose source begins with `source`, in the order of the film."""
    return [
        n["value"]
        for row in scene.manifest()["beats"]
        if beat in ("", row["name"])
        for n in row["numbers"]
        if n["source"].startswith(source)
    ]


def said(scene: Any) -> str:
    """All captions, one after the other."""
    return " ".join(beat["say"] for beat in scene.manifest()["beats"])


def length(scene: Any) -> float:
    """Seconds of film."""
    end: float = scene.manifest()["beats"][-1]["end"]
    return end
