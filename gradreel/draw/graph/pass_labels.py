"""The labels of one backward pass on a graph: what they say and where they stand.

All labels of a pass stay on stage, so their places are found together before the first is drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from manim import Mobject, VGroup

from gradreel.draw.formula import Formula
from gradreel.draw.graph.edge_arrow import ArrowKey, edge_key
from gradreel.draw.graph.gradient_formulas import number_formula, product_formula
from gradreel.draw.graph.label_placement import LabelPlacement, along, around
from gradreel.draw.layout import bounding_rect
from gradreel.draw.plane import Floats
from gradreel.draw.text_background import text_background
from gradreel.tape import Edge, Step, Tape
from gradreel.tape.facts import sends_gradient_times_local

ON_LINE = 0.35  # cost of a label on its own arrow, which hides a part of it
PRODUCT_ON_LINE = 1.2  # the same for a product, which hides most of it


class EdgeLabel(VGroup):
    """A formula on a background that hides the arrow behind it."""

    def __init__(self, formula: Formula) -> None:
        super().__init__()
        self.formula = formula
        self.add(text_background(formula, margin=0.05), formula)
        self.set_z_index(1)  # the stream comes after the label, and runs behind it


class LabelledGraph(Protocol):
    """What the labels need of a graph."""

    tape: Tape
    number_size: float
    crowded: bool

    def sum_formulas(self, step: Step) -> list[Formula]:
        """What may stand at the card of a step, the most detailed first."""
        ...

    def short_formulas(self, step: Step) -> list[Formula]:
        """The same for a step whose gradient stands nowhere yet."""
        ...


@dataclass
class PassLabels:
    """The labels of a pass: formulas by op, labels by arrow, as far as there is space for them.

    `detail` counts those that are written out in full; a formula at a card counts twice.
    """

    placement: LabelPlacement
    sums: dict[str, Formula] = field(default_factory=dict)
    tags: dict[ArrowKey, EdgeLabel] = field(default_factory=dict)
    detail: int = 0


def plan_labels(
    graph: LabelledGraph, new_placement: Callable[[], LabelPlacement],
    cards: Mapping[str, Mobject], lines: Mapping[ArrowKey, Floats], backward: int,
) -> PassLabels:  # fmt: skip
    """Labels for all steps of a pass that are single numbers, with their places.

    They are placed in three orders, the leaves' formulas last, in their turn or first. Of these
    plans, that is taken which leaves out the fewest leaves, and then that with most detail.
    """
    plans = []
    steps = [step for step in graph.tape.backward(backward) if step.op in cards]
    leaves = [step for step in steps if step.node == "AccumulateGrad"]
    others = [step for step in steps if step not in leaves]
    for before, after in ((others, leaves), (steps, []), ([*leaves, *others], [])):
        labels = PassLabels(new_placement())
        _place_sums(graph, labels, cards, before)
        _place_tags(graph, labels, lines, steps)
        _place_sums(graph, labels, cards, after)
        _place_missing(graph, labels, cards, steps)
        plans.append(labels)
    results = {step.op for step in leaves}
    return max(plans, key=lambda plan: (len(results & plan.sums.keys()), plan.detail))


def _place_sums(
    graph: LabelledGraph, labels: PassLabels, cards: Mapping[str, Mobject], steps: Sequence[Step]
) -> None:
    for step in steps:
        formulas = graph.sum_formulas(step)
        formula = place_sum(labels.placement, step.op, cards[step.op], formulas)
        if formula is not None:
            labels.sums[step.op] = formula
            labels.detail += 2 if formula is formulas[0] else 1


def _place_missing(
    graph: LabelledGraph, labels: PassLabels, cards: Mapping[str, Mobject], steps: Sequence[Step]
) -> None:
    """Gradients that stand neither at their card nor at an arrow that leads there."""
    for step in steps:
        arriving = graph.tape.incoming(step.op, step.backward)
        if step.op in labels.sums or any(edge_key(edge) in labels.tags for edge in arriving):
            continue
        formulas = graph.short_formulas(step)
        formula = place_sum(labels.placement, step.op, cards[step.op], formulas)
        if formula is not None:
            labels.sums[step.op] = formula


def _place_tags(
    graph: LabelledGraph, labels: PassLabels, lines: Mapping[ArrowKey, Floats],
    steps: Sequence[Step],
) -> None:  # fmt: skip
    for step in steps:
        for edge in graph.tape.outgoing(step.op, step.backward):
            key = edge_key(edge)
            if key not in lines or not isinstance(edge.contribution, float):
                continue
            label = _place_edge_label(graph, labels.placement, step, edge, lines[key])
            if label is not None:
                labels.tags[key] = label
                labels.detail += len(label.formula.slots) > 1


def place_sum(
    placement: LabelPlacement, op_id: str, card: Mobject, formulas: list[Formula]
) -> Formula | None:
    """The first of these formulas that has space at a card, placed there; None if none has.

    One that crosses an arrow is taken only if no other has space.
    """
    crossing: list[Formula] = []
    for formula in formulas:
        found = around(bounding_rect(card), formula.width, formula.height)
        place = placement.place(("sum", op_id), formula, found)
        if place.is_free and place.is_clear:
            return formula
        if place.is_free:
            crossing.append(formula)
    placement.release(("sum", op_id))
    if not crossing:
        return None
    formula = crossing[-1]
    placement.reserve(("sum", op_id), formula)
    return formula


def _place_edge_label(
    graph: LabelledGraph, placement: LabelPlacement, step: Step, edge: Edge, line: Floats
) -> EdgeLabel | None:
    key = edge_key(edge)
    for formula in _edge_formulas(graph, step, edge):
        label = EdgeLabel(formula)
        on_line = PRODUCT_ON_LINE if len(formula.slots) > 1 else ON_LINE
        found = along(line, label.width, label.height, on_line=on_line)
        place = placement.place(key, label, found, own_line=key)
        if place.is_free and place.is_clear:
            return label
        placement.release(key)
    return None


def _edge_formulas(graph: LabelledGraph, step: Step, edge: Edge) -> list[Formula]:
    """What may stand at an arrow, the most detailed first."""
    sent = graph.tape.contribution(edge)
    formulas = [number_formula(sent, graph.number_size)]
    is_product = edge.local is not None and sends_gradient_times_local(step.gradient, edge)
    if is_product and not graph.crowded:
        product = product_formula(
            graph.tape.gradient(step.op, step.backward), graph.tape.local(edge), sent,
            graph.number_size,
        )  # fmt: skip
        if product is not None:
            formulas.insert(0, product)
    return formulas
