"""Gradients of the tensors that a module uses and that are drawn beside its contents."""

from __future__ import annotations

from gradreel.fold import FoldedTape
from gradreel.tape import Step


def boundary_steps(view: FoldedTape, backward: int) -> dict[str, Step]:
    """The steps of those boundary ops whose whole gradient comes along one arrow of `view`.

    Of a tensor that others use too, the arrow shows only a part: it has no step here.
    """
    full, found = view.full_tape, {}
    for step in full.backward(backward):
        is_hooked = bool(full.hooks_at(step.op, backward))  # then more than the sum is to be shown
        if step.op not in view.boundary or step.gradient is None or is_hooked:
            continue
        everywhere = [e for e in full.edges if e.target == step.op and e.backward == backward]
        here = [e for e in view.edges if e.target == step.op and e.backward == backward]
        if len(everywhere) == len(here) == 1 and here[0].contribution is not None:
            found[step.op] = step
    return found
