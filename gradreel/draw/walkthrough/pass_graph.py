"""A small graph of one backward pass, whose nodes light up in the engine's order."""

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
from gradreel.draw.walkthrough.variable_text import truncate
from gradreel.tape import Op, Quantity, Step, Tape, format_number
from gradreel.theme import StrokeWidth, colors

BOX_HEIGHT = 0.46
_ROW_PITCH = 0.98  # a box, the gradient below it, and space
_LINE_DISTANCE = 0.62  # from the middle of a box to a line that passes below its gradient
_LEAST_GAP = 0.3
_MOST_GAP = 1.1
_MOST_CHARACTERS = 14
_MOST_OPS = 16  # that are drawn as a graph


class PassGraph(VGroup):
    """One backward pass in `area`: as a graph, or as a list of nodes where that does not fit."""

    def __init__(self, tape: Tape, backward: int, area: Rect) -> None:
        super().__init__()
        self.tape, self.backward, self.area = tape, backward, area
        self.nodes: dict[str, VGroup] = {}
        self.lines: dict[tuple[str, str], VMobject] = {}
        self._bends: dict[tuple[str, str], list[Floats]] = {}
        layered = self._layered_positions()
        positions = layered or self._list_positions()
        for op in tape.ops:
            self.nodes[op.id] = _node(_label(op), op, positions[op.id])
        if layered is not None:
            self._connect()
        self.add(*self.lines.values(), *self.nodes.values())
        # Leave space below the lowest boxes for their gradients.
        self.shift(np.array([0, area.bottom + 0.45 - self.get_bottom()[1], 0]))

    def _layered_positions(self) -> dict[str, Floats] | None:
        """Positions in layers, the leaves on the left; None where they do not fit."""
        if len(self.tape.ops) > _MOST_OPS:
            return None
        layout = layout_graph(self.tape)
        widths = [0.0] * layout.layers
        for op in self.tape.ops:
            layer = round(layout.positions[op.id][0])
            widths[layer] = max(widths[layer], self._space(op.id))
        free = self.area.width - sum(widths)
        gap = min(free / max(len(widths) - 1, 1), _MOST_GAP)
        pitch = _row_pitch(layout, self.area.height)
        if (len(widths) > 1 and gap < _LEAST_GAP) or not pitch:
            return None
        left = self.area.center[0] - (sum(widths) + gap * (len(widths) - 1)) / 2
        xs = [left + sum(widths[:k]) + gap * k + w / 2 for k, w in enumerate(widths)]
        y0 = self.area.center[1] + 0.2

        def position(x: float, y: float, side: float = 0.0) -> Floats:
            column = round(x)
            across = xs[column] + side * widths[column] / 2
            return np.array([across, y0 + (y - layout.middle) * pitch, 0.0])

        self._bends = {
            # Horizontal past the boxes of a layer, so that no line crosses one.
            pair: [position(x, y, side) for x, y in bend for side in (-1.0, 1.0)]
            for pair, bend in layout.bends.items()
        }
        return {op: position(x, y) for op, (x, y) in layout.positions.items()}

    def _space(self, op_id: str) -> float:
        """The width of a node's box, or of the gradient below it if that is wider."""
        steps = self.tape.backward(self.backward)
        numbers = [s.gradient for s in steps if s.op == op_id and isinstance(s.gradient, float)]
        longest = max((len(format_number(number)) for number in numbers), default=0)
        return max(_width(_label(self.tape[op_id])), (longest + 1) * char_width())

    def _list_positions(self) -> dict[str, Floats]:
        """Positions in the engine's order, in rows as words are."""
        steps = self.tape.backward(self.backward)
        order = [step.op for step in steps]
        order += [op.id for op in self.tape.ops if op.id not in order]
        scalars = any(isinstance(step.gradient, float) for step in steps)
        x, y = self.area.left, self.area.top - BOX_HEIGHT / 2
        positions = {}
        for op_id in order:
            width = self._space(op_id)
            if x + width > self.area.right:
                x, y = self.area.left, y - (_ROW_PITCH - 0.1 if scalars else BOX_HEIGHT + 0.12)
            positions[op_id] = np.array([x + width / 2, y, 0.0])
            x += width + 0.14
        return positions

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
        """Whether the graph fits into the height of its area."""
        return self.height <= self.area.height + 0.3

    def highlights(self, step: Step) -> Animation:
        """Highlight a node and the lines to its inputs, and show the gradient it received."""
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
        if not isinstance(step.gradient, (int, float)):
            return None
        quantity: Quantity = self.tape.gradient(step.op, step.backward)
        box = self.nodes[step.op][0]
        words = format_number(float(quantity))
        x = box.get_center()[0] - len(words) * char_width() / 2
        y = box.get_bottom()[1] - 0.32
        return MonoText(words, x, y, color=colors.gradient, shown=(ShownNumber(words, quantity),))


def _row_pitch(layout: Layout, height: float) -> float:
    """The distance of rows: boxes need more than passing lines. 0 where they do not fit."""
    columns: dict[int, list[float]] = {}
    for x, y in layout.positions.values():
        columns.setdefault(round(x), []).append(y)
    distances = [b - a for ys in columns.values() for a, b in pairwise(sorted(ys))]
    closest = min(distances, default=_ROW_PITCH / _LINE_DISTANCE)
    least = max(_ROW_PITCH / closest, _LINE_DISTANCE)
    fitting = (height + 0.2 - _ROW_PITCH) / max(layout.rows - 1, 1e-6)
    return 0.0 if fitting < least else min(fitting, _ROW_PITCH)


def _label(op: Op) -> str:
    return truncate(op.name or op.id.partition("@")[0], _MOST_CHARACTERS)


def _width(words: str) -> float:
    return max(len(words) * char_width() + 0.28, 0.55)


def _node(words: str, op: Op, position: Floats) -> VGroup:
    tone = colors.leaf if op.is_leaf else colors.value if op.name else colors.muted
    box = RoundedRectangle(
        corner_radius=0.12, width=_width(words), height=BOX_HEIGHT,
        stroke_color=tone, stroke_width=StrokeWidth.frame, fill_opacity=0,
    ).move_to(position)  # fmt: skip
    x = position[0] - len(words) * char_width() / 2
    return VGroup(box, MonoText(words, x, position[1] - 0.09, color=colors.text))
