"""Costs of several methods against the number of parameters, as curves that grow together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from manim import LEFT, RIGHT, Dot, Mobject, ValueTracker, VGroup, VMobject

from gradreel.draw.baseline import align_baselines
from gradreel.draw.labelled_number import LabelledNumber
from gradreel.draw.layout import Rect, point
from gradreel.draw.numbers import Readout
from gradreel.draw.plane import Floats, Plane
from gradreel.tape import Quantity
from gradreel.theme import FontSize, StrokeWidth

NUMBERS_WIDTH = 1.5  # frame units right of the names beside the plane
PITCH = 0.42  # least distance between the baselines of two numbers, in frame units


class CostPlot(VGroup):
    """One curve for each method through its measured costs, drawn up to the row `index`.

    The curves end at a measured row at any time: between two rows they wait at the first of them.
    `rows` are the number of parameters and the cost of each method, measured; `names` and `tones`
    are those of the methods. The numbers beside the curves are those of the last row that is
    reached, and so is `count`, the number of parameters.
    """

    def __init__(
        self,
        rows: Sequence[tuple[Quantity, Sequence[Quantity]]],
        names: Sequence[VMobject],
        tones: Sequence[str],
        area: Rect,
        y_name: str,
    ) -> None:
        self.rows, self.index = rows, ValueTracker(0.0)
        beside = NUMBERS_WIDTH + max(name.width for name in names)
        picture = Rect(area.left, area.right - beside, area.bottom, area.top)
        largest = max(max(costs) for _, costs in rows)
        last = float(rows[-1][0])
        self.plane = Plane(
            (0.0, last * 1.02), (0.0, largest * 1.06), picture, x_name="n", y_name=y_name,
            tick_count=(8, 3),
        )  # fmt: skip
        self.plane.names[1].align_to(point(self.plane.plot_area.left - 0.3, 0), LEFT)
        self.curves = VGroup(*(self._curve(k, tone) for k, tone in enumerate(tones)))
        self.ends = VGroup(*(self._end(k, tone) for k, tone in enumerate(tones)))
        self.numbers = VGroup(*(self._number(k, tone) for k, tone in enumerate(tones)))
        self.names = VGroup(*names)
        self.count = LabelledNumber(
            '"parameters" n', lambda: self._row()[0], places=0, font_size=FontSize.label
        )
        top = self.plane.names[1].get_center()[1]
        self.count.move_to(point(self.plane.plot_area.right - 1.2, top), aligned_edge=LEFT)
        super().__init__(self.plane, self.curves, self.ends, self.names, self.numbers, self.count)
        self.numbers.add_updater(lambda _: self._stack(), call_updater=True)

    def _row(self) -> tuple[Quantity, Sequence[Quantity]]:
        return self.rows[self._reached()]

    def _reached(self) -> int:
        """The index of the last row that is reached."""
        return int(self.index.get_value() + 1e-6)

    def _points(self, method: int) -> Floats:
        """The curve of a method on screen, up to the last row reached; shape (k, 3)."""
        reached = self.rows[: self._reached() + 1]
        pairs = [(float(n), float(costs[method])) for n, costs in reached]
        # A curve of one point would be no curve.
        return self.plane.positions(np.array(pairs if len(pairs) > 1 else 2 * pairs))

    def _curve(self, method: int, tone: str) -> VMobject:
        curve = VMobject(stroke_color=tone, stroke_width=StrokeWidth.curve)

        def follow(_: Mobject) -> None:
            curve.set_points_as_corners(self._points(method))

        curve.add_updater(follow, call_updater=True)
        return curve

    def _end(self, method: int, tone: str) -> Dot:
        dot = Dot(radius=0.08, color=tone)
        dot.add_updater(lambda _: dot.move_to(self._points(method)[-1]), call_updater=True)
        return dot

    def _number(self, method: int, tone: str) -> Readout:
        return Readout(
            lambda: self._row()[1][method], places=0, font_size=FontSize.label, color=tone,
            align="left",
        )  # fmt: skip

    def _stack(self) -> None:
        """Put each number beside the end of its curve, apart from the others."""
        bottom = self.plane.plot_area.bottom + 0.1
        wanted = [float(self._points(k)[-1][1]) for k in range(len(self.numbers))]
        for k in sorted(range(len(wanted)), key=lambda k: wanted[k]):
            height = max(wanted[k], bottom)
            spot = point(self.plane.plot_area.right + 0.65, height)
            self.names[k].move_to(spot, aligned_edge=LEFT)
            self.numbers[k].next_to(self.names[k], RIGHT, buff=0.2)
            align_baselines(self.names[k], self.numbers[k])
            bottom = height + PITCH
