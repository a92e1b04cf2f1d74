"""One mode of differentiation on one network: waves, slopes, and the numbers of what it costs."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from manim import (
    LEFT,
    UP,
    Animation,
    AnimationGroup,
    ApplyMethod,
    Dot,
    Indicate,
    Mobject,
    ValueTracker,
    VGroup,
    linear,
)

from gradreel.draw.baseline import align_baselines
from gradreel.draw.labelled_number import LabelledNumber
from gradreel.draw.layout import Rect, fit_into, point
from gradreel.draw.network_diagram import NetworkDiagram, NetworkWave, SlopeBars
from gradreel.draw.text import math as set_math
from gradreel.draw.text import text
from gradreel.draw.text_background import text_background
from gradreel.tape import Quantity
from gradreel.theme import FontSize, colors

if TYPE_CHECKING:
    from gradreel.scenes.graphs.ad_modes_experiment import ModeComparison, ModeCost

MOST_HEIGHT = 2.3  # frame units, of a title with its two counters
BESIDE, LOSS_ROOM = 1.75, 0.45  # frame units beside the inputs, for their bars; beside the loss
SPACING = 0.75  # frame units between dots, where there is room
ARRIVES = 0.75  # share of a pass at which its wave arrives
SHARE_OF_RUN = 0.05  # in which what belongs to a pass comes and goes
KNOWN_SHARE, MOST_KNOWN = (
    0.07,
    1.3,
)  # the same for a slope; swift ones must not pop up
MOST_RADIUS, DOT_SHARE = 0.19, 0.36  # of a dot; of the height that a dot has
LIGHT = 1.7  # radius of the light on a dot, in radii of the dot
LIGHT_FADES = 0.1  # share of a pass in which the light comes and goes
SLOW_PASSES, SLOW_FADES = 2, 0.15


class ModePanel:
    """One mode on one network: waves, slopes, and the numbers of passes and operations.

    `passes` is the tracker of the passes done, of `count` in all.
    """

    def __init__(
        self,
        title: str,
        comparison: ModeComparison,
        cost: ModeCost,
        picture: Rect,
        side: Rect,
        hidden: int,
    ) -> None:
        self.is_reverse = cost is comparison.reverse
        self.color = colors.gradient if self.is_reverse else colors.value
        self.passes, self.count, self.cost = ValueTracker(0), len(cost.steps), cost
        self.known_within = min(0.15 + KNOWN_SHARE * self.count, MOST_KNOWN)  # of a pass
        head, body = picture.rows(0.42, picture.height - 0.5, gap=0.08)
        n = int(comparison.inputs)
        inner = Rect(body.left + BESIDE, body.right - LOSS_ROOM, body.bottom, body.top)
        self.dot_radius = min(MOST_RADIUS, DOT_SHARE * inner.height / n)
        self.network = NetworkDiagram(
            (n, hidden, 1), inner, spacing=SPACING, dot_radius=self.dot_radius
        )
        self.wave, self.source, self.ends = self._wave(n), self._source(), self._ends()
        slopes = [slope for row in cost.slopes for slope in row]
        self.slopes = SlopeBars(
            self.network.positions[0], slopes, self._known_share, color=self.color
        )
        self.words = VGroup(self.slopes.zero, *self._layer_names(head.center[1]))
        self._write_numbers(title, side)

    def _write_numbers(self, title: str, area: Rect) -> None:
        """The title, with the direction of the mode, and its counters below it."""
        margin = (area.height - min(area.height, MOST_HEIGHT)) / 2
        area = Rect(area.left, area.right, area.bottom + margin, area.top - margin)
        top, upper, lower = area.rows(1, 1, 1, gap=0)
        arrow = "arrow.l.long" if self.is_reverse else "arrow.r.long"
        self.title = set_math(f'"{title}" {arrow}', font_size=FontSize.label, color=self.color)
        fit_into(self.title, top).align_to(point(area.left, 0), LEFT)
        self.numbers = VGroup(
            self._counter('"passes"', lambda: self.progress()[0], upper),
            self._counter('"operations"', lambda: self.progress()[1], lower),
        )

    def _layer_names(self, y: float) -> list[VGroup]:
        """The names of the inputs and of the bars at the height `y`, and of the loss."""
        many, one, slopes = (
            text(name, font_size=FontSize.small, color=colors.muted)
            for name in ("inputs", "loss", "slopes")
        )
        slopes.move_to(point(float(self.slopes.zero.get_x()), y))
        # Not over the dots, where it would run into the name of the bars.
        first, loss = self.network.positions[0][0], self.network.positions[-1][0]
        many.move_to(point(first[0] - 0.05, y), aligned_edge=LEFT)
        align_baselines(slopes, many)
        one.next_to(loss, UP, buff=LIGHT * self.dot_radius + 0.08)
        # Waves from many hidden units come in so steeply that they would run through its letters.
        return [slopes, many, VGroup(text_background(one), one).set_z_index(1)]

    def _wave(self, n: int) -> NetworkWave:
        """A pass from each input in forward mode, one back from the loss in reverse mode."""
        edges = self.network.edges_of_pass
        passes = [edges(last=0)] if self.is_reverse else [edges(first=i) for i in range(n)]
        return NetworkWave(
            passes, self.passes.get_value, color=self.color, backward=self.is_reverse,
            fades_within=min(0.2 + SHARE_OF_RUN * self.count, 0.8),
        )  # fmt: skip

    def _source(self) -> Dot:
        """A light on the dot that the current pass starts at."""
        dots = self.network.positions[-1 if self.is_reverse else 0]
        light = Dot(radius=LIGHT * self.dot_radius, color=self.color)
        fades = min(LIGHT_FADES * (1 + self.count / 2), 0.6)  # many passes are swift ones

        def follow(_: Mobject) -> None:
            done = self.passes.get_value()
            light.move_to(dots[max(math.ceil(done - 1e-9) - 1, 0)])
            light.set_opacity(min(max(min(done, self.count - done) / fades, 0.0), 1.0))

        light.add_updater(follow, call_updater=True)
        return light

    def _ends(self) -> VGroup:
        """Lights on the dots that a pass arrives at, as it does."""
        dots = self.network.positions[0 if self.is_reverse else -1]
        lights = VGroup(*(Dot(p, radius=self.dot_radius, color=self.color) for p in dots))

        def follow(_: Mobject) -> None:
            done = self.passes.get_value()
            share = done - int(done) if done < self.count else 1.0
            lit = min((share - ARRIVES) / 0.1, (1 - share) / 0.1, 1.0)
            lights.set_opacity(max(lit, 0.0))

        lights.add_updater(follow, call_updater=True)
        return lights

    def slow_passes(self) -> Iterator[Animation]:
        """The first passes, each to be played slowly; those after them are as swift as before."""
        swift = self.wave.fades, self.known_within
        self.wave.fades, self.known_within = SLOW_FADES, SLOW_FADES
        for k in range(1, min(SLOW_PASSES, self.count - 1) + 1):
            yield self.runs_until(k)
        self.wave.fades, self.known_within = swift

    def runs_until(self, passes: int) -> Animation:
        """Run the passes up to this number of them."""
        return ApplyMethod(self.passes.set_value, passes, rate_func=linear)

    def _known_share(self, slope: int) -> float:
        """How far a slope is known: it comes as its pass ends; a single pass finds all slopes."""
        end = 1 if self.count == 1 else slope + 1
        share = 1 + (self.passes.get_value() - end) / self.known_within
        return min(max(share, 0.0), 1.0)

    def progress(self) -> tuple[Quantity, Quantity]:
        """The passes begun, and the operations so far."""
        return self.cost.progress(self.passes.get_value())

    def _counter(self, label: str, source: Callable[[], Quantity], area: Rect) -> LabelledNumber:
        number = LabelledNumber(label, source, color=self.color, places=0, font_size=FontSize.label)
        number.move_to(area.center).align_to(point(area.left, 0), LEFT)
        return number

    def points_out_numbers(self) -> Animation:
        """Draw attention to the counters."""
        return AnimationGroup(*(Indicate(n, 1.1, color=colors.accent) for n in self.numbers))

    def stops(self) -> VGroup:
        """The slopes, the counters and the passes, which no longer change."""
        for part in (self.slopes, self.numbers):
            part.clear_updaters()
        return VGroup(self.slopes, self.numbers, self.stops_passes())

    def stops_passes(self) -> VGroup:
        """What moves in a pass, without following the passes further."""
        parts = VGroup(self.wave, self.source, self.ends)
        for part in parts:
            part.clear_updaters()
        return parts
