"""How many elements the gradients of a recorded backward pass have."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from math import prod

from gradreel.tape import Edge, Quantity, Tape
from gradreel.tape.facts import pass_facts
from gradreel.tape.value_text import is_finite


def count_gradient_elements(tape: Tape, backward: int = 1) -> Quantity:
    """The number of elements of the leaves to whose `.grad` one backward pass added."""
    steps = tape.backward(backward)
    leaves = [step.op for step in steps if step.node == "AccumulateGrad"]
    count = sum(prod(tape[leaf].shape) for leaf in leaves)
    return Quantity(float(count), f"numbers in .grad of {', '.join(leaves)}", "slopes")


def all_are_slopes(tape: Tape, backward: int) -> bool:
    """Whether `.grad` of every leaf of a pass is the finite derivative of one result.

    It is not where a hook or a custom Function had a part, or where `.grad` had a number before.
    """
    facts = pass_facts(tape, backward)
    rows = [row for row in tape.grads if row.backward == backward and row.after is not None]
    return all(
        row.before is None and facts.is_derivative(row.leaf) and is_finite(row.after)
        for row in rows
    )


def count_broadcast_copies(tape: Tape, edge: Edge) -> Quantity:
    """How many elements of the source use one element of the target of a broadcast edge.

    Backward adds the gradients of so many elements up to one.
    """
    target = tape[edge.target]
    count = prod(tape[edge.source].shape) // max(prod(target.shape), 1)
    name = target.name or target.id
    return Quantity(float(count), f"places each number of {name} was spread over", "places")


def sums_so_far(terms: Sequence[Quantity], total: Quantity) -> list[Quantity]:
    """The sums of the first term, the first two and so on; the last is `total`, as recorded."""
    sums = list(accumulate(float(term) for term in terms))[:-1]
    return [
        *(Quantity(x, f"sum of {k} terms of {total.source}") for k, x in enumerate(sums, start=1)),
        total,
    ]
