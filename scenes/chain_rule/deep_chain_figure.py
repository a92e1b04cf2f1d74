"""Chains of many links: a row of lenses above the gradients that come back through them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from manim import (
    LEFT,
    RIGHT,
    UP,
    Animation,
    ApplyMethod,
    FadeIn,
    FadeOut,
    LaggedStart,
    Line,
    ValueTracker,
    VGroup,
)

from gradreel.draw.baseline import align_baselines
from gradreel.draw.contours import MapTrail
from gradreel.draw.formula import Formula
from gradreel.draw.layout import Rect, fit_into, point
from gradreel.draw.log_plane import LogPlane, log10_or_nan
from gradreel.draw.numbers import Readout
from gradreel.draw.plane import padded_range
from gradreel.draw.text import math as math_text
from gradreel.draw.text import text
from gradreel.scenes.chain_rule.lens_row_figure import CROWDED, LensRow, Light
from gradreel.tape import Quantity
from gradreel.theme import FontSize, StrokeWidth, colors

if TYPE_CHECKING:
    from gradreel.scenes.chain_rule.deep_chain_experiment import DeepChainRun, GradientRun

FACTOR_DIGITS = 2  # of a factor below one; one digit more from there on, for 1.02 is not 1
DIGITS = 3  # significant ones of a gradient, in a sentence or a readout
LARGE = 1e5  # from here on a power of ten; below it the digits that a caption says
RAISED = 0.62  # of the height of a base: the baseline of its exponent


class GradientReadout(Readout):
    """A gradient in three significant digits; a large one as a power of ten, like a small one."""

    def _text(self, quantity: Quantity) -> str:
        return gradient_text(quantity)


def gradient_text(gradient: Quantity) -> str:
    """Three significant digits, such as 1.46, 2.66e-5 or 1.38e4."""
    if not LARGE <= abs(gradient) < math.inf:
        return gradient.rounded(DIGITS).text
    digits, _, exponent = f"{float(gradient):.2e}".partition("e")
    return f"{digits}e{int(exponent)}"


class Power(VGroup):
    """The factor of a chain, to the power of how many links have been passed at `clock()`."""

    def __init__(self, chain: DeepChainRun, clock: Callable[[], float], color: str) -> None:
        links, size = chain.link_count, FontSize.formula
        base = Readout(chain.factor, font_size=size, color=color)
        exponent = Readout(
            lambda: Quantity(passed_links(chain, clock()), links.source, links.name),
            font_size=0.7 * size, color=color, align="left",
        )  # fmt: skip
        exponent.next_to(base, RIGHT, buff=0.04)
        exponent.shift((base.baseline + RAISED * base.height - exponent.baseline) * UP)
        super().__init__(base, exponent)


class ChainPicture:
    """Chains of equally many links: a row of lenses above their gradients on a logarithmic axis.

    `labels[k]` stands in `rows[k]`, beside the gradient of chain k, of which `clocks[k]` links have
    been passed.
    """

    def __init__(
        self,
        chains: Sequence[GradientRun],
        labels: Sequence[VGroup],
        clocks: Sequence[ValueTracker],
        tones: Sequence[str],
        area: Rect,
        rows: Sequence[Rect],
    ) -> None:
        self.links = len(chains[0].running) - 1
        self.clocks = clocks
        ends, top, below, bottom = area.rows(0.3, 1.0, 0.3, 2.7, gap=0.12)
        logs = [log10_or_nan([float(g) for g in chain.running]) for chain in chains]
        self.plane = LogPlane(
            (0, self.links), padded_range(np.concatenate(logs), 0.08), bottom,
            linear_x=True, x_name='"link"', y_name='"gradient"', tick_count=(5, 6),
        )  # fmt: skip
        plot = self.plane.plot_area
        self.lenses = LensRow(self.links, Rect(plot.left, plot.right, top.bottom, top.top))
        self.ends = ChainEnds(Rect(plot.left, plot.right, ends.bottom, ends.top))
        below = Rect(plot.left, plot.right, below.bottom, below.top)
        self.factors = [
            LinkFactors(chain, self.lenses, clock.get_value, tone, below)
            for chain, clock, tone in zip(chains, clocks, tones, strict=True)
        ]
        parts = zip(chains, labels, tones, rows, logs, self.clocks, strict=True)
        self.rows, self.trails, self.lights = [], [], []
        for chain, label, tone, row, log, clock in parts:
            now = clock.get_value
            curve = np.column_stack([np.arange(len(log))[::-1], log])[np.isfinite(log)]
            self.rows.append(ChainRow(label, chain, now, tone, row))
            self.trails.append(MapTrail(self.plane, curve, now, color=tone))
            self.lights.append(Light(self.lenses, chain.running, now, tone))

    def set_count(self, what: str, count: Quantity, area: Rect) -> None:
        """Say above the rows how many links there are, and of what."""
        words = Formula(f'{{n}} upright("{what}")', n=count, font_size=FontSize.body)
        self.count = fit_into(words, area).align_to(point(area.left, 0), LEFT)

    def brings(self, chain: int) -> list[Animation]:
        """The row and the light of a chain come, the light of the one before goes."""
        before = slice(chain - 1, chain) if chain else slice(0)
        old = [*self.lights[before], *self.factors[before]]
        new = [self.rows[chain], self.trails[chain], self.lights[chain]]
        if self.factors[chain].travels:
            new.append(self.factors[chain])
        return [*map(FadeIn, new), *map(FadeOut, old)]

    def passes(self, chain: int) -> list[Animation]:
        """Let the gradient pass all links of a chain; each writes its factor below its lens."""
        moves: list[Animation] = [ApplyMethod(self.clocks[chain].set_value, self.links)]
        if not self.factors[chain].travels:
            moves.append(LaggedStart(*map(FadeIn, self.factors[chain]), lag_ratio=1.0))
        return moves

    def points_at(self, chain: int) -> Animation:
        """Point at what is left at the end: larger, and back with a rate function that returns."""
        return ApplyMethod(self.rows[chain].gradient.scale, 1.2, {"about_edge": RIGHT})


class LinkFactors(VGroup):
    """By what each link multiplies the gradient: below each of few lenses, from the loss back.

    Below many lenses one factor travels, at the link that the light passes at `clock()`.
    """

    def __init__(
        self, chain: GradientRun, lenses: LensRow, clock: Callable[[], float], color: str,
        area: Rect,
    ) -> None:  # fmt: skip
        super().__init__()
        factors, count, y = chain.factors, lenses.count, area.center[1]
        self.travels = count > CROWDED

        def at_link(k: int) -> Quantity:
            return factors[k].rounded(FACTOR_DIGITS + (abs(factors[k]) >= 1))

        if not self.travels:
            room = 0.86 * area.width / count
            for k in range(count):
                number = Readout(at_link(k), font_size=FontSize.label, color=color)
                factor = number if number.width <= room else number.scale(room / number.width)
                self.add(factor.move_to(point(lenses.center_of(count - 1 - k)[0], y)))
            return
        sign = math_text("times", font_size=FontSize.body, color=color)
        number = Readout(
            lambda: at_link(min(int(clock()), count - 1)), font_size=FontSize.body, color=color
        )
        self.add(sign, number).arrange(RIGHT, buff=0.12).move_to(point(area.right, y))
        half = self.width / 2

        def follow(group: Any) -> None:
            x = area.right - area.width * min(clock(), count) / count
            group.move_to(point(min(max(x, area.left + half), area.right - half), y))

        self.add_updater(follow, call_updater=True)


class ChainEnds(VGroup):
    """Which end of the row is the input and which the loss, and the way of the gradient."""

    def __init__(self, area: Rect) -> None:
        left, right = (
            text(word, font_size=FontSize.small, color=colors.muted) for word in ("input", "loss")
        )
        left.move_to(area.center).align_to(point(area.left, 0), LEFT)
        right.move_to(area.center).align_to(point(area.right, 0), RIGHT)
        align_baselines(left, right)
        middle = text("gradient", font_size=FontSize.small, color=colors.gradient)
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


class ChainRow(VGroup):
    """The label of a chain and its gradient after `clock()` links on the way back."""

    def __init__(
        self, label: VGroup, chain: GradientRun, clock: Callable[[], float], color: str,
        area: Rect,
    ) -> None:  # fmt: skip
        super().__init__()
        left, right = area.columns(1.1, 1, gap=0.3)
        self.label = fit_into(label.set_color(color), left).align_to(point(left.left, 0), LEFT)
        self.gradient = GradientReadout(
            lambda: running_gradient(chain.running, clock()), color=color,
            font_size=FontSize.formula, align="left",
        )  # fmt: skip
        self.gradient.align_to(point(right.left, 0), LEFT)
        align_baselines(label, self.gradient)
        self.add(label, self.gradient)


def running_gradient(running: Sequence[Quantity], links: float) -> Quantity:
    """The gradient after the last whole link of `links`."""
    return running[min(int(links + 1e-9), len(running) - 1)]


def passed_links(chain: DeepChainRun, links: float) -> int:
    """How many whole links of a chain `links` are."""
    return min(int(links + 1e-9), len(chain.locals))
