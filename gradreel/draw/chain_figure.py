"""The figure of the chain rule: linked number lines, a local slope for each link, the product."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np
from manim import (
    LEFT,
    Animation,
    AnimationGroup,
    Create,
    FadeIn,
    FadeOut,
    GrowFromCenter,
    VGroup,
)

from gradreel.draw.formula import Formula, product_holds, when
from gradreel.draw.formula_assembly import FormulaAssembly
from gradreel.draw.labelled_number import LabelledNumber
from gradreel.draw.layout import Rect, fit_into, point
from gradreel.draw.number_lines import LinkedLines, equal_spans
from gradreel.draw.plane import padded_range
from gradreel.expression import Expression
from gradreel.tape import Quantity
from gradreel.theme import FontSize, colors


class LinkState(Protocol):
    """One function of the chain at the present place."""

    @property
    def expression(self) -> Expression: ...
    @property
    def input(self) -> Quantity: ...
    @property
    def output(self) -> Quantity: ...
    @property
    def slope(self) -> Quantity: ...


class ChainState(Protocol):
    """The whole chain at the present place."""

    @property
    def names(self) -> Sequence[str]: ...
    @property
    def links(self) -> Sequence[LinkState]: ...
    @property
    def slope(self) -> Quantity: ...


class ChainFigure(VGroup):
    """Rows from the input down to the result: value on the left, number line, local slope.

    `at(x)` gives the chain at x, `place()` the x of this moment, `nudge` how far x will be moved:
    the lines' common scale is chosen so that the largest move just fits.
    """

    def __init__(
        self,
        at: Callable[[float], ChainState],
        place: Callable[[], float],
        nudge: float,
        area: Rect,
    ) -> None:
        super().__init__()
        self._at, self._place = at, place
        self._latest: tuple[float, ChainState] | None = None
        start = self.now()
        self.names = list(start.names)
        rows, self._foot = area.rows(len(self.names) * 1.0, 0.9)
        labels, lines, self._right = rows.columns(*self._weights(rows), gap=0.5)
        self._lines_area = lines
        self.lines = LinkedLines(self.values, self._spans(nudge), lines)
        self.readings = [self._reading(k, labels) for k in range(len(self.names))]
        self.slopes = [self._beside(k) for k in range(len(start.links))]
        self.product = self._product(start)

    def now(self) -> ChainState:
        """The chain at this moment; asked many times a frame, computed once."""
        x = self._place()
        if self._latest is None or self._latest[0] != x:
            self._latest = (x, self._at(x))
        return self._latest[1]

    def values(self) -> list[Quantity]:
        """Input, intermediate values and result at this moment."""
        links = self.now().links
        return [links[0].input, *(link.output for link in links)]

    def _spans(self, nudge: float) -> list[tuple[float, float]]:
        x = self._place()
        before = self.values()
        after = [link.output for link in self._at(x + nudge).links]
        moves = [abs(b - a) for a, b in zip(before[1:], after, strict=True)]
        finite = [move for move in [nudge, *moves] if np.isfinite(move)]
        return equal_spans([v if np.isfinite(v) else 0.0 for v in before], max(finite) / 0.85)

    def _weights(self, rows: Rect) -> tuple[float, float, float]:
        """The widths of values, lines and slopes: the lines give way to long formulas."""
        free = rows.width - 1.0
        values = max(self._value(k).width for k in range(len(self.names))) / free
        slopes = max(self._slope(k).width for k in range(len(self.names) - 1)) / free
        left, right = min(max(values, 0.3), 0.44), min(max(slopes, 0.18), 0.34)
        return left, 1 - left - right, right

    def _value(self, index: int) -> LabelledNumber:
        if index == 0:
            label, color = self.names[0], colors.leaf
        else:
            expression = self.now().links[index - 1].expression
            label, color = f"{self.names[index]} = {expression.typst()}", colors.value
        return LabelledNumber(
            label, lambda: self.values()[index], color=color, font_size=FontSize.body
        )

    def _reading(self, index: int, labels: Rect) -> LabelledNumber:
        reading = self._value(index)
        if reading.width > labels.width:
            reading.scale_to_fit_width(labels.width)
        row = self.lines.rulers[index].line.get_y()
        return reading.move_to(point(labels.left, row), aligned_edge=LEFT)

    def _slope(self, index: int) -> Formula:
        above, below = self.names[index], self.names[index + 1]
        return Formula(
            f"{self._ratio(below, above)} = {{s}}",
            s=self.now().links[index].slope,
            roles={"s": "local"},
            font_size=FontSize.label,
        )

    def _beside(self, index: int) -> Formula:
        """The local slope of a link, between the two lines it ties."""
        heights = [self.lines.rulers[k].line.get_y() for k in (index, index + 1)]
        return self._slope(index).move_to(point(self._right.center[0], sum(heights) / 2))

    def _ratio(self, below: str, above: str) -> str:
        """A derivative as a fraction, or on one line where the rows stand close."""
        if len(self.names) > 4:
            return f"dif {below} \\/ dif {above}"
        return f"(dif {below}) / (dif {above})"

    def _product(self, start: ChainState) -> Formula:
        factors: dict[str, Any] = {f"f{k}": link.slope for k, link in enumerate(start.links)}
        outer_first = list(reversed(factors))
        terms = " times ".join(
            f"lr(({{{n}}}))" if factors[n] < 0 else f"{{{n}}}" for n in outer_first
        )
        formula = Formula(
            f"(dif {self.names[-1]}) / (dif {self.names[0]}) = {terms} {{eq}} {{total}}",
            **factors,
            total=start.slope,
            eq=when(product_holds, (*outer_first, "total")),
            roles={**dict.fromkeys(factors, "local"), "total": "gradient"},
        )
        fit_into(formula, self._foot)
        return formula

    # Verbs

    def begins(self) -> Animation:
        """The input and its line."""
        return AnimationGroup(
            FadeIn(self.readings[0]),
            Create(self.lines.rulers[0]),
            GrowFromCenter(self.lines.dots[0]),
        )

    def passes(self, index: int) -> Animation:
        """A function takes the value of one line to the next."""
        below = index + 1
        return AnimationGroup(
            Create(self.lines.rulers[below]),
            Create(self.lines.links[index]),
            FadeIn(self.readings[below]),
            GrowFromCenter(self.lines.dots[below]),
        )

    def shows_slope(self, index: int) -> Animation:
        """The local slope of one link, beside the two lines it ties."""
        return FadeIn(self.slopes[index], shift=LEFT * 0.4)

    def factors_fly(self) -> Animation:
        """The local slopes become the factors of the product."""
        origins = {f"f{k}": formula.part("s") for k, formula in enumerate(self.slopes)}
        return FormulaAssembly(self.product, origins)

    def follows_input(self, reach: float) -> Animation:
        """Zoom out: each line now spans what x from `reach` below to above takes it to, and slopes
        and their product follow x from now on."""
        wide = LinkedLines(self.values, self._wide_spans(reach), self._lines_area)
        old = self.lines
        zooms = [a.zooms(b) for a, b in zip(old.rulers, wide.rulers, strict=True)]
        moving = VGroup(*old.links, *old.dots, old.origins, old.trail)
        live = [self._live(k) for k in range(len(self.slopes))]
        total = LabelledNumber(
            f"(dif {self.names[-1]}) / (dif {self.names[0]})",
            lambda: self.now().slope,
            color=colors.gradient,
        )
        fit_into(total, self._foot)
        self.lines = wide
        return AnimationGroup(
            FadeOut(VGroup(moving, *self.slopes, self.product)),
            *zooms,
            FadeIn(VGroup(*wide.links, *wide.dots, *live, total)),
        )

    def _wide_spans(self, reach: float) -> list[tuple[float, float]]:
        x = self._place()
        states = [self._at(x + share * reach) for share in np.linspace(-1, 1, 41)]
        rows = [[s.links[0].input, *(link.output for link in s.links)] for s in states]
        return [padded_range(column) for column in zip(*rows, strict=True)]

    def _live(self, index: int) -> LabelledNumber:
        above, below = self.names[index], self.names[index + 1]
        reading = LabelledNumber(
            self._ratio(below, above),
            lambda: self.now().links[index].slope,
            color=colors.local,
            font_size=FontSize.label,
        )
        return reading.move_to(self.slopes[index]).align_to(self.slopes[index], LEFT)
