"""A compact graph of a tape: boxes with names, arrows, and gradients that move along them.

For scenes in which the graph stands beside something else. `gradreel.draw.graph` draws the same
tape at full size, with values, nodes and local derivatives.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

import numpy as np
from manim import (
    DOWN,
    LEFT,
    RIGHT,
    Animation,
    AnimationGroup,
    ApplyMethod,
    FadeIn,
    FadeOut,
    LaggedStart,
    Mobject,
    ShowPassingFlash,
    VGroup,
    smooth,
    there_and_back,
)

from gradreel.draw.compact_arrow import CompactArrow
from gradreel.draw.compact_node import LEAST_BOX, border_point, frame_style, node_of
from gradreel.draw.graph.edge_arrow import Travel, edge_key, pulse, trace_back, trace_forward
from gradreel.draw.graph.graph_layout import layout_graph, visible_ops
from gradreel.draw.layout import Rect, bounding_rect, point
from gradreel.draw.no_motion import together
from gradreel.draw.numbers import Readout
from gradreel.draw.plane import Floats
from gradreel.draw.text import math
from gradreel.draw.text import variable_name as set_name
from gradreel.draw.text_background import text_background
from gradreel.draw.typeset import Typeset
from gradreel.tape import Edge, Op, Step, Tape
from gradreel.theme import FontSize, StrokeWidth, colors

MOST_PITCH = 1.9
NUMBER_GAP = 0.12  # between two gradients in a row, frame units
LEAST_NUMBER = 0.5  # size of a gradient, as a share of the font size
NODE_SIZES = (1.0, 0.9, 0.8)  # shares of the font size, of which the first that leaves nodes apart

SIGNS = {" * ": "times", " / ": "div", " + ": "+", " - ": "-", " ** ": "(dot)^n"}
"""The label of an op without a name: the operator in its call, as Typst math."""
NODE_SIGNS = {"Mul": "times", "Div": "div", "Add": "+", "Sub": "-", "Pow": "(dot)^n", "Neg": "-"}
"""The same by the name of its node, for a tape without calls."""


class CompactGraph(VGroup):
    """The ops of `tape` within `area`, from the inputs to the result.

    The graph runs downward or to the right, as `down` says, or else by what leaves more space
    between the boxes. `nodes`
    and, after a backward pass, `sums` are keyed by op id; `unfolds` brings everything on stage.
    """

    places_itself = True  # within `area`; layout.fit_into refuses it
    least_box = LEAST_BOX

    def __init__(
        self, tape: Tape, area: Rect, *, font_size: float = FontSize.body, down: bool | None = None
    ) -> None:
        super().__init__()
        self.tape, self.area = tape, area
        self._wanted = down
        self.layout = layout_graph(tape)
        for share in NODE_SIZES:
            self._place_nodes(font_size * share)
            if self._are_separate():
                break
        self._fit_numbers()
        self._center()
        self.arrows = {
            (op_id, source, slot): self._arrow(op_id, source, slot)
            for op_id in self.nodes
            for slot, source in enumerate(tape[op_id].inputs)
            if source in self.nodes
        }
        self.sums: dict[str, Readout] = {}
        self.add(*self.arrows.values(), *self.nodes.values())

    def _place_nodes(self, font_size: float) -> None:
        """Create the nodes with names of this size, each in its place."""
        self.font_size = self.number_size = font_size
        self.nodes = {
            op.id: node_of(op, self.label_of(op, font_size), self.least_box)
            for op in visible_ops(self.tape)
        }
        self._set_pitch()
        for op_id, node in self.nodes.items():
            node.move_to(self._position(*self.layout.positions[op_id]))

    def label_of(self, op: Op, font_size: float) -> Typeset:
        """What stands in the box of an op: its name, or else its operator or function."""
        sign = next((sign for word, sign in SIGNS.items() if word in op.call), "")
        if not op.call:
            sign = NODE_SIGNS.get((op.grad_fn or "").partition("Backward")[0], "")
        if op.name or not sign:
            return set_name(op.name or op.id, font_size=font_size)
        return math(sign, font_size=font_size)

    def _are_separate(self) -> bool:
        """Whether no node covers another one."""
        boxes = [bounding_rect(node) for node in self.nodes.values()]
        return all(a.overlap_area(b) == 0 for a, b in combinations(boxes, 2))

    def _fit_numbers(self) -> None:
        """Set numbers beside each other so small that they stay apart."""
        numbers = {step.op: self._number(step) for step in self.tape.steps}
        boxes = [bounding_rect(number) for number in numbers.values() if number is not None]
        shares = [
            (abs(a.center[0] - b.center[0]) - NUMBER_GAP) / ((a.width + b.width) / 2)
            for a, b in combinations(boxes, 2)
            if abs(a.center[1] - b.center[1]) < max(a.height, b.height)
        ]
        self.number_size = self.font_size * max(min([1.0, *shares]), LEAST_NUMBER)

    def _set_pitch(self) -> None:
        """Set the direction of the graph and the distances of layers and of nodes in a layer."""
        wide = max(node.width for node in self.nodes.values())
        tall = max(node.height for node in self.nodes.values())
        layers, rows = self.layout.layers - 1, self.layout.rows - 1
        free_x, free_y = self.area.width - wide - 0.5, self.area.height - tall - 0.4
        down = min(free_y / max(layers, 1) - tall, free_x / max(rows, 1) - wide - 0.4)
        right = min(free_x / max(layers, 1) - wide, free_y / max(rows, 1) - tall - 0.4)
        self.down = down >= right if self._wanted is None else self._wanted
        if self.down:
            self.layer_pitch = min(free_y / max(layers, 1), MOST_PITCH)
            self.node_pitch = min(free_x / max(rows, 1), max(MOST_PITCH * 1.3, wide + 0.8))
        else:
            self.layer_pitch = min(free_x / max(layers, 1), max(MOST_PITCH * 1.3, wide + 0.8))
            self.node_pitch = min(free_y / max(rows, 1), MOST_PITCH)

    def _center(self) -> None:
        """Center the nodes together with the numbers that will appear beside them."""
        numbers = {step.op: self._number(step) for step in self.tape.steps}
        content = VGroup(*self.nodes.values(), *(n for n in numbers.values() if n is not None))
        self.offset = (self.area.center - content.get_center()) * np.array([1.0, 0.0, 0.0])
        for node in self.nodes.values():
            node.shift(self.offset)

    def _number(self, step: Step) -> Readout | None:
        """The gradient that the engine passed to an op, placed beside its node."""
        if step.op not in self.nodes or not isinstance(step.gradient, float):
            return None
        total = self.tape.gradient(step.op, step.backward)
        readout = Readout(total, font_size=self.number_size, color=colors.gradient)
        return readout.next_to(self.nodes[step.op], self._number_side(step.op), buff=0.12)

    def _position(self, layer: float, height: float) -> Floats:
        heights = [y for _, y in self.layout.positions.values()]
        middle = (max(heights) + min(heights)) / 2
        along = (layer - (self.layout.layers - 1) / 2) * self.layer_pitch
        across = (height - middle) * self.node_pitch
        x, y = self.area.center[:2]
        return point(x - across, y - along) if self.down else point(x + along, y + across)

    def _arrow(self, op_id: str, source: str, slot: int) -> CompactArrow:
        parallel = [k for k, name in enumerate(self.tape[op_id].inputs) if name == source]
        aside = (parallel.index(slot) - (len(parallel) - 1) / 2) * 0.24
        offset = (RIGHT if self.down else DOWN) * aside
        bends = [
            self._position(*bend) + self.offset
            for bend in self.layout.bends.get((op_id, source), ())
        ]
        stops = [self.nodes[source].get_center(), *bends, self.nodes[op_id].get_center()]
        points = [np.asarray(stop) + offset for stop in stops]
        points[0] = border_point(self.nodes[source], points[0], points[1])
        points[-1] = border_point(self.nodes[op_id], points[-1], points[-2])
        return CompactArrow(points)

    # Verbs

    def unfolds(self) -> Animation:
        """Show the graph layer by layer, from the inputs to the result."""
        layers: dict[float, list[Animation]] = {}
        for op_id, node in self.nodes.items():
            animations = layers.setdefault(self.layout.positions[op_id][0], [])
            arrows = (arrow for key, arrow in self.arrows.items() if key[0] == op_id)
            animations += [FadeIn(arrow) for arrow in arrows]
            animations.append(FadeIn(node, scale=0.8))
        ordered = [AnimationGroup(*layers[layer]) for layer in sorted(layers) if layers[layer]]
        return LaggedStart(*ordered, lag_ratio=0.6)

    def traces_back(self) -> Animation:
        """Send pulses along every grad_fn from the result to the leaves, layer by layer."""
        return trace_back(self.arrows, self.layout)

    def traces_forward(self, beside: Mapping[str, Sequence[Animation]] | None = None) -> Animation:
        """Send pulses along all arrows from the inputs to the result, layer by layer.

        The animations `beside` are played with the pulses to their op.
        """
        return trace_forward(self.arrows, self.layout, beside)

    def flashes(self, op_id: str) -> Animation:
        """A flash runs around the frame of a node."""
        flash = self.nodes[op_id][1].copy().set_stroke(colors.accent, StrokeWidth.frame * 2)
        return ShowPassingFlash(flash, time_width=0.8)

    def receives(self, step: Step) -> Animation:
        """Highlight a node and show beside it the gradient that the engine passed to it."""
        # A leaf is recognized by the color of its frame, also when all nodes have been reached.
        lit = there_and_back if self.tape[step.op].is_leaf else smooth
        frame = self.nodes[step.op][1]
        highlight = ApplyMethod(frame.set_stroke, colors.gradient, rate_func=lit)
        readout = self._number(step)
        if readout is None:
            return highlight
        self.sums[step.op] = readout
        background = text_background(readout, margin=0.05)
        return AnimationGroup(highlight, FadeIn(background), FadeIn(readout, scale=0.6))

    def forgets(self) -> Animation:
        """The numbers of a backward pass fade out, and the nodes get their first colors back."""
        return AnimationGroup(self.lights_up(), *map(FadeOut, self.pop_sums(list(self.sums))))

    def releases(self, op_ids: Iterable[str]) -> list[Animation]:
        """The numbers beside these ops vanish, and their frames get their first colors back."""
        ops = list(op_ids)
        frames = [
            ApplyMethod(self.nodes[op][1].set_stroke, *frame_style(self.tape[op]))
            for op in ops
            if op in self.nodes
        ]
        return [*(FadeOut(number, scale=0.2) for number in self.pop_sums(ops)), *frames]

    def switch_off(self) -> None:
        """Draw all frames as those of tensors that require no gradient."""
        for node in self.nodes.values():
            node[1].set_stroke(colors.detached, StrokeWidth.frame / 2)

    def lights_up(self) -> Animation:
        """The frames get the colors of their kinds, from the inputs to the result."""
        layers = sorted(self.nodes, key=lambda op_id: self.layout.positions[op_id][0])
        frames = [
            ApplyMethod(self.nodes[op_id][1].set_stroke, *frame_style(self.tape[op_id]))
            for op_id in layers
        ]
        return LaggedStart(*frames, lag_ratio=0.3)

    def _number_side(self, op_id: str) -> Floats:
        """The side of a node where its number has space.

        In a graph that runs downward, the number of the leftmost of several nodes is on its left.
        """
        if not self.down:
            return np.asarray(DOWN)
        layer = self.layout.positions[op_id][0]
        xs = [n.get_x() for o, n in self.nodes.items() if self.layout.positions[o][0] == layer]
        leftmost = len(xs) > 1 and self.nodes[op_id].get_x() == min(xs)
        return np.asarray(LEFT if leftmost else RIGHT)

    def sends(self, step: Step) -> Animation:
        """Move the contributions of a step along the arrows to its inputs."""
        moves = [
            Travel(self._traveller(edge), self.arrows[edge_key(edge)], back=True)
            for edge in self.tape.outgoing(step.op, step.backward)
            if edge_key(edge) in self.arrows
        ]
        return together(moves)

    def _traveller(self, edge: Edge) -> VGroup:
        arrow = self.arrows[edge_key(edge)]
        if not isinstance(edge.contribution, float):
            return pulse(colors.gradient, arrow)
        number = self.tape.contribution(edge)
        readout = Readout(number, font_size=self.font_size, color=colors.gradient)
        if np.linalg.norm(arrow.line.get_end() - arrow.line.get_start()) < 2 * readout.width:
            return pulse(colors.gradient, arrow)  # a number would run over the nodes
        return VGroup(text_background(readout, margin=0.06), readout)

    @property
    def companions(self) -> Sequence[Mobject]:
        """The numbers beside it on stage; in a LectureScene they fade with it."""
        return list(self.sums.values())

    def pop_sums(self, op_ids: Iterable[str]) -> list[Readout]:
        """Remove and return the numbers beside these ops, for the scene to fade out."""
        return [self.sums.pop(op_id) for op_id in list(op_ids) if op_id in self.sums]
