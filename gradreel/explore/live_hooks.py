"""What a live scene's process tells of a lecture scene, and how a state is set there.

The functions are the hooks of deltarender.live: they run in the process of the scene.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from manim import Mobject, ValueTracker
from manim.utils.iterables import list_update

from gradreel.draw.formula import Formula
from gradreel.draw.numbers import Numbered, Readout, ShownNumber, numbers_in
from gradreel.draw.plane import Plane
from gradreel.lecture.drag import Drag
from gradreel.lecture.lecture_scene import LectureScene
from gradreel.params import SceneParams, describe_type

SETTLE = 2  # updates after a change: a mobject may follow another that is updated after it

_initial: dict[str, float] = {}  # the trackers' values at this step; a process keeps one step


def describe(scene: Any) -> dict[str, Any]:
    """The parameters of `scene` and what can be dragged in it."""
    if not isinstance(scene, LectureScene):
        return {"params": [], "inputs": {}, "drags": [], "opens_at": -1}
    return {
        "params": _describe_params(type(scene.params)),
        "inputs": scene.params.model_dump(mode="json"),
        "drags": [_describe_drag(scene, drag) for drag in scene.touch],
        "opens_at": _opens_at(scene),
    }


def _opens_at(scene: LectureScene) -> int:
    """The index of the beat at which a recorded page stands; -1 is the last."""
    wanted = [drag.opens_at for drag in scene.touch if drag.opens_at]
    names = [beat.name for beat in scene.beats]
    return names.index(wanted[0]) if wanted and wanted[0] in names else -1


def _describe_params(params: type[SceneParams]) -> list[dict[str, Any]]:
    """Name, JSON schema (type, limits, choices, description) and words of each parameter."""
    properties = params.model_json_schema().get("properties", {})
    return [
        {"name": name, "words": describe_type(field), "schema": properties[name]}
        for name, field in params.model_fields.items()
    ]


def _describe_drag(scene: LectureScene, drag: Drag) -> dict[str, Any]:
    low, high = drag.bounds(scene.params)
    return {
        "name": drag.tracker, "label": drag.label, "low": low, "high": high, "log": drag.log,
        "step": drag.step or (high - low) / 100, "declared_step": drag.step, "axis": drag.axis,
        "track": _track(scene, drag, low, high),
    }  # fmt: skip


def _track(scene: LectureScene, drag: Drag, low: float, high: float) -> list[float] | None:
    """The pixel positions of `low` and `high` on the plane, as x0, y0, x1, y1; None without one."""
    plane = getattr(scene, drag.plane, None) if drag.plane else None
    if not isinstance(plane, Plane):
        return None
    (x0, x1), (y0, y1) = plane.x_range, plane.y_range
    if drag.axis == "x":
        ends = plane.point(low, y0), plane.point(high, y1)
    else:
        ends = plane.point(x0, low), plane.point(x1, high)
    return [*_pixel(scene, ends[0]), *_pixel(scene, ends[1])]


def change(scene: Any, values: Mapping[str, float]) -> None:
    """Set the trackers that `values` names; all others return to what they were at this step.

    The caption speaks of this step's numbers, so it is shown only while nothing is moved.
    """
    if not isinstance(scene, LectureScene):
        return
    trackers = dict(_trackers(scene))
    if not _initial:
        _initial.update((name, tracker.get_value()) for name, tracker in trackers.items())
    for name, tracker in trackers.items():
        tracker.set_value(values.get(name, _initial[name]))
    scene.set_caption_visible(not values)
    for _ in range(SETTLE):
        scene.update_mobjects(0)


def _trackers(scene: LectureScene) -> Iterator[tuple[str, ValueTracker]]:
    """The trackers that can be dragged and exist at this step."""
    for drag in scene.touch:
        tracker = getattr(scene, drag.tracker, None)
        if isinstance(tracker, ValueTracker):
            yield drag.tracker, tracker


def read(scene: Any) -> dict[str, Any]:
    """The numbers that are shown, with their boxes in pixels, and the trackers' values."""
    if not isinstance(scene, LectureScene):
        return {"numbers": [], "values": {}, "caption": ""}
    return {
        "numbers": list(_numbers(scene)),
        "values": {name: tracker.get_value() for name, tracker in _trackers(scene)},
        "caption": scene.visible_caption,
    }


def _numbers(scene: LectureScene) -> Iterator[dict[str, Any]]:
    for mobject in list_update(scene.mobjects, scene.foreground_mobjects):
        for number, part in _number_parts(mobject):
            if part.family_members_with_points():
                yield {
                    "text": number.text,
                    "value": float(number.quantity),
                    "source": number.quantity.source,
                    "box": _box(scene, part),
                }


def _number_parts(mobject: Mobject) -> Iterator[tuple[ShownNumber, Mobject]]:
    """Every visible number below `mobject`, with the part of the picture that shows it."""
    for part in mobject.get_family():
        if isinstance(part, Formula) and list(numbers_in([part])):
            yield from part.number_parts()
        elif isinstance(part, (Readout, Numbered)):
            yield from ((number, part) for number in numbers_in([part]))


def _box(scene: LectureScene, mobject: Mobject) -> list[float]:
    """left, top, right, bottom in pixels."""
    left, bottom = _pixel(scene, mobject.get_corner((-1, -1, 0)))
    right, top = _pixel(scene, mobject.get_corner((1, 1, 0)))
    return [left, top, right, bottom]


def _pixel(scene: LectureScene, position: Any) -> tuple[float, float]:
    camera: Any = scene.renderer.camera
    per_unit = camera.pixel_width / camera.frame_width
    x, y = position[0] - camera.frame_center[0], position[1] - camera.frame_center[1]
    return (
        round(float(camera.pixel_width / 2 + x * per_unit), 1),
        round(float(camera.pixel_height / 2 - y * per_unit), 1),
    )
