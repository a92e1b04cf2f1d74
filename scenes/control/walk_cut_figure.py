"""The graph of a program with its cuts: what no_grad and detach leave outside."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

from manim import (
    RIGHT,
    UP,
    AnimationGroup,
    Create,
    DashedLine,
    FadeIn,
    FadeOut,
    LaggedStart,
    Line,
    Mobject,
    VGroup,
)

from gradreel.draw.compact_arrow import CompactArrow
from gradreel.draw.compact_graph import CompactGraph
from gradreel.draw.formula import Formula
from gradreel.draw.layout import fit_into, point
from gradreel.draw.text import text
from gradreel.draw.walkthrough.graph_picture import GraphPicture
from gradreel.theme import FontSize, StrokeWidth, colors
from gradreel.trace.moment import Moment

OUTSIDE = {"untracked": "x", "cut": "tracked"}
"""Variables without a way back, and what they were computed from."""


class CutPicture(GraphPicture):
    """The tracked nodes in a row; above them the values that are outside of the graph."""

    def build(self) -> None:
        """The tracked part is below, with the slope of the whole at its foot."""
        self.upper, lower, self.foot = self.area.rows(1.2, 1.3, 0.9, gap=0.0)
        self.graph = CompactGraph(self.tape, lower, font_size=FontSize.body, down=False)
        self.present: set[str] = set()
        self.leaf_labels, self.arrivals = [], []
        self.asked: set[str] = set()
        self.outside: dict[str, VGroup] = {}

    def parts(self) -> dict[str, Mobject]:
        """The leaf x."""
        return {"x": self.graph.nodes["x"]}

    def leave(self, carried: Collection[str]) -> list[Any]:
        """All gradients fade, so that x does not cross its own."""
        return [FadeOut(number) for number in self.graph.sums.values()]

    def least_seconds(self, moment: Moment) -> float:
        """Cuts come one after the other, and after a pass the slope of the whole."""
        if moment.passes:
            return 2.8
        return 1.6 if any(name in moment.changed for name in OUTSIDE) else 1.2

    def stages(self, moment: Moment) -> Sequence[Callable[[], list[Any]]]:
        """The product before its pass, and the slope of the whole after it."""
        if "y" not in moment.changed or not moment.passes:
            return super().stages(moment)
        return [
            lambda: self.multiplies(moment),
            lambda: self.advance(moment),
            lambda: [self.shows_whole(moment)],
        ]

    def advance(self, moment: Moment) -> list[Any]:
        """Besides the graph: values that are cut off."""
        moves = super().advance(moment)
        names = [name for name in OUTSIDE if name in moment.changed and name not in self.outside]
        if names:
            cuts = (AnimationGroup(*self.cuts_off(name, OUTSIDE[name])) for name in names)
            moves.append(LaggedStart(*cuts, lag_ratio=0.8))
        return moves

    def multiplies(self, moment: Moment) -> list[Any]:
        """The result, with an arrow to it from the value that was cut off."""
        box, end = self.outside["cut"], self.graph.nodes["y"]
        start = box.get_right() + point(0.06, 0.0)
        corner = point(end.get_x(), start[1])
        arrow = CompactArrow([start, corner, end.get_top() + 0.06 * UP])
        return [*self.grow(moment.changed), Create(arrow)]

    def shows_whole(self, moment: Moment) -> FadeIn:
        """The slope that x would get if both factors sent theirs."""
        slope = Formula(
            "(dif)/(dif x) thin x^4 = 4 x^3 = {whole}", whole=moment.value("whole"),
            roles={"whole": "gradient"}, font_size=FontSize.formula,
        )  # fmt: skip
        fit_into(slope, self.foot)
        return FadeIn(slope, shift=0.2 * RIGHT)

    def cuts_off(self, name: str, source: str) -> list[Any]:
        """A value outside of the graph, and a cut line to what it came from."""
        label = text(name, font_size=FontSize.label, color=colors.detached, mono=True)
        node = self.graph.nodes[source]
        place = point(node.get_x(), self.upper.bottom + self.upper.height * 0.6)
        sides = _sides(label.width / 2 + 0.14, 0.34)
        frame = VGroup(*(_dashed(place + a, place + b) for a, b in sides))
        self.outside[name] = VGroup(frame, label.move_to(place))
        low, high = node.get_top(), place - point(0, 0.34)
        middle = (low + high) / 2
        gap = point(0.0, 0.13)
        stumps = VGroup(Line(low, middle - gap), Line(middle + gap, high))
        stumps.set_stroke(colors.detached, StrokeWidth.arrow)
        blades = VGroup(
            Line(middle + point(-0.24, -0.09), middle + point(0.24, 0.09)),
            Line(middle + point(-0.24, 0.09), middle + point(0.24, -0.09)),
        ).set_stroke(colors.warning, StrokeWidth.arrow)
        return [Create(stumps), FadeIn(self.outside[name]), FadeIn(blades, scale=1.6)]


def _dashed(start: Any, end: Any) -> DashedLine:
    return DashedLine(start, end, color=colors.detached, stroke_width=StrokeWidth.axis)


def _sides(half_width: float, half_height: float) -> list[tuple[Any, Any]]:
    corners = [point(x, y) for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
    corners = [c * point(half_width, half_height) for c in corners]
    return list(zip(corners, [*corners[1:], corners[0]], strict=True))
