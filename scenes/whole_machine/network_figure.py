"""A small network as dots and lines, waves that run through it, and slopes at its inputs."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from manim import Circle, Create, FadeIn, LaggedStart, Line, Mobject, VGroup, VMobject

from gradreel.draw.layout import Rect
from gradreel.draw.plane import Floats
from gradreel.theme import StrokeWidth, colors

DOT = 0.085
WAVE = 0.6  # how much of an edge a wave covers
BAR = 0.8  # frame units that the steepest slope takes


class Network(VGroup):
    """`layers` gives the number of dots in each layer, from left to right, in `area`."""

    def __init__(self, layers: Sequence[int], area: Rect) -> None:
        super().__init__()
        xs = np.linspace(area.left + DOT, area.right - DOT, len(layers))
        reach = area.height / 2 - DOT
        self.spots = [
            [np.array([x, area.center[1] + y, 0.0]) for y in _spread(count, reach)]
            for x, count in zip(xs, layers, strict=True)
        ]
        self.edges = VGroup(
            *(
                Line(a, b, stroke_width=1.5, stroke_color=colors.faint)
                for left, right in zip(self.spots, self.spots[1:], strict=False)
                for a in left
                for b in right
            )
        )
        self.dots = [VGroup(*(_dot(spot) for spot in layer)) for layer in self.spots]
        self.add(self.edges, *self.dots)

    def appears(self) -> LaggedStart:
        """Layer by layer, then what connects them."""
        return LaggedStart(*(FadeIn(dots) for dots in self.dots), Create(self.edges), lag_ratio=0.2)

    def ways(self, first: int | None = None, last: int | None = None) -> list[list[Floats]]:
        """For each pair of layers the edges, shape (2, 3) each: only those from the dot `first` of
        the inputs, and only those to the dot `last` of the outputs."""
        ways = []
        for k, (left, right) in enumerate(zip(self.spots, self.spots[1:], strict=False)):
            begin = [left[first]] if k == 0 and first is not None else left
            end = [right[last]] if k == len(self.spots) - 2 and last is not None else right
            ways.append([np.array([a, b]) for a in begin for b in end])
        return ways


class Wave(VMobject):
    """A wave in a network: `now()` counts passes; pass k runs along `passes[k]`, as Network.ways
    gives them, from the right to the left if `backward`."""

    def __init__(
        self,
        passes: Sequence[Sequence[Sequence[Floats]]],
        now: Callable[[], float],
        *,
        color: str,
        backward: bool = False,
    ) -> None:
        super().__init__(stroke_color=color, stroke_width=StrokeWidth.arrow)
        runs = [_turned(ways) if backward else ways for ways in passes]

        def follow(_: Mobject) -> None:
            at = now()
            index = int(at)
            self.clear_points()
            if 0 <= index < len(runs):
                self._draw(runs[index], at - index)

        self.add_updater(follow, call_updater=True)

    def _draw(self, ways: Sequence[Sequence[Floats]], share: float) -> None:
        front = share * (len(ways) + WAVE)
        for k, edges in enumerate(ways):
            head, tail = min(front - k, 1.0), max(front - WAVE - k, 0.0)
            if tail < head:
                for begin, end in edges:
                    self.start_new_path(begin + (end - begin) * tail)
                    self.add_line_to(begin + (end - begin) * head)


class Slopes(VGroup):
    """Bars at the inputs of a network, as long as the slopes there; input k is found, and its bar
    seen, once `found(k)` holds. `side` is -1 for bars to the left of the dots, 1 to the right."""

    def __init__(
        self,
        spots: Sequence[Floats],
        slopes: Sequence[float],
        found: Callable[[int], bool],
        *,
        side: int = -1,
    ) -> None:
        most = max((abs(slope) for slope in slopes), default=0.0) or 1.0
        bars = []
        for spot, slope in zip(spots, slopes, strict=True):
            begin = spot + np.array([side * 2.2 * DOT, 0, 0])
            long = max(BAR * abs(slope) / most, 0.02)
            bars.append(Line(begin, begin + np.array([side * long, 0, 0]), stroke_width=7))
            bars[-1].set_stroke(colors.sign(slope))
        super().__init__(*bars)

        def follow(_: Mobject) -> None:
            for k, bar in enumerate(bars):
                bar.set_stroke(opacity=1.0 if found(k) else 0.0)

        self.add_updater(follow, call_updater=True)


def _spread(count: int, reach: float) -> Floats:
    """Heights of `count` dots, from the top, evenly within `reach` above and below."""
    most = min(reach, 0.45 * (count - 1) / 2) if count > 1 else 0.0
    heights: Floats = np.linspace(most, -most, count)
    return heights


def _dot(spot: Floats) -> Circle:
    dot = Circle(radius=DOT, stroke_width=2.5, stroke_color=colors.muted)
    return dot.set_fill(colors.panel, opacity=1).move_to(spot)


def _turned(ways: Sequence[Sequence[Floats]]) -> list[list[Floats]]:
    return [[edge[::-1] for edge in edges] for edges in reversed(ways)]
