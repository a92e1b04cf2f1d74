"""The ways of a lane: around its row, up to a cut, and what is multiplied along them."""

from __future__ import annotations

import numpy as np
from manim import DOWN, LEFT, RIGHT, Line, VGroup

from gradreel.draw.compact_arrow import CompactArrow
from gradreel.draw.formula import Formula
from gradreel.draw.layout import point
from gradreel.draw.plane import Floats
from gradreel.tape import Quantity
from gradreel.theme import FontSize, StrokeWidth, colors

CUT_AT = 0.45  # share of an arrow where it is cut
BEFORE_CUT = 0.16  # from the middle of a cut to where a gradient stops, frame units


class DetourArrow(VGroup):
    """An arrow that leaves `begin` downwards, runs level and comes up to `end`."""

    DEPTH = 0.28

    def __init__(self, begin: Floats, end: Floats) -> None:
        super().__init__()
        down = self.DEPTH * DOWN
        arrow = CompactArrow([begin, begin + down, end + down, end + 0.03 * DOWN])
        self.line, self.tip = arrow.line, arrow.tip
        self.add(self.line, self.tip)

    def point_at(self, share: float) -> Floats:
        """The point at `share` of the arrow's length, from 0 to 1."""
        position: Floats = self.line.point_from_proportion(share)
        return position


def way_to_cut(arrow: CompactArrow) -> CompactArrow:
    """The part of a level arrow from its cut to its end, which a gradient runs back."""
    return CompactArrow([arrow.point_at(CUT_AT) + BEFORE_CUT * RIGHT, arrow.tip.get_right()])


def factor_label(number: Quantity) -> Formula:
    """What a gradient is multiplied by on its way."""
    factor = "{factor}" if number >= 0 else "lr(({factor}))"
    return Formula(f"times {factor}", factor=number, color=colors.local,
                   roles={"factor": "local"}, font_size=FontSize.body)  # fmt: skip


def cut_marks(arrow: CompactArrow) -> VGroup:
    """Two strokes across an arrow."""
    middle = np.asarray(arrow.point_at(CUT_AT))
    half_stroke = point(0.09, 0.24)
    return VGroup(
        *(
            Line(middle - half_stroke + aside, middle + half_stroke + aside)
            .set_stroke(colors.warning, StrokeWidth.curve)
            for aside in (0.06 * LEFT, 0.06 * RIGHT)
        )
    )  # fmt: skip
