"""What a live scene's process tells of a lecture scene, and how a state is set there.

The functions are the hooks of deltarender.live: they run in the process of the scene.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from operator import attrgetter
from typing import Any

from manim import Mobject, ValueTracker
from manim.utils.iterables import list_update

from gradreel.draw.formula import Formula
from gradreel.draw.numbers import Numbered, Readout, ShownNumber, numbers_in
from gradreel.draw.plane import Plane
from gradreel.errors import UsageError
from gradreel.lecture.controls import Drag, Pick, moved, presses
from gradreel.lecture.lecture_scene import LectureScene
from gradreel.params import SceneParams, describe_type

SETTLE = 2  # updates after a change: a mobject may follow another that is updated after it
BOARD_STEP = "your turn"

_initial: dict[str, float] = {}  # the trackers' values at this step; a process keeps one step


def extend(scene: Any) -> str:
    """Show the scene's board, if it has one; the name of that step, or ""."""
    if not isinstance(scene, LectureScene):
        return ""
    try:
        return BOARD_STEP if _open_board(scene) else ""
    except UsageError:
        scene.board = None  # these parameters make a film, but nothing to touch
        return ""


def _open_board(scene: LectureScene) -> bool:
    """Replace all on stage by the scene's board, if it has one."""
    scene.board = scene.make_board()
    if scene.board is None:
        return False
    scene.set_caption_visible(False)
    scene.remove(*(mobject for mobject in scene.mobjects if mobject is not scene.header))
    scene.add(scene.header, scene.board)
    scene.board.draw(())
    return True


def describe(scene: Any) -> dict[str, Any]:
    """The parameters of `scene` and what can be moved and pressed in it."""
    if not isinstance(scene, LectureScene):
        return {
            "params": [], "inputs": {}, "drags": [], "presses": [], "board": -1, "opens_at": -1
        }  # fmt: skip
    has_board = scene.board is not None
    return {
        "params": _describe_params(type(scene.params)),
        "inputs": scene.params.model_dump(mode="json"),
        "drags": [
            _describe_move(scene, one, on_board)
            for on_board in (False, True)[: 1 + has_board]
            for one in moved(scene.touch, on_board=on_board)
            if _attribute(scene, one.tracker) is not None
        ],
        "presses": [asdict(one) for one in presses(scene.touch) if has_board],
        "board": len(scene.beats) if has_board else -1,
        "opens_at": _opens_at(scene),
    }


def _opens_at(scene: LectureScene) -> int:
    """The index of the beat at which a recorded page stands; -1 is the last."""
    wanted = [one.opens_at for one in scene.touch if isinstance(one, Drag) and one.opens_at]
    names = [beat.name for beat in scene.beats]
    return names.index(wanted[0]) if wanted and wanted[0] in names else -1


def _describe_params(params: type[SceneParams]) -> list[dict[str, Any]]:
    """Name, JSON schema (type, limits, choices, description) and words of each parameter."""
    properties = params.model_json_schema().get("properties", {})
    return [
        {"name": name, "words": describe_type(field), "schema": properties[name]}
        for name, field in params.model_fields.items()
    ]


def _describe_move(scene: LectureScene, one: Drag | Pick, on_board: bool) -> dict[str, Any]:
    row = {"name": one.tracker, "label": one.label, "board": on_board}
    if isinstance(one, Pick):
        names = one.choices(scene.params)
        return {
            **row, "low": 0, "high": len(names) - 1, "step": 1, "declared_step": 1,
            "names": names, "log": False, "axis": "x", "recorded": one.recorded, "track": None,
        }  # fmt: skip
    plane = _plane(scene, one)
    ranges = (plane.x_range, plane.y_range) if plane else ((0.0, 1.0),) * 2
    low, high = one.bounds(scene, ranges[one.axis == "y"])
    return {
        **row, "low": low, "high": high, "log": one.log, "names": (), "axis": one.axis,
        "step": one.step or (high - low) / 100, "declared_step": one.step,
        "recorded": one.recorded, "track": plane and _track(scene, plane, one.axis, low, high),
    }  # fmt: skip


def _plane(scene: LectureScene, drag: Drag) -> Plane | None:
    """The plane over which something is dragged, if it exists at this step."""
    plane = _attribute(scene, drag.plane) if drag.plane else None
    return plane if isinstance(plane, Plane) else None


def _track(scene: LectureScene, plane: Plane, axis: str, low: float, high: float) -> list[float]:
    """The pixel positions of `low` and `high` on the plane, as x0, y0, x1, y1."""
    (x0, x1), (y0, y1) = plane.x_range, plane.y_range
    if axis == "x":
        ends = plane.point(low, y0), plane.point(high, y1)
    else:
        ends = plane.point(x0, low), plane.point(x1, high)
    return [*_pixel(scene, ends[0]), *_pixel(scene, ends[1])]


def _attribute(scene: LectureScene, path: str) -> Any:
    """An attribute of the scene, or of its board; None if it does not exist at this step."""
    try:
        return attrgetter(path)(scene)
    except AttributeError:
        return None


def change(scene: Any, values: Mapping[str, float], pressed: tuple[str, ...]) -> None:
    """Set the trackers that `values` names; all others return to what they were at this step.

    A board is drawn as it is after the presses. The caption speaks of this step's numbers, so it
    is shown only while nothing is moved.
    """
    if not isinstance(scene, LectureScene):
        return
    trackers = dict(_trackers(scene))
    if not _initial:
        _initial.update((name, tracker.get_value()) for name, tracker in trackers.items())
    for name, tracker in trackers.items():
        tracker.set_value(values.get(name, _initial[name]))
    if scene.board is not None:
        scene.board.draw(pressed)
    scene.set_caption_visible(not values and scene.board is None)
    for _ in range(SETTLE):
        scene.update_mobjects(0)


def _trackers(scene: LectureScene) -> Iterator[tuple[str, ValueTracker]]:
    """The trackers that can be moved and exist at this step."""
    for one in moved(scene.touch, on_board=scene.board is not None):
        tracker = _attribute(scene, one.tracker)
        if isinstance(tracker, ValueTracker):
            yield one.tracker, tracker


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
