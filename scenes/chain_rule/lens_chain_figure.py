"""A composition as lenses one below the other: a nudge goes through them and is stretched."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise
from typing import Any

from manim import (
    DL,
    DOWN,
    LEFT,
    Animation,
    ApplyMethod,
    FadeOut,
    ValueTracker,
    VGroup,
)

from gradreel.draw.compact_arrow import CompactArrow
from gradreel.draw.formula import Formula
from gradreel.draw.formula_assembly import PiecesAssembly
from gradreel.draw.layout import Rect, point
from gradreel.draw.plane import Floats
from gradreel.draw.text import math as set_math
from gradreel.scenes.chain_rule.lens_figure import Beam, Lens, LensScale, ScaleBar
from gradreel.scenes.chain_rule.lens_labels_figure import GAP, Reading, SlopeLabel
from gradreel.scenes.chain_rule.lens_parts_figure import PartShades, StepCount
from gradreel.scenes.chain_rule.live_product_figure import LiveProduct
from gradreel.scenes.chain_rule.nudged_chain_experiment import ChainState, NudgedChain
from gradreel.tape import Quantity, input_quantity
from gradreel.theme import FontSize, colors

LARGEST_STEP = 0.9  # frame units for one step of the nudge, if nothing else is said
MOST_COUNTED = 20  # steps: more are too narrow to be counted
WRITING = 0.7  # seconds for each part of the product
WIDEST = 1.15  # frame units, a local slope such as −0.029
OF_ROW, OF_LOW_ROW = 0.54, 0.64  # height of a lens, where its chain has MANY rows the latter
MANY = 5
PAD = 0.4  # between the ends of a lens and what has to be seen in it
WIDTHS = (1.45, 2.7)  # of a value behind its label, and of a local slope with its symbol, at most


class LensChain:
    """Readings on the left, a lens for each value, the local slopes on the right, the product.

    `evaluate(x)` returns the chain at x, `current_x()` the x to draw now. The trackers: `progress`
    is how many lenses the nudge has reached; `unit` and `base` are the width of one step and the
    place of the needles; the readings include the nudge while `shift` is over a half;
    `decimals` is how many they have. `step` says what one step is, with a bar of its width.
    `widths` are those of a value without its label, and of a local slope with its symbol.
    """

    def __init__(
        self,
        evaluate: Callable[[float], ChainState],
        current_x: Callable[[], float],
        nudge: float,
        area: Rect,
        largest_step: float = LARGEST_STEP,
        widths: tuple[float, float] = WIDTHS,
    ) -> None:
        self._largest_step, self._widths = largest_step, widths
        self.chain = NudgedChain(evaluate, current_x, nudge)
        start = self.chain.after(0)
        self.names = list(start.names)
        self.progress, self.shift = ValueTracker(0), ValueTracker(1)
        self.decimals = ValueTracker(-1)
        count = len(self.names)
        rows, foot = area.rows(count, 0.95 if count < 5 else 0.75, gap=0.15)
        self._expressions = [link.expression for link in start.links]
        self.labels = [self._label(k) for k in range(count)]
        left, self.lines_area, self._right = rows.columns(*self._column_widths(rows), gap=0.4)
        self.rows = self.lines_area.rows(*[1.0] * count, gap=0.0)
        self.readings = [self._reading(k, left) for k in range(count)]
        self._make_lenses()
        self.slopes = [self._slope(k) for k in range(count - 1)]
        self.nudge = input_quantity(nudge, "nudge")
        self.step = self._step_width()
        self.product = LiveProduct(self.names, self.local_slopes, self.total, foot)

    # What is drawn now

    def local_slopes(self) -> list[Quantity]:
        """The local slopes at the current x, the first link's first."""
        return [link.slope for link in self.chain.after(0).links]

    def total(self) -> Quantity:
        """The slope of the whole at the current x."""
        return self.chain.after(0).slope

    def share(self, row: int) -> float:
        """How much of the nudge has arrived at a row."""
        return min(max(self.progress.get_value() - row, 0.0), 1.0)

    def whole_steps(self, row: int) -> int:
        """Into how many parts the bar of a row is divided: its steps, if a few whole ones; or 1."""
        slopes = self.local_slopes()[:row]
        steps = abs(math.prod(slopes)) if all(map(math.isfinite, slopes)) else 0.0
        count = round(steps)
        return count if abs(steps - count) < 1e-6 and 2 <= count <= 6 else 1

    def _beam_steps(self, link: int) -> list[tuple[float, float]]:
        parts, share = self.whole_steps(link), self.share(link + 1)
        shares = [share * part / parts for part in range(parts + 1)]
        return [(self.chain.steps(link, s), self.chain.steps(link + 1, s)) for s in shares]

    def _cuts(self, row: int) -> list[float]:
        return [b for _, b in self._beam_steps(row - 1)[1:-1]] if row else []

    # Layout

    def _make_lenses(self) -> None:
        share = OF_ROW if len(self.rows) < MANY else OF_LOW_ROW
        height = min(0.78, share * self.rows[0].height)
        room = self.rows[0].width - 0.7
        self._reach = (self.rows[0].center[0] - room / 2, room)
        unit, base = self.fitted(1, [self.chain.current_x()])
        self.scale = LensScale(unit, base)
        self.lenses = []
        for k, row in enumerate(self.rows):
            x, y, _ = row.center
            strip = Rect(x - room / 2, x + room / 2, y - height / 2, y + height / 2)
            color = colors.leaf if k == 0 else colors.value
            bar, cuts = partial(self._bar, k), partial(self._cuts, k)
            self.lenses.append(Lens(strip, self.scale, bar, cuts, color))
        ways = [
            (upper, lower, partial(self._beam_steps, k), partial(self.share, k + 1))
            for k, (upper, lower) in enumerate(pairwise(self.lenses))
        ]
        self.beams = [Beam(*way) for way in ways]
        self.shades = [PartShades(*way) for way in ways]
        self.counted: StepCount | None = None

    def _bar(self, row: int) -> float:
        return self.chain.steps(row, self.share(row))

    def fitted(self, rows: int, xs: Sequence[float]) -> tuple[float, float]:
        """Step width and needle with which the moves of the first `rows` rows fit, at all `xs`."""
        left, room = self._reach
        moves = [0.0, 1.0]
        for x in xs:
            here, there = self.chain.at(x), self.chain.at(x + self.chain.nudge)
            pairs = zip(here.links[: rows - 1], there.links[: rows - 1], strict=True)
            moves += [(b.output - a.output) / self.chain.nudge for a, b in pairs]
        finite = [move for move in moves if math.isfinite(move)]
        low, high = min(finite), max(finite)
        unit = min((room - 2 * PAD) / (high - low), self._largest_step)
        return unit, left + PAD - unit * low

    def _label(self, row: int) -> Any:
        words = self.names[row]
        if row:
            words = f"{words} = {self._expressions[row - 1].typst()}"
        return set_math(f"{words} =", font_size=FontSize.body, color=colors.muted)

    def _column_widths(self, rows: Rect) -> tuple[float, float, float]:
        free = rows.width - 0.8
        value, slope = self._widths
        left = min(max(label.width for label in self.labels) + value, 0.38 * free)
        right = min(slope, 0.34 * free)
        return left, free - left - right, right

    def _reading(self, row: int, column: Rect) -> Reading:
        color = colors.leaf if row == 0 else colors.value
        reading = Reading(
            self.labels[row],
            lambda: self.chain.value(row, self.share(row) * (self.shift.get_value() > 0.5)),
            lambda: round(self.decimals.get_value()),
            color,
        )
        if reading.width > column.width:
            reading.scale_to_fit_width(column.width)
        y = self.rows[row].center[1]
        return reading.shift(point(column.left, y) - reading.label.get_left())

    def _slope(self, link: int) -> SlopeLabel:
        before, after = self.names[link], self.names[link + 1]
        flat = len(self.names) > 3
        symbol = f"dif {after} \\/ dif {before}" if flat else f"(dif {after}) / (dif {before})"
        label = SlopeLabel(symbol, lambda: self.local_slopes()[link])
        room = self._right.width - (label.symbol.width + 3 * GAP + label.equals.width)
        if room < WIDEST:
            label.scale(self._right.width / (self._right.width - room + WIDEST))
        y = (self.rows[link].center[1] + self.rows[link + 1].center[1]) / 2
        return label.move_to(point(self._right.left, y), aligned_edge=LEFT)

    def _step_width(self) -> VGroup:
        """What one step is, and below it a bar as long as it appears in the lenses."""
        words = Formula(
            '"one step" = {h}', h=self.nudge, font_size=FontSize.small,
            color=colors.muted, roles={"h": "accent"},
        )  # fmt: skip
        y = self.lenses[0].area.top + 0.1
        words.scale(min(1.0, self._right.width / words.width))
        words.move_to(point(self._right.left, y), aligned_edge=LEFT)
        return VGroup(words, ScaleBar(self.scale, words.get_corner(DL) + 0.16 * DOWN))

    def fits(self, xs: Sequence[float]) -> None:
        """Give all lenses the strength at which all rows fit, at all `xs`."""
        unit, base = self.fitted(len(self.names), xs)
        self.scale.unit_tracker.set_value(unit)
        self.scale.base_tracker.set_value(base)
        for lens in self.lenses:
            lens.update()  # an opening suspends its updaters

    def shows_values_before_nudge(self, decimals: int) -> None:
        """Let the readings show the values at x itself, with so many decimals."""
        self.shift.set_value(0)
        self.decimals.set_value(decimals)

    # Verbs

    def opens(self, row: int, start: Floats | None = None) -> Animation:
        """Put a magnifier on the line of a row, at the dot `start`, or else at its needle."""
        needle = point(self.scale.base(), self.rows[row].center[1])
        place = needle if start is None else start
        return self.lenses[row].opens(place)

    def nudges(self, row: int) -> Animation:
        """Let the nudge arrive at a row."""
        return ApplyMethod(self.progress.set_value, row + 1)

    def overflows(self, row: int) -> bool:
        """Whether the move of a row would not fit into its lens as it is."""
        lens, end = self.lenses[row], self.scale.base() + self.scale.unit() * self.chain.steps(row)
        return not lens.area.left + PAD / 2 < end < lens.area.right - PAD / 2

    def sets_decimals(self, count: int) -> Animation:
        """Give the readings so many decimals."""
        return ApplyMethod(self.decimals.set_value, count)

    def forgets_nudge(self) -> Animation:
        """Let the readings return to the values before the nudge."""
        return ApplyMethod(self.shift.set_value, 0)

    def zooms(self, rows: int, xs: Sequence[float]) -> list[Animation]:
        """Change the strength of all lenses so that the first `rows` rows fit, at all `xs`."""
        unit, base = self.fitted(rows, xs)
        return [
            ApplyMethod(self.scale.unit_tracker.set_value, unit),
            ApplyMethod(self.scale.base_tracker.set_value, base),
        ]

    def shows_slope(self, link: int) -> Animation:
        """The local slope of a link comes up between its lenses."""
        return PiecesAssembly(self.slopes[link], [])

    def counts_steps(self, link: int) -> list[Animation]:
        """A bracket counts the steps that one of the value before became.

        Nothing, if they are not a few, or if the next lens leaves no room for it.
        """
        slope = self.local_slopes()[link]
        if abs(slope - round(slope)) > 1e-6 or not 2 <= slope <= MOST_COUNTED:
            return []
        end = self._beam_steps(link)[1][1]
        counted = StepCount(self.lenses[link + 1], end, slope)
        below = self.lenses[link + 2 : link + 3]
        if any(counted.get_bottom()[1] < lens.area.top for lens in below):
            return []
        self.counted = counted
        return [PiecesAssembly(counted, [])]

    def forgets_count(self) -> list[Animation]:
        """The bracket below the steps that were counted last goes."""
        counted, self.counted = self.counted, None
        return [FadeOut(counted)] if counted else []

    def way_back(self) -> VGroup:
        """For each link an arrow beside its lenses, up to the input: backward goes this way."""
        x, half = self.lines_area.right + 0.16, 0.3 * self.rows[0].height
        arrows = []
        for upper, lower in pairwise(self.rows):
            y = (upper.center[1] + lower.center[1]) / 2
            arrow = CompactArrow([point(x, y - half), point(x, y + half)])
            arrows.append(arrow.set_color(colors.gradient))
        return VGroup(*arrows)

    def writes_symbols(self) -> list[Animation]:
        """Write the chain rule with the derivatives of the links."""
        return self.product.symbols_assemble([label.symbol for label in self.slopes])

    def writes_factors(self) -> list[Animation]:
        """The local slopes light up and become the factors."""
        return self.product.numbers_assemble([label.number for label in self.slopes])
