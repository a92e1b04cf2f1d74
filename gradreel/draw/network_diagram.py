"""A small network as dots and lines, waves that run through it, and slopes as bars at its dots."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from manim import Circle, Create, FadeIn, LaggedStart, Line, Mobject, VGroup, VMobject

from gradreel.draw.layout import Rect
from gradreel.draw.plane import Floats
from gradreel.theme import StrokeWidth, colors

DOT_RADIUS = 0.085
WAVE_LENGTH = 0.6  # as a share of an edge
MAX_BAR = 0.65  # length of the bar of the largest slope, in frame units
BAR_WIDTH = 11  # less than the distance of 16 dots in half of the picture
BARS_ASIDE = 0.25 + MAX_BAR  # from a dot to the zero line of its bar

Edges = Sequence[Floats]
"""Edges of one pair of layers, each with the shape (2, 3)."""


class NetworkDiagram(VGroup):
    """A network in `area`; `layers` are the numbers of dots in each layer, from left to right.

    The dots of a layer are `spacing` apart, or less where the area is too low for them.
    """

    def __init__(
        self,
        layers: Sequence[int],
        area: Rect,
        *,
        spacing: float = 0.45,
        dot_radius: float = DOT_RADIUS,
    ) -> None:
        super().__init__()
        xs = np.linspace(area.left + dot_radius, area.right - dot_radius, len(layers))
        reach = area.height / 2 - dot_radius
        self.positions = [
            [np.array([x, area.center[1] + y, 0.0]) for y in _spread(count, reach, spacing)]
            for x, count in zip(xs, layers, strict=True)
        ]
        self.edges = VGroup(
            *(
                Line(a, b, stroke_width=1.5, stroke_color=colors.faint)
                for left, right in zip(self.positions, self.positions[1:], strict=False)
                for a in left
                for b in right
            )
        )
        self.dots = [
            VGroup(*(_dot(position, dot_radius) for position in layer)) for layer in self.positions
        ]
        self.add(self.edges, *self.dots)

    def appears(self) -> LaggedStart:
        """Layer by layer, then the edges."""
        parts = [FadeIn(layer) for layer in self.dots]
        return LaggedStart(*parts, Create(self.edges), lag_ratio=0.2)

    def edges_of_pass(self, first: int | None = None, last: int | None = None) -> list[Edges]:
        """The edges of each pair of layers.

        Only those from the input dot `first` and to the output dot `last`, where they are given.
        """
        layers: list[Edges] = []
        for k, (left, right) in enumerate(zip(self.positions, self.positions[1:], strict=False)):
            begin = [left[first]] if k == 0 and first is not None else left
            is_last = k == len(self.positions) - 2
            end = [right[last]] if is_last and last is not None else right
            layers.append([np.array([a, b]) for a in begin for b in end])
        return layers


class NetworkWave(VMobject):
    """A wave through a network at `clock()`, which counts passes.

    Pass k runs along `passes[k]`, which comes from NetworkDiagram.edges_of_pass; with `backward`
    it runs from right to left. It comes and goes in the share `fades_within` of a pass.
    """

    def __init__(
        self,
        passes: Sequence[Sequence[Edges]],
        clock: Callable[[], float],
        *,
        color: str,
        backward: bool = False,
        fades_within: float = 0.15,
    ) -> None:
        self.fades = fades_within
        super().__init__(stroke_color=color, stroke_width=StrokeWidth.arrow)
        runs = [reversed_edges(layers) if backward else layers for layers in passes]

        def follow(_: Mobject) -> None:
            time = clock()
            index = int(time)
            self.clear_points()
            if 0 <= index < len(runs):
                self.draw(runs[index], time - index)

        self.add_updater(follow, call_updater=True)

    def draw(self, layers: Sequence[Edges], share: float) -> None:
        """Draw the wave where it is when `share` of a pass through `layers` is over."""
        front = share * (len(layers) + WAVE_LENGTH)
        self.set_stroke(opacity=min(share / self.fades, (1 - share) / self.fades, 1.0))
        for k, edges in enumerate(layers):
            head, tail = min(front - k, 1.0), max(front - WAVE_LENGTH - k, 0.0)
            if tail < head:
                for begin, end in edges:
                    self.start_new_path(begin + (end - begin) * tail)
                    self.add_line_to(begin + (end - begin) * head)


class SlopeBars(VGroup):
    """A bar beside each dot, as long as the slope there, with the opacity `known_share(k)`.

    Bars of positive slopes run to the right of a line of zero, the others to the left. `side` is
    -1 where that line is left of the dots, 1 where it is right of them.
    """

    def __init__(
        self,
        positions: Sequence[Floats],
        slopes: Sequence[float],
        known_share: Callable[[int], float],
        *,
        color: str,
        side: int = -1,
    ) -> None:
        aside = np.array([side * BARS_ASIDE, 0.0, 0.0])
        self.zero = Line(positions[0] + aside, positions[-1] + aside)
        self.zero.set_stroke(colors.muted, StrokeWidth.axis / 2).scale(1.08)
        largest = max((abs(slope) for slope in slopes), default=0.0) or 1.0
        bars = []
        for position, slope in zip(positions, slopes, strict=True):
            begin = position + aside
            length = max(MAX_BAR * abs(slope) / largest, 0.02) * (1 if slope >= 0 else -1)
            bars.append(Line(begin, begin + np.array([length, 0, 0])).set_stroke(color, BAR_WIDTH))
        super().__init__(*bars)

        def follow(_: Mobject) -> None:
            for k, bar in enumerate(bars):
                bar.set_stroke(opacity=known_share(k))

        self.add_updater(follow, call_updater=True)


def _spread(count: int, reach: float, spacing: float) -> Floats:
    """`count` evenly spaced heights from the top, within `reach` above and below 0."""
    highest = min(reach, spacing * (count - 1) / 2) if count > 1 else 0.0
    heights: Floats = np.linspace(highest, -highest, count)
    return heights


def _dot(position: Floats, radius: float) -> Circle:
    dot = Circle(radius=radius, stroke_width=2.5, stroke_color=colors.muted)
    return dot.set_fill(colors.panel, opacity=1).move_to(position)


def reversed_edges(layers: Sequence[Edges]) -> list[Edges]:
    """The same edges for a backward pass: the last layer first, each from right to left."""
    return [[edge[::-1] for edge in edges] for edges in reversed(layers)]
