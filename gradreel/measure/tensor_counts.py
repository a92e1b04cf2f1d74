"""Counts of what a backward pass did with tensors, out of its recording."""

from __future__ import annotations

from math import prod

from gradreel.tape import Edge, Quantity, Tape


def slopes_found(tape: Tape, backward: int = 1) -> Quantity:
    """How many numbers the `.grad` of all leaves hold together after a pass."""
    leaves = [g.leaf for g in tape.grads if g.backward == backward and g.after is not None]
    count = sum(prod(tape[leaf].shape) for leaf in leaves)
    return Quantity(float(count), f"numbers in .grad of {', '.join(leaves)}", "slopes")


def addends(tape: Tape, edge: Edge) -> Quantity:
    """How many numbers of the source's gradient make one number of what is sent along an edge
    that undoes a broadcast."""
    target = tape[edge.target]
    count = prod(tape[edge.source].shape) // max(prod(target.shape), 1)
    name = target.name or target.id
    return Quantity(float(count), f"places each number of {name} was spread over", "places")
