"""Plays a scene without drawing it, for tests of what it shows."""

from __future__ import annotations

import importlib
import re
import tempfile
from functools import cache
from typing import Any

from manim import tempconfig

from gradreel.lint import faults


@cache
def _media() -> str:
    """A folder for this process alone: processes that share a cache of Typst race."""
    return tempfile.mkdtemp(prefix="gradreel-rehearsal-")


def rehearse(name: str, **params: object) -> Any:
    """A scene of the lecture, played to its end; `scene.faults` are its faults of layout."""
    module = re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower()
    kind = getattr(importlib.import_module(f"scenes.{module}"), name)
    kind = kind.with_params({key: str(value) for key, value in params.items()})
    quiet = {"media_dir": _media(), "progress_bar": "none", "verbosity": "ERROR"}
    with tempconfig({**quiet, "quality": "low_quality", "disable_caching": True}):
        scene = kind(skip_animations=True)
        scene.faults = []
        scene.watchers.append(lambda s, beat: s.faults.extend(faults(s, beat)))
        scene.setup()
        scene.construct()
    return scene


def beats(scene: Any) -> dict[str, dict[str, Any]]:
    """The beats of a played scene by name."""
    return {beat["name"]: beat for beat in scene.score()["beats"]}


def numbers(scene: Any, source: str = "", beat: str = "") -> list[float]:
    """Every number shown whose source begins with `source`, in the order of the film."""
    return [
        n["value"]
        for row in scene.score()["beats"]
        if beat in ("", row["name"])
        for n in row["numbers"]
        if n["source"].startswith(source)
    ]


def length(scene: Any) -> float:
    """Seconds of film."""
    end: float = scene.score()["beats"][-1]["end"]
    return end
