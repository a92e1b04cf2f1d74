"""Buckets beside the leaves of a graph, which collect their .grad from the streams that arrive."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from manim import (
    DOWN,
    LEFT,
    RIGHT,
    UP,
    Animation,
    FadeIn,
    FadeOut,
    ManimColor,
    ShowPassingFlash,
    Succession,
    VGroup,
    VMobject,
)

from gradreel.draw.bucket import Bucket
from gradreel.draw.formula import Formula
from gradreel.draw.graph import TapeGraph
from gradreel.draw.graph.graph_layout import layout_graph
from gradreel.draw.graph.step_names import op_name
from gradreel.draw.layout import Rect, bounding_rect
from gradreel.draw.plane import Floats
from gradreel.draw.text import text
from gradreel.tape import Step, Tape
from gradreel.theme import FontSize, colors

MOST_BUCKETS = 3
FALL = 0.32  # from the spout to the mouth of a bucket
PIPE_WIDTH = 9.0
SUM_CLEARANCE = 0.5  # frame units right of a sum without another formula
SUM_LEFT = 0.35  # from the middle of its bucket, away from the graph
SUM_SCALE = FontSize.label / FontSize.body


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

    All hold as much as the largest gradient. `strip` is the space left of the cards. `sums` say
    below the buckets how each `.grad` comes about; there are none if they would run into the graph.
    """

    def __init__(self, graph: TapeGraph, leaves: Sequence[str], backward: int, strip: Rect) -> None:
        super().__init__()
        self.graph, self.backward = graph, backward
        totals = [float(graph.tape.gradient(op, backward)) for op in leaves]
        size = min(0.55 * strip.width, 0.85 * max(graph.cards[op].height for op in leaves))
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
        self.sums = self._sums(strip)

    def _sums(self, strip: Rect) -> dict[str, Formula]:
        """The formula of each leaf in place of its bucket's name, if all of them have room."""
        sums: dict[str, Formula] = {}
        for step in self.graph.tape.backward(self.backward):
            if step.op in self.buckets:
                formula = self.graph.sum_formulas(step)[0].scale(SUM_SCALE)
                formula.next_to(self.buckets[step.op], DOWN, buff=0.12)
                outside = strip.left - float(formula.get_left()[0])
                sums[step.op] = formula.shift(max(outside, -SUM_LEFT) * RIGHT)
        rects = [bounding_rect(formula) for formula in sums.values()]
        cards = [bounding_rect(card) for card in self.graph.cards.values()]
        points = [point for arrow in self.graph.arrows.values() for point in arrow.sampled()]
        is_clear = not any(
            any(rect.overlap_area(card) for card in cards) or any(map(rect.contains_point, points))
            for rect in rects
        )
        return sums if is_clear else {}

    def occupied(self) -> list[Rect]:
        """What labels of the graph have to keep clear of."""
        parts = [*self.pipes.values(), *(bucket.pail for bucket in self.buckets.values())]
        sums = [bounding_rect(formula) for formula in self.sums.values()]
        # A product beside a sum would be read as a part of it.
        wide = [Rect(r.left, r.right + SUM_CLEARANCE, r.bottom, r.top) for r in sums]
        return [*map(bounding_rect, parts), *wide]

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
            shade = ManimColor(colors.gradient_fill).interpolate(
                ManimColor(colors.text), 0.4 * (k % 2)
            )
            pours = bucket.receives(level, source, shade.to_hex())
            through = self.pipes[step.op].copy().set_stroke(shade)
            runs = ShowPassingFlash(through, time_width=1.0, run_time=0.4)
            yield Succession(*self.graph.glows(edge), runs, pours)

    def hides_name(self, step: Step) -> Animation:
        """The name below a bucket makes room for the formula that says it."""
        return FadeOut(self.labels[step.op], run_time=0.3)


def _pipe(card: Floats, spout: Floats) -> VMobject:
    """From a card's left side along a line to the spout above the bucket."""
    pipe = VMobject(stroke_color=colors.muted, stroke_width=PIPE_WIDTH)
    start = np.array([card[0], spout[1] + 0.1, 0.0])
    corner = np.array([spout[0], start[1], 0.0])
    pipe.set_points_as_corners([start, corner, spout])
    return pipe
