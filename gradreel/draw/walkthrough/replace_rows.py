"""Rows that are replaced in the course of a play; what stays the same stays on screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from manim import Animation, VGroup, VMobject, smooth

from gradreel.draw.text import Letters
from gradreel.draw.walkthrough.cross_fade import FADE_SECONDS, fades, set_fill_opacity

PartKey = tuple[Any, ...]
"""What a part of a row shows, and where in the row: equal keys look alike."""


@dataclass
class Row:
    """One entry of a pane: its name, the top of its place, and what is drawn there."""

    name: str
    top: float
    parts: dict[PartKey, VMobject]


class RowsPane(VGroup):
    """A group of rows."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[Row] = []

    def set_rows(self, rows: list[Row]) -> None:
        """Replace the rows at once."""
        self.rows = rows
        self.submobjects = _from_back([part for row in rows for part in row.parts.values()])


class ReplaceRows(Animation):
    """Exchanges the parts that differ, `at` seconds after the start.

    Equal parts of rows of one name are kept, and moved where the row has another position.
    """

    def __init__(self, pane: RowsPane, rows: list[Row], *, at: float = 0.3) -> None:
        self.pane, self.new, self.at = pane, rows, at
        self.incoming: list[VMobject] = []
        self.outgoing: list[VMobject] = []
        self.moving: list[tuple[VMobject, float]] = []
        self._moved = 0.0
        old = {row.name: row for row in pane.rows}
        for row in rows:
            self._match(old.pop(row.name, None), row)
        self.outgoing += [part for row in old.values() for part in row.parts.values()]
        super().__init__(pane, rate_func=lambda t: t)

    def _match(self, old: Row | None, new: Row) -> None:
        """Put the parts of `old` that `new` has as well into `new`."""
        before = old.parts if old is not None else {}
        self.outgoing += [part for key, part in before.items() if key not in new.parts]
        for key, part in new.parts.items():
            if key not in before:
                self.incoming.append(part)
                continue
            new.parts[key] = before[key]
            if old is not None and abs(new.top - old.top) > 1e-6:
                self.moving.append((before[key], new.top - old.top))

    @property
    def changes(self) -> bool:
        """Whether anything comes or goes."""
        return bool(self.incoming or self.outgoing)

    def create_starting_mobject(self) -> RowsPane:
        # The rows are replaced in place, so the copy that Manim would make is not needed.
        return self.pane

    def begin(self) -> None:
        """Put old and new parts on stage."""
        self.pane.set_rows(self.new)
        self.pane.submobjects = _from_back([*self.outgoing, *self.pane.submobjects])
        super().begin()

    def interpolate_mobject(self, alpha: float) -> None:
        """Set opacities and positions: what stays moves between the two fades."""
        out, come = fades(alpha, self.run_time, self.at)
        set_fill_opacity(self.outgoing, out)
        set_fill_opacity(self.incoming, come)
        start = max(min(self.at, self.run_time) - FADE_SECONDS, 0.0)
        seconds = alpha * self.run_time - start
        share = smooth(min(max(seconds / (2 * FADE_SECONDS), 0.0), 1.0)) if alpha < 1 else 1.0
        for part, distance in self.moving:
            part.shift(np.array([0.0, distance * (share - self._moved), 0.0]))
        self._moved = share

    def finish(self) -> None:
        """Keep only the new rows."""
        super().finish()
        self.pane.set_rows(self.new)


def _from_back(parts: list[VMobject]) -> list[VMobject]:
    """The parts with all shapes behind all texts, also behind those that are on their way out."""
    return sorted(parts, key=lambda part: isinstance(part, Letters))
