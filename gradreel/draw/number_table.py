"""A table of Quantities that fills row by row; numbers can move in from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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

from gradreel.draw.layout import Rect
from gradreel.draw.numbers import Readout
from gradreel.draw.text import math
from gradreel.tape import Quantity
from gradreel.theme import FontSize, StrokeWidth, colors


class NumberTable(VGroup):
    """Headings in Typst math above rows of Quantities, at the top of `area`.

    `places[k]` is the number of decimals in column k (None: as many as it takes), `roles[k]` the
    color role of its numbers, `weights[k]` its relative width. All rows are built at once; each is
    brought on stage by `row_appears`.
    """

    places_itself = True  # within `area`; layout.fit_into refuses it

    def __init__(
        self,
        heads: Sequence[str],
        rows: Sequence[Sequence[Quantity]],
        area: Rect,
        *,
        roles: Sequence[str] = (),
        places: Sequence[int | None] = (),
        weights: Sequence[float] = (),
        font_size: float = FontSize.label,
    ) -> None:
        super().__init__()
        self.area = area
        self.pitch = min(area.height / (len(rows) + 1.2), 0.62)
        columns = area.columns(*(weights or [1.0] * len(heads)), gap=0.2)
        self.roles = tuple(roles) or ("text",) * len(heads)
        self.places = tuple(places) or (None,) * len(heads)
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
        """Show a row; the number of column k moves in from `origins[k]` where that is set."""
        origins = origins or {}
        return AnimationGroup(
            *(
                FadeIn(number, target_position=origins[k].get_center())
                if k in origins
                else FadeIn(number, shift=DOWN * 0.15)
                for k, number in enumerate(self.rows[index])
            )
        )


def _heading(markup: str, column: Rect) -> VMobject:
    """A heading above its column, on a common baseline; descenders reach below it."""
    heading = math(markup, font_size=FontSize.label, color=colors.muted)
    descender = 0.07 if set(markup) & set("gjpqy/") else 0.0
    corner = np.array([column.left, column.top - 0.36 - descender, 0])
    heading.move_to(corner, aligned_edge=DOWN + LEFT)
    return heading
