"""The graph of a program with its cuts: what no_grad and detach leave outside."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from manim import Create, DashedLine, FadeIn, FadeOut, Line, Mobject, VGroup

from gradreel.draw.compact_arrow import CompactArrow
from gradreel.draw.compact_graph import CompactGraph
from gradreel.draw.layout import point
from gradreel.draw.text import text
from gradreel.draw.walkthrough.graph_picture import GraphPicture
from gradreel.theme import FontSize, StrokeWidth, colors
from gradreel.trace.moment import Moment

OUTSIDE = {"untracked": "x", "cut": "tracked"}
"""Variables without a way back, and what they were computed from."""


class CutPicture(GraphPicture):
    """The tracked nodes in a row; below them the values that are outside of the graph."""

    def build(self) -> None:
        """The tracked part is above, so that there is space below it."""
        upper, self.lower = self.area.rows(1.0, 1.1, gap=0.0)
        self.graph = CompactGraph(self.tape, upper, font_size=FontSize.label, down=False)
        self.present: set[str] = set()
        self.asked: set[str] = set()
        self.outside: dict[str, VGroup] = {}

    def parts(self) -> dict[str, Mobject]:
        """The leaf x."""
        return {"x": self.graph.nodes["x"]}

    def leave(self, carried: Collection[str]) -> list[Any]:
        """All gradients fade, so that x does not cross its own."""
        return [FadeOut(number) for number in self.graph.sums.values()]

    def advance(self, moment: Moment) -> list[Any]:
        """Besides the graph: values that are cut off, and the arrow from them to the result."""
        moves = super().advance(moment)
        for name, source in OUTSIDE.items():
            if name in moment.changed and name not in self.outside:
                moves += self.cuts_off(name, source)
        if "y" in moment.changed and "cut" in self.outside:
            box, end = self.outside["cut"], self.graph.nodes["y"]
            start = box.get_right() + point(0.06, 0.0)
            corner = point(end.get_x(), start[1])
            moves.append(Create(CompactArrow([start, corner, end.get_bottom() + point(0, -0.5)])))
        return moves

    def cuts_off(self, name: str, source: str) -> list[Any]:
        """A value outside of the graph, and a cut line to what it came from."""
        label = text(name, font_size=FontSize.label * 0.9, color=colors.detached, mono=True)
        node = self.graph.nodes[source]
        place = point(node.get_x(), self.lower.bottom + self.lower.height * 0.32)
        sides = _sides(label.width / 2 + 0.16, 0.31)
        frame = VGroup(*(_dashed(place + a, place + b) for a, b in sides))
        self.outside[name] = VGroup(frame, label.move_to(place))
        top, bottom = node.get_bottom() + point(0, -0.5), place + point(0, 0.37)
        middle = (top + bottom) / 2
        line = DashedLine(top, bottom, color=colors.detached, stroke_width=StrokeWidth.arrow)
        blades = VGroup(
            Line(middle + point(-0.22, -0.08), middle + point(0.22, 0.08)),
            Line(middle + point(-0.22, 0.08), middle + point(0.22, -0.08)),
        ).set_stroke(colors.warning, StrokeWidth.arrow)
        return [Create(line), FadeIn(self.outside[name]), FadeIn(blades, scale=1.6)]


def _dashed(start: Any, end: Any) -> DashedLine:
    return DashedLine(start, end, color=colors.detached, stroke_width=StrokeWidth.axis)


def _sides(half_width: float, half_height: float) -> list[tuple[Any, Any]]:
    corners = [point(x, y) for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
    corners = [c * point(half_width, half_height) for c in corners]
    return list(zip(corners, [*corners[1:], corners[0]], strict=True))
