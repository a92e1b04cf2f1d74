"""What is true of a backward pass, for those who write sentences and formulas about it.

The gradient at a value is the derivative of a result with respect to it only if the pass started
at that result alone, with 1, and if all that was sent came from derivatives: a hook, or a custom
autograd.Function, may send anything.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gradreel.tape.records import Edge, Op, Recorded

if TYPE_CHECKING:
    from gradreel.tape.tape import Tape

ROUNDING = 1e-2  # relative; of bfloat16, the coarsest dtype of a program


@dataclass(frozen=True, slots=True)
class PassFacts:
    """One backward pass. `root` is the only result it started at, with 1; else "".

    `roots` are all of them. `altered` are the ops whose gradient need not be a derivative of the
    root: what came from a hook that changed it, or from a custom Function.
    """

    backward: int
    root: str
    roots: tuple[str, ...]
    altered: frozenset[str]

    def is_derivative(self, op_id: str) -> bool:
        """Whether the gradient at `op_id` is the derivative of `root` with respect to it."""
        return bool(self.root) and op_id not in self.altered


def pass_facts(tape: Tape, backward: int) -> PassFacts:
    """The facts of one pass of a whole (not a folded) tape."""
    seeds = [seed for seed in tape.seeds if seed.backward == backward]
    roots = tuple(dict.fromkeys(seed.op for seed in seeds))
    is_plain = len(seeds) == 1 and seeds[0].gradient == 1.0 and tape[roots[0]].shape == ()
    return PassFacts(backward, roots[0] if is_plain else "", roots, _altered(tape, backward))


def _altered(tape: Tape, backward: int) -> frozenset[str]:
    changed = [h for h in tape.hooks if h.kind == "tensor" and h.before != h.after]
    altered = {h.op for h in changed if h.backward == backward}
    senders: dict[str, list[Edge]] = {}
    for edge in tape.edges:
        if edge.backward == backward:
            senders.setdefault(edge.source, []).append(edge)
    # Each op sends before its inputs do, so one walk in the engine's order reaches everything.
    for step in tape.backward(backward):
        sent = senders.get(step.op, ())
        is_source = step.op in altered or custom_function(tape[step.op])
        for edge in sent:
            if is_source or not sends_gradient_times_local(step.gradient, edge, unknown=True):
                altered.add(edge.target)
    return frozenset(altered)


def custom_function(op: Op) -> str:
    """The name of the custom autograd.Function that made `op`; "" for torch's own operations."""
    # torch numbers its nodes (MulBackward0); the node of a Function is its class and "Backward".
    match = re.fullmatch(r"(\w*[A-Za-z_])Backward", op.grad_fn or "")
    return match.group(1) if match and match.group(1) != "BackwardHookFunction" else ""


def sends_gradient_times_local(
    gradient: Recorded | None, edge: Edge, *, unknown: bool = False
) -> bool:
    """Whether an edge of scalars carried the gradient of its source times the local derivative.

    `unknown` is the answer where one of the three numbers is not known.
    """
    local, sent = edge.local, edge.contribution
    if not (isinstance(gradient, float) and isinstance(local, float) and isinstance(sent, float)):
        return unknown
    product = gradient * local
    if not math.isfinite(product) or not math.isfinite(sent):
        return True  # 0 times infinity depends on how a formula is written
    return math.isclose(product, sent, rel_tol=ROUNDING, abs_tol=1e-300)
