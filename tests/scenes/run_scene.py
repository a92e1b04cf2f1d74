"""Plays a scene without drawing it, for tests of what it shows and says."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Iterator
from typing import Any

from manim import tempconfig

from deltarender.engine.manim_patches import PATCHES
from deltarender.engine.patching import applied
from gradreel.catalog import find_entries
from gradreel.draw.formula import number_as_text
from gradreel.lint import layout_faults

NUMBER = re.compile(r"(?<![\w.])−?\d+(?:\.\d+)?(?:×10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?")
NAME_WITH_DIGITS = re.compile(r"[^\W\d]\w*\d\w*")


def dry_run(name: str, observer: Callable[..., Any] | None = None, /, **params: object) -> Any:
    """A scene of the lecture, played to its end.

    `observer` is called with the scene and the beat at the end of each beat. `scene.faults` are the
    scene's faults of layout, `scene.unsourced` the numbers in captions that no Quantity gave.
    """
    (entry,) = find_entries(name)
    chapter = [entry.file.parent.name] if entry.chapter else []
    module = ".".join(["gradreel.scenes", *chapter, entry.file.stem])
    kind = getattr(importlib.import_module(module), name)
    kind = kind.with_params({key: str(value) for key, value in params.items()})
    settings = {"quality": "low_quality", "disable_caching": True}
    with tempconfig(settings), applied(*PATCHES):
        scene = kind(skip_animations=True)
        scene.faults, scene.unsourced = [], []
        scene.beat_observers.append(lambda s, beat: s.faults.extend(layout_faults(s, beat)))
        scene.beat_observers.append(lambda s, _: s.unsourced.extend(unsourced_numbers(s)))
        if observer is not None:
            scene.beat_observers.append(observer)
        scene.setup()
        scene.construct()
    return scene


def unsourced_numbers(scene: Any) -> Iterator[str]:
    """The numbers in the caption on screen that are not the text of one of its Quantities.

    Digits within a name are no number: MulBackward0, fc1. It must be a name of the tape.
    """
    caption = scene._caption
    quantities = {number_as_text(number.quantity) for number in caption.shown_numbers}
    yield from (text for text in NUMBER.findall(caption.words) if text not in quantities)
    names = tape_names(scene.tape)
    yield from (text for text in NAME_WITH_DIGITS.findall(caption.words) if text not in names)


def tape_names(tape: Any) -> set[str]:
    """The names in a tape: of variables, modules and parameters, and of nodes."""
    ops = tape.ops if tape is not None else ()
    return {part for op in ops for part in (*op.name.split("."), op.grad_fn) if part}


def manifest_of(
    name: str, observer: Callable[..., Any] | None = None, **params: object
) -> dict[str, Any]:
    """The manifest of a scene that is played with these parameters."""
    result: dict[str, Any] = dry_run(name, observer, **params).manifest()
    return result


def number_texts(result: dict[str, Any], beat: str) -> list[str]:
    """The texts of the numbers shown at one beat."""
    row = next(row for row in result["beats"] if row["name"] == beat)
    return [number["text"] for number in row["numbers"]]


def numbers(scene: Any, source: str = "", beat: str = "") -> list[float]:
    """Every number shown whose source begins with `source`, in the order of the beats."""
    return [
        n["value"]
        for row in scene.manifest()["beats"]
        if beat in ("", row["name"])
        for n in row["numbers"]
        if n["source"].startswith(source)
    ]


def captions_of(scene: Any) -> str:
    """All captions, one after the other."""
    return " ".join(beat["say"] for beat in scene.manifest()["beats"])


def duration(scene: Any) -> float:
    """The duration of the video in seconds."""
    end: float = scene.manifest()["beats"][-1]["end"]
    return end
