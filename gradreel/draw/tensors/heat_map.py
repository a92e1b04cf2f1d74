"""Heat maps: a tensor's numbers as coloured cells, and the bar that says what a colour means."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from manim import RIGHT, Rectangle, VGroup, VMobject, interpolate_color
from manim.utils.color import ManimColor

from gradreel.draw.numbers import Readout
from gradreel.draw.plane import Floats
from gradreel.draw.text import text
from gradreel.tape import Quantity, Tape
from gradreel.tape.records import Value
from gradreel.theme import FontSize, StrokeWidth, colors

LEVELS = 10  # shades on either side of zero
FILLED = 0.9  # how much of its place a cell covers
RIM = 0.05
MOST_SINGLE = 150  # cells that are mobjects of their own; of more, those of one shade are one
BAR = 2.2


@dataclass(frozen=True, slots=True)
class Scale:
    """Which colour a number has: deeper with its size, up to `most`, by the square root.

    The root lets small numbers be told from zero. Positive and negative differ in hue and in
    brightness; what is not finite has a cross.
    """

    most: Quantity

    def level(self, number: float) -> int:
        """The shade of a number: 0 for zero, up to plus or minus LEVELS."""
        if math.isnan(number) or not self.most:
            return 0
        share = min(abs(number) / abs(float(self.most)), 1.0)
        return int(math.copysign(round(LEVELS * math.sqrt(share)), number))

    def color(self, level: int) -> ManimColor:
        """The colour of a shade."""
        end = colors.rising if level > 0 else colors.falling
        return interpolate_color(
            ManimColor(colors.background), ManimColor(end), min(abs(level) / LEVELS, 1.0)
        )

    @classmethod
    def of_values(cls, tape: Tape) -> Scale:
        """The scale on which the largest value of a tape's tensors has the deepest colour."""
        rows = [(op.id, op.value) for op in tape if op.shape]
        return cls(_largest((abs(n), tape.value(o, at)) for o, v in rows for at, n in _numbers(v)))

    @classmethod
    def of_gradients(cls, tape: Tape, backward: int) -> Scale:
        """The same for the gradients that one pass handed to tensors."""
        rows = [(s.op, s.gradient) for s in tape.backward(backward) if tape[s.op].shape]
        return cls(
            _largest(
                (abs(n), tape.gradient(o, backward, at)) for o, g in rows for at, n in _numbers(g)
            )
        )


class HeatMap(VGroup):
    """A tensor as cells: rows and columns of its last two dimensions, further ones side by side,
    the fourth from the end one below the other. `rim` is the colour of its edge.

    `cells` holds one mobject a number, row-major, where there are not too many.
    """

    def __init__(self, value: Value, scale: Scale, *, cell: float, rim: str = "") -> None:
        super().__init__()
        numbers = np.asarray(value, dtype=float)
        places = cell_places(numbers.shape) * cell
        numbers = numbers.reshape(-1)
        levels = [scale.level(number) for number in numbers]
        low, high = places.min(axis=0) - cell / 2 - RIM, places.max(axis=0) + cell / 2 + RIM
        self.ground = Rectangle(
            width=high[0] - low[0], height=high[1] - low[1],
            stroke_width=0, fill_color=rim or colors.muted, fill_opacity=1,
        ).move_to((low + high) / 2)  # fmt: skip
        inner = Rectangle(
            width=self.ground.width - RIM, height=self.ground.height - RIM,
            stroke_width=0, fill_color=colors.panel, fill_opacity=1,
        ).move_to(self.ground)  # fmt: skip
        single = len(numbers) <= MOST_SINGLE
        groups = range(len(numbers)) if single else sorted(set(levels))
        self.cells = [
            _squares(
                [places[g]] if single else places[[lv == g for lv in levels]],
                cell * FILLED,
                scale.color(levels[g] if single else g),
            )
            for g in groups
        ]
        self.add(self.ground, inner, *self.cells)
        odd = places[~np.isfinite(numbers)]
        if len(odd):
            self.add(_crosses(odd, cell * FILLED))


class ColorBar(VGroup):
    """What the shades of a scale mean: its name, and a strip from minus to plus the largest."""

    def __init__(self, label: str, scale: Scale, rim: str) -> None:
        super().__init__()
        most = scale.most
        ends = [
            Quantity(sign * abs(float(most)), f"{most.source}, in size", f"{label} end")
            for sign in (-1, 1)
        ]
        step = BAR / (2 * LEVELS + 1)
        shades = VGroup(
            *(
                _squares([np.array([k * step, 0.0, 0.0])], step * 1.02, scale.color(k), high=0.26)
                for k in range(-LEVELS, LEVELS + 1)
            )
        )
        frame = Rectangle(width=BAR, height=0.26, stroke_color=rim, stroke_width=StrokeWidth.frame)
        low, high = (Readout(end, font_size=FontSize.small, color=colors.muted) for end in ends)
        words = text(label, font_size=FontSize.small, color=rim)
        self.add(words, low, VGroup(shades, frame.move_to(shades)), high)
        self.arrange(RIGHT, buff=0.18)


def cell_places(shape: Sequence[int]) -> Floats:
    """The middles of the cells of a tensor, in cells, shape (numbers, 3); row-major."""
    dims = (1,) * (4 - len(shape)) + tuple(shape)
    below, beside, rows, columns = math.prod(dims[:-3]), *dims[-3:]
    b, s, r, c = np.indices((below, beside, rows, columns)).reshape(4, -1)
    x = c + s * (columns + 0.6)
    y = -(r + b * (rows + 0.6))
    places = np.stack([x, y, np.zeros_like(x)], axis=1).astype(float)
    middle: Floats = places - (places.min(axis=0) + places.max(axis=0)) / 2
    return middle


def _numbers(
    value: Value | None, at: tuple[int, ...] = ()
) -> Iterable[tuple[tuple[int, ...], float]]:
    """Every number of a tensor that is finite, with its index."""
    if isinstance(value, tuple):
        for k, inner in enumerate(value):
            yield from _numbers(inner, (*at, k))
    elif value is not None and math.isfinite(value):
        yield at, value


def _largest(sizes: Iterable[tuple[float, Quantity]]) -> Quantity:
    nothing = Quantity(0.0, "no tensor with numbers", "nothing")
    return max(sizes, key=lambda pair: pair[0], default=(0.0, nothing))[1]


def _squares(
    places: Iterable[Floats], side: float, color: ManimColor, high: float = 0.0
) -> VMobject:
    """Squares (or, `high`, upright boxes) around these places as one mobject."""
    x, y = side / 2, (high or side) / 2
    corners = np.array([[-x, -y, 0], [x, -y, 0], [x, y, 0], [-x, y, 0], [-x, -y, 0]])
    drawn = VMobject(stroke_width=0, fill_color=color, fill_opacity=1)
    for place in places:
        drawn.start_new_path(place + corners[0])
        drawn.add_points_as_corners(place + corners[1:])
    return drawn


def _crosses(places: Iterable[Floats], side: float) -> VMobject:
    drawn = VMobject(stroke_color=colors.warning, stroke_width=StrokeWidth.axis)
    for place in places:
        for slope in (1, -1):
            reach = np.array([side / 2, slope * side / 2, 0])
            drawn.start_new_path(place - reach)
            drawn.add_line_to(place + reach)
    return drawn
