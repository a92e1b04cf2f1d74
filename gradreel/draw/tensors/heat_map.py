"""Heat maps of tensors: numbers as colored cells, and the color bar that explains them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from manim import RIGHT, Rectangle, VGroup, VMobject, interpolate_color
from manim.utils.color import ManimColor

from gradreel.draw.baseline import align_baselines
from gradreel.draw.numbers import Readout
from gradreel.draw.plane import Floats
from gradreel.draw.text import text
from gradreel.tape import Op, Quantity, Recorded, Summary, Tape, Value
from gradreel.tape.tape import summary_numbers
from gradreel.theme import FontSize, StrokeWidth, colors

LEVELS = 10  # shades on either side of zero
FILLED = 0.9  # the side of a cell's square, as a share of the cell's pitch
RIM = 0.05
MOST_SINGLE_CELLS = 150  # each its own mobject; in larger tensors cells of one shade share one
MOST_CELLS_ACROSS = 48  # of a tensor with more in one direction a sample is drawn
SAMPLE_SIZE = (6, 12)  # rows and columns
BAR_WIDTH = 2.2
BAR_HEIGHT = 0.26


@dataclass(frozen=True, slots=True)
class Scale:
    """Maps a number to a color by the square root of its magnitude, up to `most`.

    The root makes small numbers distinguishable from zero. Positive and negative numbers have the
    colors of the roles `above` and `below`; a number that is not finite also gets a cross.
    """

    most: Quantity
    above: str = "rising"
    below: str = "falling"

    @classmethod
    def for_gradients(cls, most: Quantity) -> Scale:
        """A scale in the colors of gradients, so that they are not taken for values."""
        return cls(most, "gradient", "gradient_below")

    def level(self, number: float) -> int:
        """The shade of a number: 0 for zero, up to plus or minus LEVELS."""
        if math.isnan(number) or not self.most:
            return 0
        share = min(abs(number) / abs(float(self.most)), 1.0)
        return int(math.copysign(round(LEVELS * math.sqrt(share)), number))

    def color(self, level: int) -> ManimColor:
        """The color of a shade."""
        end = getattr(colors, self.above if level > 0 else self.below)
        return interpolate_color(
            ManimColor(colors.background), ManimColor(end), min(abs(level) / LEVELS, 1.0)
        )

    @classmethod
    def of_values(cls, tape: Tape) -> Scale:
        """The scale up to the largest magnitude in the values of a tape's tensors."""
        rows = [(op.id, op.value) for op in tape if op.shape and is_measured(op)]
        best, value, at = _largest(rows)
        if isinstance(value, Summary):
            return cls(_largest_of_summary(value, best))
        return cls(NOTHING if value is None else tape.value(best, at))

    @classmethod
    def of_gradients(cls, tape: Tape, backward: int) -> Scale:
        """The scale up to the largest magnitude in the tensor gradients of one backward pass."""
        rows = [(s.op, s.gradient) for s in tape.backward(backward) if tape[s.op].shape]
        best, value, at = _largest(rows)
        if isinstance(value, Summary):
            label = f"the gradient at {best} in backward {backward}"
            return cls.for_gradients(_largest_of_summary(value, label))
        return cls.for_gradients(NOTHING if value is None else tape.gradient(best, backward, at))


class HeatMap(VGroup):
    """A tensor as cells: the last two dimensions are rows and columns.

    Slices of the third dimension from the end are side by side, those of further ones are stacked.
    `rim` is the color of the border. `cells` holds one mobject per number, row-major, or one per
    shade if there are more than MOST_SINGLE_CELLS numbers.
    """

    def __init__(self, value: Value, scale: Scale, *, cell: float, rim: str = "") -> None:
        super().__init__()
        numbers = np.asarray(value, dtype=float)
        centers = cell_centers(numbers.shape) * cell
        numbers = numbers.reshape(-1)
        self._add_border(centers, cell, rim)
        levels = [scale.level(number) for number in numbers]
        single = len(numbers) <= MOST_SINGLE_CELLS
        groups = range(len(numbers)) if single else sorted(set(levels))
        self.cells = [
            _squares(
                [centers[g]] if single else centers[[level == g for level in levels]],
                cell * FILLED,
                scale.color(levels[g] if single else g),
            )
            for g in groups
        ]
        self.add(*self.cells)
        not_finite = centers[~np.isfinite(numbers)]
        if len(not_finite):
            self.add(_crosses(not_finite, cell * FILLED))

    def _add_border(self, centers: Floats, cell: float, rim: str) -> None:
        low, high = centers.min(axis=0) - cell / 2 - RIM, centers.max(axis=0) + cell / 2 + RIM
        border = Rectangle(
            width=high[0] - low[0], height=high[1] - low[1],
            stroke_width=0, fill_color=rim or colors.muted, fill_opacity=1,
        ).move_to((low + high) / 2)  # fmt: skip
        inner = Rectangle(
            width=border.width - RIM, height=border.height - RIM,
            stroke_width=0, fill_color=colors.panel, fill_opacity=1,
        ).move_to(border)  # fmt: skip
        self.add(border, inner)


class ColorBar(VGroup):
    """The legend of a scale: its name, and a strip of shades from minus to plus `most`.

    The ends are labelled in two significant digits.
    """

    def __init__(self, label: str, scale: Scale, rim: str) -> None:
        super().__init__()
        most = scale.most
        ends = [
            Quantity(sign * abs(float(most)), f"{most.source}, in size", f"{label} end").rounded(2)
            for sign in (-1, 1)
        ]
        step = BAR_WIDTH / (2 * LEVELS + 1)
        shades = VGroup(
            *(
                _squares(
                    [np.array([k * step, 0.0, 0.0])], step * 1.02, scale.color(k), height=BAR_HEIGHT
                )
                for k in range(-LEVELS, LEVELS + 1)
            )
        )
        frame = Rectangle(
            width=BAR_WIDTH, height=BAR_HEIGHT, stroke_color=rim, stroke_width=StrokeWidth.frame
        )
        low, high = (Readout(end, font_size=FontSize.small, color=colors.muted) for end in ends)
        words = text(label, font_size=FontSize.small, color=rim)
        self.add(words, low, VGroup(shades, frame.move_to(shades)), high)
        self.arrange(RIGHT, buff=0.18)
        align_baselines(words, low, high)


def cell_centers(shape: Sequence[int]) -> Floats:
    """The centers of a tensor's cells, row-major, in units of cells, shape (numbers, 3)."""
    dims = (1,) * (4 - len(shape)) + tuple(shape)
    stacked, beside, rows, columns = math.prod(dims[:-3]), *dims[-3:]
    b, s, r, c = np.indices((stacked, beside, rows, columns)).reshape(4, -1)
    x = c + s * (columns + 0.6)
    y = -(r + b * (rows + 0.6))
    centers = np.stack([x, y, np.zeros_like(x)], axis=1).astype(float)
    centered: Floats = centers - (centers.min(axis=0) + centers.max(axis=0)) / 2
    return centered


def is_measured(op: Op) -> bool:
    """Whether a tensor's numbers are magnitudes: whole numbers are labels or positions."""
    return op.dtype.startswith(("float", "bfloat", "complex"))


NOTHING = Quantity(0.0, "no tensor with numbers", "nothing")


def drawn_numbers(value: Recorded) -> tuple[Value, bool]:
    """The numbers that a heat map shows of a tensor, and whether they are only a sample."""
    if isinstance(value, Summary):
        return _sample(np.asarray(value.sample or (value.low, value.high), dtype=float)), True
    numbers = np.asarray(value, dtype=float)
    if float(np.ptp(cell_centers(numbers.shape), axis=0).max()) < MOST_CELLS_ACROSS:
        return value, False
    return _sample(numbers), True


def _sample(numbers: Floats) -> Value:
    """At most SAMPLE_SIZE evenly spaced rows and columns of a matrix or vector."""
    while numbers.ndim > 2:
        numbers = numbers[0]
    for axis, most in zip(range(numbers.ndim), SAMPLE_SIZE[-numbers.ndim :], strict=True):
        side = numbers.shape[axis]
        steps = np.linspace(0, side - 1, min(side, most)).round().astype(int)
        numbers = numbers.take(steps, axis)
    return _nested(numbers.tolist())


def sample_note(*values: Recorded | None) -> str:
    """ " sampled" if the heat map of one of these tensors shows only a sample of it."""
    return " sampled" if any(v is not None and drawn_numbers(v)[1] for v in values) else ""


def _nested(item: Any) -> Value:
    return tuple(map(_nested, item)) if isinstance(item, list) else float(item)


def _largest(
    rows: Iterable[tuple[str, Recorded | None]],
) -> tuple[str, Recorded | None, tuple[int, ...]]:
    """The tensor with the number of the largest magnitude: its row, and the index of the number."""
    best: tuple[str, Recorded | None, tuple[int, ...]] = ("", None, ())
    most = 0.0
    for name, value in rows:
        if value is None:
            continue
        numbers = (value.low, value.high) if isinstance(value, Summary) else value
        sizes = np.abs(np.asarray(numbers, dtype=float))
        sizes[~np.isfinite(sizes)] = 0.0
        if sizes.size and (best[1] is None or sizes.max() > most):
            most = float(sizes.max())
            index = np.unravel_index(int(sizes.argmax()), sizes.shape)
            best = (name, value, tuple(int(k) for k in index))
    return best


def _largest_of_summary(summary: Summary, label: str) -> Quantity:
    numbers = summary_numbers(summary, label)
    return max(numbers["low"], numbers["high"], key=abs)


def _squares(
    centers: Iterable[Floats], side: float, color: ManimColor, height: float = 0.0
) -> VMobject:
    """Squares, or rectangles of another `height`, at these centers, as one mobject."""
    x, y = side / 2, (height or side) / 2
    corners = np.array([[-x, -y, 0], [x, -y, 0], [x, y, 0], [-x, y, 0], [-x, -y, 0]])
    squares = VMobject(stroke_width=0, fill_color=color, fill_opacity=1)
    for center in centers:
        squares.start_new_path(center + corners[0])
        squares.add_points_as_corners(center + corners[1:])
    return squares


def _crosses(centers: Iterable[Floats], side: float) -> VMobject:
    crosses = VMobject(stroke_color=colors.warning, stroke_width=StrokeWidth.axis)
    for center in centers:
        for slope in (1, -1):
            reach = np.array([side / 2, slope * side / 2, 0])
            crosses.start_new_path(center - reach)
            crosses.add_line_to(center + reach)
    return crosses
