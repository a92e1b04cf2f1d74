"""A table of all gradients that a pass left in `.grad`: shapes, norms, bars as long as these."""

from __future__ import annotations

from itertools import zip_longest
from math import isfinite

from manim import (
    LEFT,
    ORIGIN,
    RIGHT,
    Animation,
    FadeIn,
    Indicate,
    LaggedStart,
    Rectangle,
    VGroup,
    VMobject,
)

from gradreel.draw.baseline import align_baselines
from gradreel.draw.graph.complex_number import complex_number
from gradreel.draw.layout import Rect, point
from gradreel.draw.numbers import Readout
from gradreel.draw.text import text
from gradreel.tape import Index, Quantity, Tape
from gradreel.tape.grad_norms import GradNorm, grad_norms
from gradreel.theme import FontSize, colors

ROW = 0.46  # frame units from one row to the next
GAP = 0.55  # between columns
LONGEST_BAR = 3.2
WRITTEN = 6  # numbers of a vector that are written out instead of its norm


class GradTable(VGroup):
    """One row for each leaf, or for each module where there are more leaves than rows.

    `count` is the number of rows below the head.
    """

    def __init__(self, tape: Tape, backward: int, area: Rect) -> None:
        super().__init__()
        most = int(area.height / ROW) - 1
        norms = grad_norms(tape, backward, most)
        self.count = len(norms)
        written = [_written(tape, norm, backward) for norm in norms]
        self._build(norms, written, area)
        if self.width > area.width:
            # A scalar is written out always, a short vector only where there is space for it.
            self._build(norms, [w if len(w) == 1 else () for w in written], area)
        if self.width > area.width:
            self.scale(area.width / self.width)

    def _build(
        self, norms: list[GradNorm], numbers: list[tuple[Quantity, ...]], area: Rect
    ) -> None:
        largest = max((float(n.norm) for n in norms if isfinite(n.norm)), default=0.0)
        bar = min(LONGEST_BAR, 0.25 * area.width)
        columns: list[list[VMobject]] = [
            [_head("leaf"), *(_words(norm.name, mono=True) for norm in norms)],
            [_head("numbers"), *(_words(_size(norm)) for norm in norms)],
            [_head(".grad, or its norm"), *(
                _numbers(written or (norm.norm,))
                for norm, written in zip(norms, numbers, strict=True)
            )],
            [VGroup(), *(_bar(float(norm.norm), largest, bar) for norm in norms)],
        ]  # fmt: skip
        self._place(columns, area)
        self.rows = [VGroup(*cells) for cells in zip_longest(*columns)]
        self.submobjects = list(self.rows)

    def _place(self, columns: list[list[VMobject]], area: Rect) -> None:
        widths = [max(cell.width for cell in column) for column in columns]
        x = area.center[0] - (sum(widths) + GAP * (len(widths) - 1)) / 2
        top = area.center[1] + ROW * (len(columns[0]) - 1) / 2
        for column, width in zip(columns, widths, strict=True):
            for k, cell in enumerate(column):
                cell.move_to(point(x + cell.width / 2, top - k * ROW))
            x += width + GAP
        for name, size, number, _ in zip(*columns, strict=True):
            align_baselines(name, size, number)

    def points_out_bars(self) -> Animation:
        """Draw attention to the bars."""
        bars = VGroup(*(row[-1] for row in self.rows[1:]))
        return Indicate(bars, color=colors.accent, scale_factor=1.05)

    def appears(self) -> Animation:
        """Show the table, row by row."""
        return LaggedStart(*(FadeIn(row, shift=0.2 * RIGHT) for row in self.rows), lag_ratio=0.1)


def _written(tape: Tape, norm: GradNorm, backward: int) -> tuple[Quantity, ...]:
    """The numbers of a scalar or of a short vector; none of other tensors."""
    if norm.shape is None or len(norm.shape) > 1 or norm.numbers > WRITTEN:
        return ()
    leaf = next(
        row.leaf
        for row in tape.grads
        if row.backward == backward and (tape[row.leaf].name or row.leaf) == norm.name
    )
    indices: list[Index] = [(k,) for k in range(norm.shape[0])] if norm.shape else [()]
    found = [tape.grad(leaf, backward, index) for index in indices]
    return tuple(number for number in found if number is not None)


def _size(norm: GradNorm) -> str:
    if norm.shape and norm.norm.dtype:
        return f"{list(norm.shape[:-1])} complex" if norm.shape[1:] else "1 complex"
    if norm.shape is not None:
        return str(list(norm.shape)) if norm.shape else "1"
    return f"{int(norm.numbers):,} in {norm.tensors} tensors"


def _head(words: str) -> VMobject:
    return text(words, font_size=FontSize.small, color=colors.muted)


def _words(words: str, *, mono: bool = False) -> VMobject:
    return text(words, font_size=FontSize.label if mono else FontSize.small, mono=mono)


def _numbers(numbers: tuple[Quantity, ...]) -> VGroup:
    if len(numbers) == 2 and numbers[0].dtype.startswith("complex"):
        return complex_number(*numbers, role="gradient", font_size=FontSize.small)
    readouts = (Readout(n, font_size=FontSize.small, color=colors.gradient) for n in numbers)
    group = VGroup(*readouts).arrange(RIGHT, buff=0.3)
    align_baselines(*group)
    return group


def _bar(norm: float, largest: float, length: float) -> VGroup:
    share = norm / largest if largest > 0 and norm < float("inf") else 0.0
    bar = Rectangle(
        width=max(length * share, 0.02), height=0.2,
        stroke_width=0, fill_color=colors.gradient, fill_opacity=1,
    )  # fmt: skip
    return VGroup(bar.align_to(ORIGIN, LEFT))
