"""The chain rule as linked number lines, with a local slope for each link and their product."""

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

from gradreel.draw.formula import Formula, is_product
from gradreel.draw.formula_assembly import FormulaAssembly
from gradreel.draw.labelled_number import LabelledNumber
from gradreel.draw.layout import Rect, fit_into, point
from gradreel.draw.linked_number_lines import LinkedLines, equal_spans
from gradreel.draw.plane import padded_range
from gradreel.expression import Expression
from gradreel.tape import Quantity
from gradreel.theme import FontSize, colors


class LinkState(Protocol):
    """One function of the chain, evaluated."""

    @property
    def expression(self) -> Expression: ...
    @property
    def input(self) -> Quantity: ...
    @property
    def output(self) -> Quantity: ...
    @property
    def slope(self) -> Quantity: ...


class ChainState(Protocol):
    """The whole chain, evaluated at one input."""

    @property
    def names(self) -> Sequence[str]: ...
    @property
    def links(self) -> Sequence[LinkState]: ...
    @property
    def slope(self) -> Quantity: ...


class ChainFigure(VGroup):
    """Rows from the input down to the result: value on the left, number line, local slope.

    `evaluate(x)` returns the chain at x, `current_x()` the x to draw now. `nudge` is how far x
    will be moved: the common scale of the lines is chosen so that the largest resulting move fits.
    """

    def __init__(
        self,
        evaluate: Callable[[float], ChainState],
        current_x: Callable[[], float],
        nudge: float,
        area: Rect,
    ) -> None:
        super().__init__()
        self._evaluate, self._current_x = evaluate, current_x
        self._cached: tuple[float, ChainState] | None = None
        start = self.now()
        self.names = list(start.names)
        rows, self._product_area = area.rows(len(self.names) * 1.0, 0.9)
        labels, lines, self._slope_area = rows.columns(*self._column_weights(rows), gap=0.5)
        self._lines_area = lines
        self.lines = LinkedLines(self.values, self._spans(nudge), lines)
        self.readings = [self._placed_value(k, labels) for k in range(len(self.names))]
        self.slopes = [self._placed_slope(k) for k in range(len(start.links))]
        self.product = self._product(start)

    def now(self) -> ChainState:
        """The chain at the current x. Called several times per frame, so it is cached."""
        x = self._current_x()
        if self._cached is None or self._cached[0] != x:
            self._cached = (x, self._evaluate(x))
        return self._cached[1]

    def values(self) -> list[Quantity]:
        """Input, intermediate values and result at the current x."""
        links = self.now().links
        return [links[0].input, *(link.output for link in links)]

    def _spans(self, nudge: float) -> list[tuple[float, float]]:
        x = self._current_x()
        before = self.values()
        after = [link.output for link in self._evaluate(x + nudge).links]
        moves = [abs(b - a) for a, b in zip(before[1:], after, strict=True)]
        finite = [move for move in [nudge, *moves] if np.isfinite(move)]
        return equal_spans([v if np.isfinite(v) else 0.0 for v in before], max(finite) / 0.85)

    def _column_weights(self, rows: Rect) -> tuple[float, float, float]:
        """The relative widths of values, lines and slopes: long formulas narrow the lines."""
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

    def _placed_value(self, index: int, column: Rect) -> LabelledNumber:
        value = self._value(index)
        if value.width > column.width:
            value.scale_to_fit_width(column.width)
        y = self.lines.rulers[index].line.get_y()
        return value.move_to(point(column.left, y), aligned_edge=LEFT)

    def _slope(self, index: int) -> Formula:
        input_name, output_name = self.names[index], self.names[index + 1]
        return Formula(
            f"{self._derivative(output_name, input_name)} = {{s}}",
            s=self.now().links[index].slope,
            roles={"s": "local"},
            font_size=FontSize.label,
        )

    def _placed_slope(self, index: int) -> Formula:
        """The local slope of a link, at a height between the two lines that it joins."""
        heights = [self.lines.rulers[k].line.get_y() for k in (index, index + 1)]
        return self._slope(index).move_to(point(self._slope_area.center[0], sum(heights) / 2))

    def _derivative(self, output_name: str, input_name: str) -> str:
        """Typst math of a derivative: a fraction, or on one line where rows are close."""
        if len(self.names) > 4:
            return f"dif {output_name} \\/ dif {input_name}"
        return f"(dif {output_name}) / (dif {input_name})"

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
            eq=is_product(outer_first, "total"),
            roles={**dict.fromkeys(factors, "local"), "total": "gradient"},
        )
        fit_into(formula, self._product_area)
        return formula

    # Verbs

    def begins(self) -> Animation:
        """Show the input and its number line."""
        return AnimationGroup(
            FadeIn(self.readings[0]),
            Create(self.lines.rulers[0]),
            GrowFromCenter(self.lines.dots[0]),
        )

    def passes(self, index: int) -> Animation:
        """Apply function `index`: show its output on the next number line."""
        output = index + 1
        return AnimationGroup(
            Create(self.lines.rulers[output]),
            Create(self.lines.links[index]),
            FadeIn(self.readings[output]),
            GrowFromCenter(self.lines.dots[output]),
        )

    def shows_slope(self, index: int) -> Animation:
        """Show the local slope of link `index`."""
        return FadeIn(self.slopes[index], shift=LEFT * 0.4)

    def factors_fly(self) -> Animation:
        """Move the local slopes into the product formula as its factors."""
        origins = {f"f{k}": formula.part("s") for k, formula in enumerate(self.slopes)}
        return FormulaAssembly(self.product, origins)

    def follows_input(self, reach: float) -> Animation:
        """Zoom out, and let slopes and product follow x from now on.

        Each line then spans the values for x from `reach` below the current x to `reach` above.
        """
        wide = LinkedLines(self.values, self._wide_spans(reach), self._lines_area)
        old = self.lines
        zooms = [a.zooms(b) for a, b in zip(old.rulers, wide.rulers, strict=True)]
        moving = VGroup(*old.links, *old.dots, old.origins, old.trail)
        live = [self._live_slope(k) for k in range(len(self.slopes))]
        total = LabelledNumber(
            f"(dif {self.names[-1]}) / (dif {self.names[0]})",
            lambda: self.now().slope,
            color=colors.gradient,
        )
        fit_into(total, self._product_area)
        self.lines = wide
        return AnimationGroup(
            FadeOut(VGroup(moving, *self.slopes, self.product)),
            *zooms,
            FadeIn(VGroup(*wide.links, *wide.dots, *live, total)),
        )

    def _wide_spans(self, reach: float) -> list[tuple[float, float]]:
        x = self._current_x()
        states = [self._evaluate(x + share * reach) for share in np.linspace(-1, 1, 41)]
        rows = [[s.links[0].input, *(link.output for link in s.links)] for s in states]
        return [padded_range(column) for column in zip(*rows, strict=True)]

    def _live_slope(self, index: int) -> LabelledNumber:
        input_name, output_name = self.names[index], self.names[index + 1]
        slope = LabelledNumber(
            self._derivative(output_name, input_name),
            lambda: self.now().links[index].slope,
            color=colors.local,
            font_size=FontSize.label,
        )
        return slope.move_to(self.slopes[index]).align_to(self.slopes[index], LEFT)
