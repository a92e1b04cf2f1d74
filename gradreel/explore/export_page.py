"""One self-contained page with the recorded states of a scene: no network, no server.

The page holds each contour, each outline made of them, each painted item and each way to paint
once; a state is a list of numbers of items. All of it is one JSON document, compressed, in base64.
"""

from __future__ import annotations

import base64
import html
import importlib.resources
import json
import zlib
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from deltarender.jobs import Job
from gradreel.explore.contours import contours
from gradreel.explore.drawing import UNITS, Item
from gradreel.explore.state_grid import StateGrid, record_same, record_states
from gradreel.lecture_settings import LectureSettings


class Table:
    """Numbers values in the order in which they are first seen."""

    def __init__(self) -> None:
        self._numbers: dict[Hashable, int] = {}

    def number(self, value: Hashable) -> int:
        """The number of `value`."""
        return self._numbers.setdefault(value, len(self._numbers))

    def values(self) -> list[Any]:
        """All values, in order."""
        return list(self._numbers)


@dataclass(frozen=True, slots=True)
class ExplorerPage:
    """A finished page, and how many states it has."""

    html: str
    states: int


def record_page(
    job: Job, *, positions: int = 0, report: Callable[[float], None] = lambda share: None
) -> ExplorerPage:
    """Record the scene of `job` in both themes, at 720p whatever the job says.

    `report` is called with the share that is done, 0 to 1.
    """
    dark, light = (
        replace(job, profile=LectureSettings.of("m", theme=theme)) for theme in ("dark", "light")
    )
    grid = record_states(dark, lambda done, count: report(done / count / 2), positions)
    in_light = record_same(light, grid, lambda done, count: report(0.5 + done / count / 2))
    title = grid.claim or job.target.name
    return ExplorerPage(export_page(grid, in_light, title), len(grid.states))


def export_page(grid: StateGrid, in_light: Sequence[dict[str, Any]], title: str) -> str:
    """The page of a scene; `grid` was recorded in the dark theme, `in_light` are its states."""
    document = pack(grid, in_light)
    data = base64.b64encode(
        zlib.compress(json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode(), 9)
    )
    page = (
        importlib.resources.files("gradreel.explore").joinpath("explorer.html").read_text("utf-8")
    )
    return page.replace("/*TITLE*/", html.escape(title)).replace("/*DATA*/", data.decode())


def pack(grid: StateGrid, in_light: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The states in both themes as one JSON document, every part of them once."""
    outlines, paints, items, numbers = Table(), Table(), Table(), Table()
    states, shown = [], []
    for dark, light in zip(grid.states, in_light, strict=True):
        pairs = zip(dark["items"], light["items"], strict=True)
        states.append([items.number(_packed(a, b, outlines, paints)) for a, b in pairs])
        shown.append([numbers.number(_number(row)) for row in dark["numbers"]])
    pieces = Table()
    placed = [list(_placed(outline, pieces)) for outline in outlines.values()]
    return {
        "claim": grid.claim, "inputs": grid.inputs, "size": grid.size, "units": UNITS,
        "axes": [asdict(axis) for axis in grid.axes],
        "buttons": [asdict(button) for button in grid.buttons],
        "roots": grid.roots, "edges": grid.edges if grid.buttons else [],
        "contours": pieces.values(),
        "outlines": placed,
        "paints": paints.values(),
        "items": items.values(),
        "states": states,
        "numbers": numbers.values(),
        "shown": shown,
        "captions": [row["caption"] for row in grid.states],
    }  # fmt: skip


def _packed(dark: Item, light: Item, outlines: Table, paints: Table) -> tuple[int, ...]:
    """Outline, x, y, and paint in both themes; outlines are those of the dark theme."""
    styles = [
        paints.number((item.fill, item.strokes, item.join, item.cap)) for item in (dark, light)
    ]
    return outlines.number(dark.outline), dark.x, dark.y, *styles


def _placed(outline: bytes, pieces: Table) -> Iterator[int]:
    """For each contour of an outline its number, and where it begins."""
    for contour in contours(outline):
        yield from (pieces.number(contour.commands), contour.x, contour.y)


def _number(row: dict[str, Any]) -> tuple[Any, ...]:
    """Text, value, source and box of a number on screen."""
    return row["text"], repr(row["value"]), row["source"], tuple(row["box"])
