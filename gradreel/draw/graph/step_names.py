"""Names of values in sentences about a backward pass."""

from __future__ import annotations

from collections.abc import Iterable

from gradreel.fold import FoldedTape
from gradreel.tape import Op, Step, Tape

LONGEST_NAME = 40  # letters in a sentence
MOST_NAMED = 3  # names in one sentence


def step_name(tape: Tape, step: Step) -> str:
    """The variable of a step's op; where it has none its call, or its operation if that is long."""
    name = tape[step.op].name
    if name and len(name) > LONGEST_NAME:
        return f"{name[:24].rstrip()} … {name[-12:].lstrip()}"
    call = tape[step.op].call
    return name or (call if call and len(call) <= LONGEST_NAME else step.op.partition("@")[0])


def leaf_grad(name: str) -> str:
    """`w.grad` of the card `w` or `w@2`: the versions of a leaf are one tensor with one .grad."""
    return f"{name.partition('@')[0]}.grad"


def op_name(op: Op) -> str:
    """The variable of an op; where it has none its operation."""
    return op.name or op.id.partition("@")[0]


def whole_tape(tape: Tape) -> Tape:
    """The tape behind a folded one, or the tape itself."""
    return tape.full_tape if isinstance(tape, FoldedTape) else tape


def is_first_step(tape: Tape, step: Step) -> bool:
    """Whether a step is the first of its backward pass."""
    return whole_tape(tape).backward(step.backward)[0].op == step.op


def op_names(tape: Tape, ids: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(op_name(tape[op]) for op in ids))


def enumeration(names: Iterable[str]) -> str:
    """Names as in a sentence: a, b and c; of more than MOST_NAMED, the first and "others"."""
    names = list(names)
    if len(names) > MOST_NAMED:
        names = [*names[: MOST_NAMED - 1], "others"]
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"
