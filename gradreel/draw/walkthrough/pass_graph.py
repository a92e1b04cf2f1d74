"""The small graph beside the code: nodes light up in the order in which the engine took them."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from manim import Animation, AnimationGroup, FadeIn, RoundedRectangle, VGroup, VMobject

from gradreel.draw.graph.graph_layout import Layout, layout_graph
from gradreel.draw.layout import Rect
from gradreel.draw.numbers import ShownNumber
from gradreel.draw.plane import Floats
from gradreel.draw.walkthrough.mono_text import MonoText, char_width
from gradreel.tape import Op, Quantity, Step, Tape, Value, format_number
from gradreel.theme import StrokeWidth, colors

BOX = 0.46
_ROW = 0.98  # a box, the gradient below it, air
_LINE = 0.62  # from the middle of a box to a line that passes below its number
_LEAST_GAP = 0.3
_LONGEST = 14


class PassGraph(VGroup):
    """One backward pass in `area`. A graph too large for a drawing becomes a list of its nodes."""

    def __init__(self, tape: Tape, backward: int, area: Rect) -> None:
        super().__init__()
        self.tape, self.backward, self.area = tape, backward, area
        self.nodes: dict[str, VGroup] = {}
        self.lines: dict[tuple[str, str], VMobject] = {}
        self._bends: dict[tuple[str, str], list[Floats]] = {}
        places = self._layout() or self._list()
        for op in tape.ops:
            self.nodes[op.id] = _node(_label(op), op, places[op.id])
        if self._drawn:
            self._connect()
        self.add(*self.lines.values(), *self.nodes.values())
        # Room below the lowest boxes for their numbers.
        self.shift(np.array([0, area.bottom + 0.45 - self.get_bottom()[1], 0]))

    def _layout(self) -> dict[str, Floats] | None:
        """Places by layers, from the leaves on the left; None where they do not fit."""
        self._drawn = False
        if len(self.tape.ops) > 16:
            return None
        layout = layout_graph(self.tape)
        widths = [0.0] * layout.layers
        for op in self.tape.ops:
            layer = round(layout.positions[op.id][0])
            widths[layer] = max(widths[layer], _width(_label(op)))
        free = self.area.width - sum(widths)
        gap = min(free / max(len(widths) - 1, 1), 1.1)
        pitch = _pitch(layout, self.area.height)
        if (len(widths) > 1 and gap < _LEAST_GAP) or not pitch:
            return None
        self._drawn = True
        left = self.area.center[0] - (sum(widths) + gap * (len(widths) - 1)) / 2
        heights = [y for _, y in layout.positions.values()]
        heights += [y for bend in layout.bends.values() for _, y in bend]
        middle = (max(heights) + min(heights)) / 2
        xs = [left + sum(widths[:k]) + gap * k + w / 2 for k, w in enumerate(widths)]
        y0 = self.area.center[1] + 0.2

        def spot(x: float, y: float, side: float = 0.0) -> Floats:
            column = round(x)
            across = xs[column] + side * widths[column] / 2
            return np.array([across, y0 + (y - middle) * pitch, 0.0])

        self._bends = {
            # Level past the boxes of a layer, so that no line runs into one.
            pair: [spot(x, y, side) for x, y in bend for side in (-1.0, 1.0)]
            for pair, bend in layout.bends.items()
        }
        return {op: spot(x, y) for op, (x, y) in layout.positions.items()}

    def _list(self) -> dict[str, Floats]:
        """Places in the engine's order, row by row like words."""
        order = [step.op for step in self.tape.backward(self.backward)]
        order += [op.id for op in self.tape.ops if op.id not in order]
        steps = self.tape.backward(self.backward)
        scalars = any(isinstance(step.gradient, float) for step in steps)
        x, y = self.area.left, self.area.top - BOX / 2
        places = {}
        for op_id in order:
            width = _width(_label(self.tape[op_id]))
            if x + width > self.area.right:
                x, y = self.area.left, y - (_ROW - 0.1 if scalars else BOX + 0.12)
            places[op_id] = np.array([x + width / 2, y, 0.0])
            x += width + 0.14
        return places

    def _connect(self) -> None:
        for op in self.tape.ops:
            for source in op.inputs:
                start = self.nodes[source][0].get_right()
                end = self.nodes[op.id][0].get_left()
                line = VMobject(stroke_color=colors.muted, stroke_width=StrokeWidth.axis)
                bends = self._bends.get((op.id, source), [])
                self.lines[op.id, source] = line.set_points_as_corners([start, *bends, end])

    @property
    def fits(self) -> bool:
        """Whether it is small enough to be shown at all."""
        return self.height <= self.area.height + 0.3

    def highlights(self, step: Step) -> Animation:
        """A node has its turn: its frame, the gradient it was handed, the ways it sends on."""
        box = self.nodes[step.op][0]
        moves: list[Any] = [box.animate.set_stroke(colors.gradient, width=StrokeWidth.frame + 1)]
        for (source, _), line in self.lines.items():
            if source == step.op:
                moves.append(line.animate.set_stroke(colors.gradient))
        number = self._number(step)
        if number is not None:
            moves.append(FadeIn(number))
            self.add(number)
        return AnimationGroup(*moves)

    def _number(self, step: Step) -> MonoText | None:
        value: Value | None = step.gradient
        if not isinstance(value, (int, float)):
            return None
        quantity: Quantity = self.tape.gradient(step.op, step.backward)
        box = self.nodes[step.op][0]
        words = format_number(float(quantity))
        x = box.get_center()[0] - len(words) * char_width() / 2
        y = box.get_bottom()[1] - 0.32
        return MonoText(words, x, y, color=colors.gradient, shown=(ShownNumber(words, quantity),))


def _pitch(layout: Layout, height: float) -> float:
    """From one row to the next: boxes need more than lines that pass; 0 where they do not fit."""
    columns: dict[int, list[float]] = {}
    for x, y in layout.positions.values():
        columns.setdefault(round(x), []).append(y)
    apart = [b - a for ys in columns.values() for a, b in pairwise(sorted(ys))]
    least = max(_ROW / min(apart, default=_ROW / _LINE), _LINE)
    fitting = (height + 0.2 - _ROW) / max(layout.rows - 1, 1e-6)
    return 0.0 if fitting < least else min(fitting, _ROW)


def _label(op: Op) -> str:
    words = op.name or op.id.partition("@")[0]
    return words if len(words) <= _LONGEST else words[: _LONGEST - 1] + "…"


def _width(words: str) -> float:
    return max(len(words) * char_width() + 0.28, 0.55)


def _node(words: str, op: Op, place: Floats) -> VGroup:
    tone = colors.leaf if op.is_leaf else colors.value if op.name else colors.muted
    box = RoundedRectangle(
        corner_radius=0.12, width=_width(words), height=BOX,
        stroke_color=tone, stroke_width=StrokeWidth.frame, fill_opacity=0,
    ).move_to(place)  # fmt: skip
    x = place[0] - len(words) * char_width() / 2
    return VGroup(box, MonoText(words, x, place[1] - 0.09, color=colors.text))
