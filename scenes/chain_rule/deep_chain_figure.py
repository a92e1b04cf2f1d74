"""A chain of many links: a row of lenses at the height of one, on a logarithmic plane.

The gradient comes from the right. Its curve leaves the row downward where factors are below one,
and upward where they are above one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from manim import (
    DOWN,
    LEFT,
    RIGHT,
    UP,
    Animation,
    ApplyMethod,
    FadeIn,
    FadeOut,
    LaggedStart,
    Line,
    Mobject,
    Polygon,
    ValueTracker,
    VGroup,
    VMobject,
    linear,
)

from gradreel.draw.baseline import align_baselines
from gradreel.draw.contours import MapTrail
from gradreel.draw.formula import Formula
from gradreel.draw.layout import Rect, fit_into, point
from gradreel.draw.log_plane import LogPlane, log10_or_nan
from gradreel.draw.numbers import Readout
from gradreel.draw.plane import GAP, Floats, TickLabel
from gradreel.draw.text import math, text
from gradreel.scenes.chain_rule.lens_row_figure import CROWDED, ROW_HEIGHT, LensRow
from gradreel.tape import Quantity
from gradreel.theme import FontSize, StrokeWidth, colors

if TYPE_CHECKING:
    from gradreel.scenes.chain_rule.deep_chain_experiment import DeepChainRun, GradientRun

DIGITS = 3  # significant ones of a gradient
FACTOR_DIGITS = 2  # of a factor below one; one digit more from there on, for 1.02 is not 1
MOST_DIGITS = 8  # of a factor that is nearly one
SHADE = 0.25  # opacity between the row and the curve
MARGIN = 0.3  # powers of ten below the least gradient
MARGINS_ABOVE = (1.2, 1.6)  # the same above the largest one, with factors of a few or many links


def power(chain: DeepChainRun, color: str) -> Formula:
    """The factor of a chain to the power of its links, and the gradient that arrives."""
    return Formula(
        "{w}^{n} = {left}", w=chain.factor, n=chain.link_count, left=chain.result.rounded(DIGITS),
        font_size=FontSize.formula, color=color,
    )  # fmt: skip


def named_result(name: str, chain: GradientRun, color: str) -> VGroup:
    """What a chain is made of, and below it the gradient that arrives."""
    words = text(name, font_size=FontSize.label, color=color)
    left = Readout(chain.result.rounded(DIGITS), font_size=FontSize.formula, color=color)
    return VGroup(words, left.next_to(words, DOWN, buff=0.22))


class ChainPlane(LogPlane):
    """A gradient over the links of a chain; the links are the row of lenses, so x has no ticks."""

    def _x_ticks(self, count: int) -> list[float]:
        return []

    def _label(self, value: float, position: Floats, side: Floats) -> None:
        if value:
            super()._label(value, position, side)
        else:
            self.labels.add(TickLabel(1.0).next_to(position, side, buff=GAP))

    def _place_names(self, x_label: VMobject, y_label: VMobject) -> None:
        y_label.next_to(self.point(self.x_range[0], self.y_range[1]), UP, buff=0.12)
        y_label.align_to(self.labels, LEFT)
        self.add(y_label)


class ChainPicture:
    """Chains of equally many links on one plane; `clocks[k]` links of chain k have been passed.

    `most` is the least power of ten up to which the plane reaches.
    """

    def __init__(
        self,
        chains: Sequence[GradientRun],
        clocks: Sequence[ValueTracker],
        tones: Sequence[str],
        area: Rect,
        most: float = 0.0,
    ) -> None:
        self.links = len(chains[0].running) - 1
        self.clocks = clocks
        body, foot = area.rows(area.height - 0.4, 0.4, gap=0.0)
        # The foot of a plane is for the labels of ticks, which this one does not have.
        body = Rect(body.left, body.right, body.bottom - 0.35, body.top)
        logs = [log10_or_nan([float(g) for g in chain.running]) for chain in chains]
        every = np.concatenate([np.zeros(1), *logs])
        above = MARGINS_ABOVE[self.links > CROWDED]
        reach = (np.nanmin(every) - MARGIN, max(np.nanmax(every) + above, most))
        self.plane = ChainPlane(
            (0, self.links), reach, body, linear_x=True, x_name='"1"', y_name='"gradient"',
            tick_count=(0, 6),
        )  # fmt: skip
        plot, level = self.plane.plot_area, float(self.plane.point(0, 0)[1])
        half = ROW_HEIGHT / 2
        self.lenses = LensRow(self.links, Rect(plot.left, plot.right, level - half, level + half))
        count = Quantity(self.links, "links of the chain", "links")
        self.ends = ChainEnds(count, Rect(plot.left, plot.right, foot.bottom, foot.top))
        self.curves: list[VGroup] = []
        self.factors: list[VGroup] = []
        for chain, clock, tone, log in zip(chains, clocks, tones, logs, strict=True):
            now = clock.get_value
            curve = np.column_stack([np.arange(len(log))[::-1], log])[np.isfinite(log)]
            trail = MapTrail(self.plane, curve, now, color=tone)
            self.curves.append(VGroup(Shade(self.plane, curve, now, tone), trail))
            row: VGroup
            if self.links > CROWDED:
                row = TravelingFactor(chain, self.lenses, now, tone, trail.head)
            else:
                row = LensFactors(chain, self.lenses, self.plane.positions(curve)[:, 1], tone)
            self.factors.append(row)

    def brings(self, chain: int) -> list[Animation]:
        """The curve of a chain comes, and its factor if that travels."""
        new = [self.curves[chain]]
        if self.links > CROWDED:
            new.append(self.factors[chain])
        return [FadeIn(part) for part in new]

    def passes(self, chain: int) -> list[Animation]:
        """Let the gradient pass all links of a chain; each writes its factor above its lens."""
        moves: list[Animation] = [
            ApplyMethod(self.clocks[chain].set_value, self.links, rate_func=linear)
        ]
        if self.links <= CROWDED:
            moves.append(
                LaggedStart(*map(FadeIn, self.factors[chain]), lag_ratio=1.0, rate_func=linear)
            )
        return moves

    def fades(self, chain: int) -> FadeOut:
        """The area under a curve goes, its line stays."""
        return FadeOut(self.curves[chain][0])


class Shade(Polygon):
    """The area between the height of one and a curve on `plane`, as far as `now()`."""

    def __init__(
        self, plane: LogPlane, curve: Floats, now: Callable[[], float], color: str
    ) -> None:
        corners = plane.positions(curve)
        level, steps = float(plane.point(0, 0)[1]), np.arange(len(curve))
        super().__init__(*corners[[0, 0, 0]], stroke_width=0, fill_color=color)

        def follow(shade: Any) -> None:
            time = min(now(), len(curve) - 1)
            passed = np.append(steps[: int(time) + 1], time)
            above = np.column_stack([np.interp(passed, steps, corners[:, k]) for k in range(3)])
            below = above[::-1].copy()
            below[:, 1] = level
            shade.set_points_as_corners([*above, *below, above[0]])

        self.set_fill(opacity=SHADE).add_updater(follow, call_updater=True)


class TravelingFactor(VGroup):
    """The factor of the link that is passed at `clock()`, above the row and `head`."""

    def __init__(
        self, chain: GradientRun, lenses: LensRow, clock: Callable[[], float], color: str,
        head: Mobject,
    ) -> None:  # fmt: skip
        factors, count, area = chain.factors, lenses.count, lenses.area
        sign = math("times", font_size=FontSize.formula, color=color)
        number = Readout(
            lambda: factor_digits(factors[min(int(clock()), count - 1)]),
            font_size=FontSize.formula, color=color,
        )  # fmt: skip
        super().__init__(sign, number)
        self.arrange(RIGHT, buff=0.12)
        half = self.width / 2

        def follow(group: Any) -> None:
            x = area.right - area.width * min(clock(), count) / count
            y = max(area.top, float(head.get_y())) + 0.4
            group.move_to(point(min(max(x, area.left + half), area.right - half), y))

        self.add_updater(follow, call_updater=True)


class LensFactors(VGroup):
    """By what each link multiplies the gradient, from the loss back.

    It is above its lens and the curve, which is at the height `curve[k]` after k links.
    """

    def __init__(self, chain: GradientRun, lenses: LensRow, curve: Floats, color: str) -> None:
        super().__init__()
        room = 0.86 * lenses.area.width / lenses.count
        for k, factor in enumerate(chain.factors):
            number = Readout(factor_digits(factor), font_size=FontSize.label, color=color)
            number.scale(min(room / number.width, 1.0))
            x = lenses.center_of(lenses.count - 1 - k)[0]
            y = max([lenses.area.top, *curve[k : k + 2]])
            self.add(number.move_to(point(x, y + 0.3)))


def factor_digits(factor: Quantity) -> Quantity:
    """A factor in two significant digits, three above one, and more if it would read as one."""
    digits = FACTOR_DIGITS + (abs(factor) >= 1)
    while digits < MOST_DIGITS and float(factor) != 1 and factor.rounded(digits).text == "1":
        digits += 1
    return factor.rounded(digits)


class ChainEnds(VGroup):
    """Which end of the row is the input and which the loss, and the way of the gradient."""

    def __init__(self, count: Quantity, area: Rect) -> None:
        left, right = (
            text(word, font_size=FontSize.small, color=colors.muted) for word in ("input", "loss")
        )
        left.move_to(area.center).align_to(point(area.left, 0), LEFT)
        right.move_to(area.center).align_to(point(area.right, 0), RIGHT)
        align_baselines(left, right)
        middle = Formula(
            '"gradient, through" {n} "factors"', n=count, font_size=FontSize.small,
            color=colors.gradient,
        )  # fmt: skip
        middle.move_to(area.center)
        align_baselines(left, middle)
        self.arrows = VGroup(
            _way(middle.get_left()[0] - 0.2, left.get_right()[0] + 0.3, area),
            Line(
                point(right.get_left()[0] - 0.3, area.center[1]),
                point(middle.get_right()[0] + 0.2, area.center[1]),
            ),
        ).set_stroke(colors.gradient, StrokeWidth.frame)
        super().__init__(left, right, middle, self.arrows)


def _way(start: float, end: float, area: Rect) -> VGroup:
    """A line to the left with an open tip, at half the height of `area`."""
    tip = point(end, area.center[1])
    sides = (Line(tip + point(0.14, dy), tip) for dy in (0.1, -0.1))
    return VGroup(Line(point(start, area.center[1]), tip), *sides)


def results_in_row(results: Sequence[VGroup], area: Rect) -> list[VGroup]:
    """Results side by side in columns of `area`, in one size and on common baselines."""
    columns = area.columns(*[1.0] * len(results), gap=0.3)
    scale = min(
        1.0, *(column.width / result.width for result, column in zip(results, columns, strict=True))
    )
    for result, column in zip(results, columns, strict=True):
        fit_into(result.scale(scale), column)
    return list(results)
