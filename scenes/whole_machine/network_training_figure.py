"""A network in training: its weights as colored lines and as tiles, and the loss as a curve.

Everything follows `state()`, the number of steps taken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from manim import (
    DOWN,
    LEFT,
    RIGHT,
    UP,
    Animation,
    ApplyMethod,
    Mobject,
    VGroup,
    VMobject,
    linear,
    there_and_back,
)

from gradreel.draw.baseline import align_baselines, baseline_row
from gradreel.draw.contours import MapTrail
from gradreel.draw.labelled_number import LabelledNumber
from gradreel.draw.layout import Rect, fit_into, point
from gradreel.draw.network_diagram import (
    Edges,
    NetworkDiagram,
    NetworkWave,
    reversed_edges,
)
from gradreel.draw.numbers import Readout
from gradreel.draw.plane import Floats, Plane, padded_range
from gradreel.draw.tensors.cell_sizes import CELL_SIZES
from gradreel.draw.tensors.heat_map import HeatMap, Scale
from gradreel.draw.text import text
from gradreel.tape import Quantity
from gradreel.theme import FontSize, StrokeWidth, colors

if TYPE_CHECKING:
    from gradreel.scenes.whole_machine.network_training_experiment import NetworkTraining

State = Callable[[], int]
NAME_GAP, MAP_GAP, BLOCK_GAP = 0.14, 0.12, 0.45
HEADROOM = 0.25  # above a curve of losses, for the first one
LOOP = ("forward", "backward", "step")
MIN_LAYER = 5  # dots; smaller layers stand as close


class WeightLines(NetworkDiagram):
    """A network in `area` whose lines have the colors of its weights at `state()`."""

    def __init__(self, training: NetworkTraining, scale: Scale, state: State, area: Rect) -> None:
        matrices = [rows for rows in training.weights.values() if rows.ndim == 3]
        layers = [matrices[0].shape[2], *(rows.shape[1] for rows in matrices)]
        super().__init__(layers, area, spacing=area.height / max(*layers, MIN_LAYER))
        self.edges.set_stroke(width=StrokeWidth.curve)
        # The lines of a pair of layers run from each left dot to every right one: input by input.
        rows = np.concatenate([m.transpose(0, 2, 1).reshape(len(m), -1) for m in matrices], axis=1)

        def paint(k: int) -> None:
            for line, weight in zip(self.edges, rows[k], strict=True):
                line.set_stroke(scale.color(scale.level(weight)))

        follow_state(self, state, paint)


class WavePass(Animation):
    """A wave that runs once through the edges of a network, or with `back` from right to left."""

    def __init__(
        self, layers: Sequence[Edges], *, color: str, back: bool = False, **kwargs: Any
    ) -> None:
        self.layers = reversed_edges(layers) if back else layers
        wave = NetworkWave([], lambda: 0.0, color=color)
        wave.clear_updaters()
        super().__init__(wave, introducer=True, remover=True, rate_func=linear, **kwargs)

    def interpolate_mobject(self, alpha: float) -> None:
        """Draw the wave where it is now."""
        wave: Any = self.mobject
        wave.clear_points()
        wave.draw(self.layers, self.rate_func(alpha))


def loop_parts(network: NetworkDiagram, foot: Rect) -> list[tuple[Mobject, Animation]]:
    """The parts of a training step on a network: each has its name, side by side in `foot`."""
    passes, edges = network.edges_of_pass(), network.edges
    tones = (colors.value, colors.gradient, colors.leaf)
    moves = (
        WavePass(passes, color=tones[0]),
        WavePass(passes, color=tones[1], back=True),
        ApplyMethod(edges.set_stroke, tones[2], rate_func=there_and_back),
    )
    names = [
        text(word, font_size=FontSize.formula, color=tone).move_to(column.center)
        for word, tone, column in zip(LOOP, tones, foot.columns(1, 1, 1), strict=True)
    ]
    align_baselines(*names)
    return list(zip(names, moves, strict=True))


class WeightTiles(VGroup):
    """Every parameter of a network within `area`: its name, its values, and beside them its .grad.

    The parameters of a module stand in a row.
    """

    def __init__(
        self, training: NetworkTraining, scales: tuple[Scale, Scale], state: State, area: Rect
    ) -> None:
        super().__init__()
        for cell in reversed(CELL_SIZES):
            self.maps: list[tuple[HeatMap, Floats, Scale]] = []
            self.submobjects = [self._grid(training, scales, cell)]
            if self.width <= area.width and self.height <= area.height:
                break
        self.move_to(area.center)

        def paint(k: int) -> None:
            for heat_map, rows, scale in self.maps:
                for square, number in zip(heat_map.cells, rows[k].reshape(-1), strict=True):
                    square.set_fill(scale.color(scale.level(number)))

        follow_state(self, state, paint)

    def _grid(self, training: NetworkTraining, scales: tuple[Scale, Scale], cell: float) -> VGroup:
        modules: dict[str, list[VGroup]] = {}
        for name in training.weights:
            block = self._block(training, name, scales, cell)
            modules.setdefault(name.partition(".")[0], []).append(block)
        # Blocks of one column begin at one x, those of a row end at one y.
        columns = [
            max(block.width for block in column) for column in zip(*modules.values(), strict=True)
        ]
        grid, top = VGroup(), 0.0
        for row in modules.values():
            left = 0.0
            for block, width in zip(row, columns, strict=True):
                block.move_to(point(left, top), aligned_edge=UP + LEFT)
                left += width + BLOCK_GAP
                grid.add(block)
            top -= max(block.height for block in row) + BLOCK_GAP
        return grid

    def _block(
        self, training: NetworkTraining, name: str, scales: tuple[Scale, Scale], cell: float
    ) -> VGroup:
        pair = VGroup()
        tables = (training.weights[name], training.grads[name])
        for rows, scale, rim in zip(tables, scales, (colors.muted, colors.gradient), strict=True):
            heat_map = HeatMap(nested(rows[0]), scale, cell=cell, rim=rim)
            self.maps.append((heat_map, rows, scale))
            pair.add(heat_map)
        pair.arrange(DOWN if pair[0].width > 1.5 * pair[0].height else RIGHT, buff=MAP_GAP)
        title = text(name, font_size=FontSize.code, color=colors.leaf, mono=True)
        return VGroup(title, pair).arrange(DOWN, buff=NAME_GAP, aligned_edge=LEFT)


class LossCurve(VGroup):
    """The loss over the steps of a training, drawn up to `now()`, with its numbers above it."""

    def __init__(
        self, training: NetworkTraining, now: Callable[[], float], state: State, area: Rect
    ) -> None:
        super().__init__()
        head, picture = area.rows(0.55, 4.2, gap=0.1)
        last = len(training.losses) - 1
        low, high = padded_range(training.curve, HEADROOM)
        self.plane = Plane(
            (0.0, float(last)), (min(0.0, low), high), picture,
            x_name='upright("step")', y_name='upright("loss")', tick_count=(4, 4),
        )  # fmt: skip
        places = np.column_stack([np.arange(last + 1), training.curve])
        self.trail = MapTrail(self.plane, places, now, color=colors.value)
        self.ball = self.trail.head.set_fill(colors.accent)
        steps = training.steps
        self.numbers = baseline_row(
            _number("step", lambda: steps[state()]),
            _number("loss", lambda: training.losses[state()]),
            gap=0.7,
        )
        # There has to be room for the longest number too.
        longest = max(training.losses, key=lambda loss: len(loss.text))
        room = baseline_row(_number("step", steps[-1]), _number("loss", longest), gap=0.7)
        fit_into(VGroup(room, self.numbers.align_to(room, LEFT)), head)
        # With a word, so that it is not taken for a number of the axis.
        self.first = baseline_row(
            text("at first", font_size=FontSize.small, color=colors.muted),
            Readout(training.losses[0], font_size=FontSize.small, color=colors.value),
            gap=0.12,
        )
        self.first.next_to(self.plane.point(*places[0]), UP + RIGHT, buff=0.16).shift(0.25 * RIGHT)

    @property
    def parts(self) -> tuple[VMobject, ...]:
        """All that appears, one by one, since each part follows the clock."""
        return self.plane, self.numbers, self.first, self.trail


def follow_state(mobject: Mobject, state: State, paint: Callable[[int], None]) -> None:
    """Call `paint` with the number of steps whenever `state()` has changed."""
    painted = [-1]

    def follow(_: Any) -> None:
        if (k := state()) != painted[0]:
            painted[0] = k
            paint(k)

    mobject.add_updater(follow, call_updater=True)


def nested(array: Floats) -> tuple[Any, ...]:
    """The numbers of a tensor with at least one dimension as nested tuples."""
    rows: Iterator[Any] = (nested(row) if np.ndim(row) else float(row) for row in array)
    return tuple(rows)


def _number(name: str, source: Quantity | Callable[[], Any]) -> LabelledNumber:
    return LabelledNumber(f'upright("{name}")', source, places=None, font_size=FontSize.label)
