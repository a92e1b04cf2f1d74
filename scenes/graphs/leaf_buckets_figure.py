"""Buckets beside the leaves of a graph, which collect their .grad from the streams that arrive."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from manim import (
    DOWN,
    LEFT,
    UP,
    Animation,
    FadeIn,
    FadeOut,
    ManimColor,
    Succession,
    VGroup,
    VMobject,
)

from gradreel.draw.bucket import Bucket
from gradreel.draw.folded.backward_captions import op_name
from gradreel.draw.graph import TapeGraph
from gradreel.draw.graph.graph_layout import layout_graph
from gradreel.draw.layout import Rect, bounding_rect
from gradreel.draw.plane import Floats
from gradreel.draw.text import text
from gradreel.tape import Step, Tape
from gradreel.theme import FontSize, colors

MOST_BUCKETS = 3
FALL = 0.32  # from the spout to the mouth of a bucket
PIPE_WIDTH = 9.0


def bucket_leaves(tape: Tape, backward: int) -> tuple[str, ...]:
    """The leaves of a pass that buckets can stand beside; none if not all of them can.

    They must be in the first column, and nothing that arrives may take anything away.
    """
    positions = layout_graph(tape).positions
    steps = [step for step in tape.backward(backward) if step.node == "AccumulateGrad"]
    sent = [edge.contribution for s in steps for edge in tape.incoming(s.op, backward)]
    fit = all(positions[step.op][0] == 0 for step in steps) and len(steps) <= MOST_BUCKETS
    grows = all(isinstance(number, float) and 0 <= number < np.inf for number in sent)
    return tuple(step.op for step in steps) if fit and grows and any(sent) else ()


class LeafBuckets(VGroup):
    """A bucket left of each leaf's card, with a spout that leads to it and its name below.

    All hold as much as the largest gradient. `width` is that of the space left of the cards.
    """

    def __init__(
        self, graph: TapeGraph, leaves: Sequence[str], backward: int, width: float
    ) -> None:
        super().__init__()
        self.graph, self.backward = graph, backward
        totals = [float(graph.tape.gradient(op, backward)) for op in leaves]
        size = min(0.55 * width, 0.85 * max(graph.cards[op].height for op in leaves))
        self.buckets: dict[str, Bucket] = {}
        self.labels: dict[str, VMobject] = {}
        self.pipes: dict[str, VMobject] = {}
        for op in leaves:
            card = graph.cards[op]
            bucket = Bucket(max(totals), width=size, height=size)
            bucket.move_to(card.get_left() + LEFT * (0.25 + 0.62 * size) + 0.2 * DOWN)
            label = text(
                f"{op_name(graph.tape[op])}.grad", font_size=FontSize.small, color=colors.muted
            )
            self.buckets[op] = bucket
            self.pipes[op] = _pipe(card.get_left(), bucket.mouth + FALL * UP)
            self.labels[op] = label.next_to(bucket, DOWN, buff=0.1)
            self.add(self.pipes[op], bucket, label)

    def occupied(self) -> list[Rect]:
        """What labels of the graph have to keep clear of."""
        parts = [*self.pipes.values(), *(bucket.pail for bucket in self.buckets.values())]
        return [bounding_rect(part) for part in parts]

    def appears(self) -> Animation:
        """All buckets fade in."""
        return FadeIn(self)

    def fills(self, step: Step) -> Iterator[Animation]:
        """For each stream that arrives at a leaf, how it runs into the bucket, in turn.

        The level is the sum of what has arrived so far.
        """
        bucket, source = self.buckets[step.op], self.buckets[step.op].mouth + FALL * UP
        level = 0.0
        for k, edge in enumerate(self.graph.tape.incoming(step.op, self.backward)):
            assert isinstance(edge.contribution, float)
            level += edge.contribution
            shade = ManimColor(colors.gradient).interpolate(ManimColor(colors.text), 0.4 * (k % 2))
            pours = bucket.receives(level, source, shade.to_hex())
            yield Succession(*self.graph.glows(edge), pours)

    def hides_name(self, step: Step) -> Animation:
        """The name below a bucket makes room for the formula that says it."""
        return FadeOut(self.labels[step.op])


def _pipe(card: Floats, spout: Floats) -> VMobject:
    """From a card's left side along a line to the spout above the bucket."""
    pipe = VMobject(stroke_color=colors.muted, stroke_width=PIPE_WIDTH)
    start = np.array([card[0], spout[1] + 0.1, 0.0])
    corner = np.array([spout[0], start[1], 0.0])
    pipe.set_points_as_corners([start, corner, spout])
    return pipe
