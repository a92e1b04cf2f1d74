"""A table of Quantities that fills row by row; numbers can move in from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from manim import (
    DOWN,
    LEFT,
    Animation,
    AnimationGroup,
    FadeIn,
    Line,
    Mobject,
    Rectangle,
    VGroup,
    VMobject,
)

from gradreel.draw.baseline import align_baselines
from gradreel.draw.layout import Rect, point
from gradreel.draw.numbers import Readout
from gradreel.draw.text import math
from gradreel.errors import UsageError
from gradreel.tape import Quantity
from gradreel.theme import FontSize, StrokeWidth, colors

NAME_GAP = 0.3  # between the widest name of a row and the first column


class NumberTable(VGroup):
    """Headings in Typst math above rows of Quantities, at the top of `area`.

    `places[k]` is the number of decimals in column k (None: as many as it takes), `roles[k]` the
    color role of its numbers, `weights[k]` its relative width; one number of decimals and one role
    are those of all columns. `names`, if given, are one for each row, in Typst math: they stand at
    the left, in a column without a heading. All rows are built at once; each is brought on stage by
    `row_appears`. Raises UsageError where the counts differ.
    """

    places_itself = True  # within `area`; layout.fit_into refuses it

    def __init__(
        self,
        heads: Sequence[str],
        rows: Sequence[Sequence[Quantity]],
        area: Rect,
        *,
        names: Sequence[str] = (),
        roles: str | Sequence[str] = (),
        places: int | None | Sequence[int | None] = None,
        weights: Sequence[float] = (),
        font_size: float = FontSize.label,
    ) -> None:
        super().__init__()
        _check_counts(heads, rows, names, weights)
        self.area = area
        self.pitch = min(area.height / (len(rows) + 1.2), 0.62)
        self.names = [math(name, font_size=font_size, color=colors.muted) for name in names]
        wide = max((name.width + NAME_GAP for name in self.names), default=0.0)
        numbers_area = Rect(area.left + wide, area.right, area.bottom, area.top)
        columns = numbers_area.columns(*(weights or [1.0] * len(heads)), gap=0.2)
        self.roles = _for_columns(roles or "text", heads, "roles")
        self.places = _for_columns(None if places == () else places, heads, "places")
        self.heads = VGroup(
            *(_heading(head, column) for head, column in zip(heads, columns, strict=True))
        )
        rule_y = area.top - 0.62
        ends = np.array([[area.left, rule_y, 0], [area.right, rule_y, 0]])
        self.rule = Line(ends[0], ends[1], stroke_width=StrokeWidth.axis)
        self.rule.set_stroke(colors.muted)
        self.rows = [
            self._row(row, columns, rule_y - self.pitch * (k + 0.55), font_size)
            for k, row in enumerate(rows)
        ]
        for name, row in zip(self.names, self.rows, strict=False):
            name.move_to(area.center).align_to(point(area.left, 0), LEFT)
            align_baselines(row, name)
        self.mark = Rectangle(
            width=area.width + 0.2, height=self.pitch, stroke_width=0, fill_color=colors.panel
        ).set_fill(opacity=1)
        self.mark.move_to(area.center).set_y(rule_y - self.pitch * 0.55)
        self.add(self.heads, self.rule)

    def _row(
        self, row: Sequence[Quantity], columns: Sequence[Rect], height: float, font_size: float
    ) -> VGroup:
        numbers = VGroup()
        for number, column, role, places in zip(row, columns, self.roles, self.places, strict=True):
            readout = Readout(
                number,
                places=places,
                font_size=font_size,
                color=getattr(colors, role),
                align="left",
            )
            # Align by points, not by bounding boxes, which a minus sign or a superscript changes.
            readout.shift(
                np.array([column.left, height - 0.1, 0])
                - np.array([readout.points[:, 0].min(), readout.points[:, 1].min(), 0])
            )
            if readout.width > column.width:
                readout.scale(column.width / readout.width, about_edge=DOWN + LEFT)
            numbers.add(readout)
        return numbers

    def row_appears(self, index: int, origins: Mapping[int, Mobject] | None = None) -> Animation:
        """Show a row and its name; the number of column k moves in from `origins[k]` if given."""
        origins = origins or {}
        return AnimationGroup(
            *map(FadeIn, self.names[index : index + 1]),
            *(
                FadeIn(number, target_position=origins[k].get_center())
                if k in origins
                else FadeIn(number, shift=DOWN * 0.15)
                for k, number in enumerate(self.rows[index])
            ),
        )


def _check_counts(
    heads: Sequence[str], rows: Sequence[Sequence[Quantity]], names: Sequence[str],
    weights: Sequence[float],
) -> None:  # fmt: skip
    """Raise UsageError unless rows, names and weights agree with the headings."""
    for k, row in enumerate(rows):
        if len(row) != len(heads):
            raise UsageError(
                f"row {k} of a table has {len(row)} numbers for {len(heads)} headings.",
                hint="Texts in front of the rows are names=[...], and have no heading.",
            )
    if names and len(names) != len(rows):
        raise UsageError(f"a table has {len(names)} names for {len(rows)} rows.")
    if weights and len(weights) != len(heads):
        raise UsageError(f"a table has {len(weights)} weights for {len(heads)} headings.")


def _for_columns(given: Any, heads: Sequence[str], option: str) -> tuple[Any, ...]:
    """What is given for each column, or once for all of them."""
    if given is None or isinstance(given, (int, str)):
        return (given,) * len(heads)
    if len(given) != len(heads):
        raise UsageError(f"a table has {len(given)} {option} for {len(heads)} headings.")
    return tuple(given)


def _heading(markup: str, column: Rect) -> VMobject:
    """A heading above its column, on a common baseline; descenders reach below it."""
    heading = math(markup, font_size=FontSize.label, color=colors.muted)
    descender = 0.07 if set(markup) & set("gjpqy/") else 0.0
    corner = np.array([column.left, column.top - 0.36 - descender, 0])
    heading.move_to(corner, aligned_edge=DOWN + LEFT)
    return heading
