"""The graph of a tape, small: names in boxes, gradients as numbers that run along the arrows.

For pictures in which the graph stands beside something else; `gradreel.draw.graph` draws the same
tape at full size, with values, nodes and local derivatives.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from manim import (
    DOWN,
    LEFT,
    RIGHT,
    Animation,
    AnimationGroup,
    ApplyMethod,
    FadeIn,
    LaggedStart,
    Polygon,
    RoundedRectangle,
    Succession,
    VGroup,
    VMobject,
)

from gradreel.draw.graph.edge_arrow import Travel, pulse
from gradreel.draw.graph.graph_layout import layout_graph, visible_ops
from gradreel.draw.layout import Rect, point
from gradreel.draw.numbers import Readout
from gradreel.draw.plane import Floats
from gradreel.draw.text import math
from gradreel.draw.text import variable_name as set_name
from gradreel.draw.text_background import text_background
from gradreel.tape import Edge, Op, Step, Tape
from gradreel.theme import FontSize, StrokeWidth, colors

LEAST_BOX = 0.62
MOST_PITCH = 1.9
TIP = 0.18
SIGNS = {" * ": "times", " / ": "div", " + ": "+", " - ": "-", " ** ": "(dot)^n"}
"""An op without a name is called by the sign with which it was written."""


class CompactGraph(VGroup):
    """The ops of `tape` within `area`, from the inputs to the result: downwards where the area is
    high, to the right where it is wide.

    `nodes` and, once a pass has been there, `sums` are keyed by op; all is on stage after
    `unfolds`.
    """

    def __init__(self, tape: Tape, area: Rect, *, font_size: float = FontSize.body) -> None:
        super().__init__()
        self.tape, self.area, self.font_size = tape, area, font_size
        self.layout = layout_graph(tape)
        self.nodes = {op.id: _box(op, font_size) for op in visible_ops(tape)}
        self._pitch()
        for op_id, node in self.nodes.items():
            node.move_to(self._spot(*self.layout.places[op_id]))
        self._center()
        self.arrows = {
            (op_id, source, slot): self._arrow(op_id, source, slot)
            for op_id in self.nodes
            for slot, source in enumerate(tape[op_id].inputs)
            if source in self.nodes
        }
        self.sums: dict[str, Readout] = {}
        self.add(*self.arrows.values(), *self.nodes.values())

    def _pitch(self) -> None:
        """Which way the graph runs, and how far apart layers and places in a layer stand."""
        wide = max(node.width for node in self.nodes.values())
        tall = max(node.height for node in self.nodes.values())
        layers, rows = self.layout.layers - 1, self.layout.rows - 1
        free_x, free_y = self.area.width - wide - 0.5, self.area.height - tall - 0.4
        down = min(free_y / max(layers, 1) - tall, free_x / max(rows, 1) - wide - 0.4)
        right = min(free_x / max(layers, 1) - wide, free_y / max(rows, 1) - tall - 0.4)
        self.down = down >= right
        if self.down:
            self.along = min(free_y / max(layers, 1), MOST_PITCH)
            self.across = min(free_x / max(rows, 1), max(MOST_PITCH * 1.3, wide + 0.8))
        else:
            self.along = min(free_x / max(layers, 1), max(MOST_PITCH * 1.3, wide + 0.8))
            self.across = min(free_y / max(rows, 1), MOST_PITCH)

    def _center(self) -> None:
        """Nodes and the numbers that will stand beside them lie in the middle of the area."""
        numbers = {step.op: self._number(step) for step in self.tape.steps}
        whole = VGroup(*self.nodes.values(), *(n for n in numbers.values() if n is not None))
        self.offset = (self.area.center - whole.get_center()) * np.array([1.0, 0.0, 0.0])
        for node in self.nodes.values():
            node.shift(self.offset)

    def _number(self, step: Step) -> Readout | None:
        """The gradient that the engine handed to an op, beside its node."""
        if step.op not in self.nodes or not isinstance(step.gradient, float):
            return None
        total = self.tape.gradient(step.op, step.backward)
        readout = Readout(total, font_size=self.font_size, color=colors.gradient)
        return readout.next_to(self.nodes[step.op], self._free_side(step.op), buff=0.12)

    def _spot(self, layer: float, height: float) -> Floats:
        heights = [y for _, y in self.layout.places.values()]
        middle = (max(heights) + min(heights)) / 2
        along = (layer - (self.layout.layers - 1) / 2) * self.along
        across = (height - middle) * self.across
        x, y = self.area.center[:2]
        return point(x - across, y - along) if self.down else point(x + along, y + across)

    def _arrow(self, op_id: str, source: str, slot: int) -> CompactArrow:
        twins = [k for k, name in enumerate(self.tape[op_id].inputs) if name == source]
        aside = (twins.index(slot) - (len(twins) - 1) / 2) * 0.24
        offset = (RIGHT if self.down else DOWN) * aside
        bends = [
            self._spot(*bend) + self.offset for bend in self.layout.bends.get((op_id, source), ())
        ]
        stops = [self.nodes[source].get_center(), *bends, self.nodes[op_id].get_center()]
        points = [np.asarray(stop) + offset for stop in stops]
        points[0] = _edge_of(self.nodes[source], points[0], points[1])
        points[-1] = _edge_of(self.nodes[op_id], points[-1], points[-2])
        return CompactArrow(points)

    # Verbs

    def unfolds(self) -> Animation:
        """Layer by layer from the inputs to the result."""
        layers: dict[float, list[Animation]] = {}
        for op_id, node in self.nodes.items():
            here = layers.setdefault(self.layout.places[op_id][0], [])
            arrows = (arrow for key, arrow in self.arrows.items() if key[0] == op_id)
            here += [FadeIn(arrow) for arrow in arrows]
            here.append(FadeIn(node, scale=0.8))
        ordered = [AnimationGroup(*layers[layer]) for layer in sorted(layers)]
        return LaggedStart(*ordered, lag_ratio=0.6)

    def traces_back(self) -> Animation:
        """Along every grad_fn from the result to the leaves, layer by layer."""
        layers: dict[float, list[Animation]] = {}
        for (op_id, _, _), arrow in self.arrows.items():
            layer = self.layout.places[op_id][0]
            layers.setdefault(layer, []).append(Travel(pulse(colors.accent), arrow, back=True))
        return Succession(*(AnimationGroup(*layers[k]) for k in sorted(layers, reverse=True)))

    def receives(self, step: Step) -> Animation:
        """A node lights up, and beside it stands the gradient that the engine handed to it."""
        lights = ApplyMethod(self.nodes[step.op][1].set_stroke, colors.gradient)
        readout = self._number(step)
        if readout is None:
            return lights
        self.sums[step.op] = readout
        ground = text_background(readout, margin=0.05)
        return AnimationGroup(lights, FadeIn(ground), FadeIn(readout, scale=0.6))

    def _free_side(self, op_id: str) -> Floats:
        """Where a number beside a node has room: on the left of the first of several in a row."""
        if not self.down:
            return np.asarray(DOWN)
        layer = self.layout.places[op_id][0]
        xs = [n.get_x() for o, n in self.nodes.items() if self.layout.places[o][0] == layer]
        first = len(xs) > 1 and self.nodes[op_id].get_x() == min(xs)
        return np.asarray(LEFT if first else RIGHT)

    def sends(self, step: Step) -> Animation:
        """The contributions run along the arrows to the inputs."""
        moves = [
            Travel(self._traveller(edge), self.arrows[_key(edge)], back=True)
            for edge in self.tape.outgoing(step.op, step.backward)
            if _key(edge) in self.arrows
        ]
        return AnimationGroup(*moves)

    def _traveller(self, edge: Edge) -> VGroup:
        if not isinstance(edge.contribution, float):
            return pulse(colors.gradient)
        number = self.tape.contribution(edge)
        readout = Readout(number, font_size=self.font_size, color=colors.gradient)
        return VGroup(text_background(readout, margin=0.06), readout)

    def pop_sums(self, op_ids: Iterable[str]) -> list[Readout]:
        """The numbers that stand beside these ops, to be taken away."""
        return [self.sums.pop(op_id) for op_id in list(op_ids) if op_id in self.sums]


class CompactArrow(VGroup):
    """A line through `points` with a tip at its end."""

    def __init__(self, points: list[Floats]) -> None:
        super().__init__()
        way = points[-1] - points[-2]
        way = way / (np.linalg.norm(way) or 1.0)
        side = np.array([-way[1], way[0], 0.0]) * TIP * 0.42
        back = points[-1] - way * TIP
        self.line = VMobject(stroke_color=colors.muted, stroke_width=StrokeWidth.arrow)
        self.line.set_points_as_corners([*points[:-1], back])
        self.tip = Polygon(
            points[-1], back + side, back - side,
            stroke_width=0, fill_color=colors.muted, fill_opacity=1,
        )  # fmt: skip
        self.add(self.line, self.tip)

    def place(self, share: float) -> Floats:
        """The point `share` of the way from input to op."""
        point: Floats = self.line.point_from_proportion(share)
        return point


def _box(op: Op, font_size: float) -> VGroup:
    """The frame in the colour of what the op is, and its name."""
    tone = colors.detached if not op.requires_grad else colors.leaf if op.is_leaf else colors.value
    sign = next((sign for word, sign in SIGNS.items() if word in op.call), "")
    if op.name or not sign:
        label = set_name(op.name or op.id, font_size=font_size)
    else:
        label = math(sign, font_size=font_size)
    box = RoundedRectangle(
        corner_radius=0.16,
        width=max(label.width + 0.3, LEAST_BOX),
        height=LEAST_BOX,
        stroke_width=0,
        fill_color=colors.panel,
        fill_opacity=1,
    )
    # The frame is a thing of its own: lighting it up must not lay the box over the letters.
    frame = box.copy().set_fill(opacity=0)
    frame.set_stroke(tone, StrokeWidth.frame if op.requires_grad else StrokeWidth.frame / 2)
    return VGroup(box, frame, label.move_to(box))


def _edge_of(box: VGroup, start: Floats, toward: Floats) -> Floats:
    """Where the way from inside `box` at `start` towards a point leaves it, with a little air."""
    way = toward - start
    half = np.array([box.width / 2 + 0.06, box.height / 2 + 0.06])
    inner = np.abs(start[:2] - box.get_center()[:2])
    shares = [
        (h - i) / abs(w) for h, i, w in zip(half, inner, way[:2], strict=True) if abs(w) > 1e-9
    ]
    point: Floats = start + way * min([*shares, 1.0])
    return point


def _key(edge: Edge) -> tuple[str, str, int]:
    return (edge.source, edge.target, edge.slot)
