"""Plays a scene without drawing it, for tests of what it shows and says."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

from manim import Mobject, tempconfig

from deltarender.engine.dry_run import DryRunRenderer, NullFileWriter
from deltarender.engine.manim_patches import PATCHES
from deltarender.engine.patching import applied
from deltarender.engine.scene_setup import create_scene
from gradreel.catalog import find_entries
from gradreel.lecture.controls import moved
from gradreel.lint import layout_faults

WIDE = {"quality": "low_quality", "disable_caching": True}
NARROW = {**WIDE, "pixel_width": 640, "pixel_height": 480, "frame_height": 32 / 3}
"""Manim's settings of a 4:3 picture."""


def dry_run(name: str, observer: Callable[..., Any] | None = None, /, **params: object) -> Any:
    """A scene of the lecture, played to its end.

    `observer` is called with the scene and the beat at the end of each beat. `scene.faults` are the
    scene's faults of layout.
    """
    (entry,) = find_entries(name)
    chapter = [entry.file.parent.name] if entry.chapter else []
    module = ".".join(["gradreel.scenes", *chapter, entry.file.stem])
    kind = getattr(importlib.import_module(module), name)
    return play(kind.with_params({key: str(value) for key, value in params.items()}), observer)


def play(kind: Any, observer: Callable[..., Any] | None = None, settings: Any = WIDE) -> Any:
    """A scene of this class, played to its end with these settings of Manim; see `dry_run`."""
    with tempconfig(settings), applied(*PATCHES):
        scene: Any = create_scene(kind, DryRunRenderer, NullFileWriter)
        scene.faults = []
        scene.beat_observers.append(lambda s, beat: s.faults.extend(layout_faults(s, beat)))
        if moved(scene.touch, on_board=False):
            scene.beat_observers.append(lambda s, _: assert_whole(s))
        if observer is not None:
            scene.beat_observers.append(observer)
        scene.setup()
        scene.construct()
    return scene


def assert_whole(scene: Any) -> None:
    """What can be moved moves all that is shown.

    An animation of a part takes the part out of its group, which then is updated no more.
    """
    shown = {id(part) for mobject in scene.mobjects for part in mobject.get_family()}
    for name, value in vars(scene).items():
        for group in value.get_family() if isinstance(value, Mobject) else ():
            parts = [part for part in group.get_family()[1:] if part.has_points()]
            if group.updaters and id(group) not in shown:
                assert not any(id(part) in shown for part in parts), (name, group)


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
