"""Common mistakes with autograd, found in the facts of a tape, each with its evidence.

A tape shows what happened, not what was meant: what is found here may be on purpose.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import isfinite, prod
from typing import TYPE_CHECKING

from gradreel.tape.quantity import format_number
from gradreel.tape.records import Op, Recorded, Summary
from gradreel.tape.value_text import flat_numbers, value_text

if TYPE_CHECKING:
    from gradreel.tape.tape import Tape

MOST_OF_A_KIND = 5
SHRINKS = 1e-4  # the share of the largest gradient below which one has vanished
ROUNDED = 1e-11  # the share of what its sender got, below which a gradient is rounding
_ELEMENTWISE = ("Add", "Sub", "Mul", "Div", "Pow", "MseLoss", "Minimum", "Maximum")

_STRETCHED = re.compile(r"(unsqueeze|reshape|view|expand)\(|.*\[.*None")


@dataclass(frozen=True, slots=True)
class Mistake:
    """One finding: its `kind`, a sentence with the evidence, and the op that it is about."""

    kind: str
    text: str
    op: str


def find_mistakes(tape: Tape) -> list[Mistake]:
    """All findings, at most five of a kind, in the order of the checks."""
    checks: tuple[Callable[[Tape], Iterator[Mistake]], ...] = (
        _no_gradient, _cut_off, _left_autograd, _not_zeroed, _dead_relu, _vanished, _not_finite,
        _broadcast, _coarse_loss,
    )  # fmt: skip
    found: list[Mistake] = []
    for check in checks:
        found += [mistake for mistake, _ in zip(check(tape), range(MOST_OF_A_KIND), strict=False)]
    return found


def _no_gradient(tape: Tape) -> Iterator[Mistake]:
    """Leaves that require a gradient and got none, and where the way to them is cut."""
    got = {_first_version(tape, tape[row.leaf]) for row in tape.grads if row.after is not None}
    # From those reached without a row, autograd.grad took the gradient away.
    got |= {_first_version(tape, tape[step.op]) for step in tape.steps}
    for op in tape:
        if not (op.is_leaf and op.requires_grad and tape.backwards):
            continue
        first = _first_version(tape, op)
        if first in got or tape[first].inputs:  # with inputs it is a view made under no_grad
            continue
        yield Mistake("`.grad` is None:", f"`{op.id}`. {_why_none(tape, op)}", op.id)


def _first_version(tape: Tape, op: Op) -> str:
    """The id of a leaf before it was changed in place: `w` and `w@2` are one tensor."""
    while op.is_leaf and op.inputs and op.name == tape[op.inputs[0]].name:
        op = tape[op.inputs[0]]
    return op.id


def _why_none(tape: Tape, leaf: Op) -> str:
    users = [op for op in tape if leaf.id in op.inputs]
    if not users:
        return "Nothing that was recorded uses it."
    seen, waiting = {leaf.id}, [leaf.id]
    while waiting:
        source = waiting.pop()
        for op in tape:
            if source not in op.inputs or op.id in seen:
                continue
            seen.add(op.id)
            if not op.requires_grad:
                return f"`{op.id} = {op.call}`{_line(op)} cuts the way to it: it is not tracked."
            waiting.append(op.id)
    asked = [seed.op for seed in tape.seeds if seed.op in seen]
    if asked:
        return f"It leads to {_names(asked[:1])}, but that pass was asked for other inputs."
    ends = [op_id for op_id in seen if not any(op_id in op.inputs for op in tape)]
    return f"It leads to {_names(ends)}, and no pass started there."


def _cut_off(tape: Tape) -> Iterator[Mistake]:
    """Values that autograd does not track although their inputs are tracked."""
    for op in tape:
        tracked = [source for source in op.inputs if tape[source].requires_grad]
        if not tracked or op.requires_grad or _is_meant_to_be_cut(tape, op):
            continue
        if op.dtype.startswith(("float", "bfloat", "complex")):
            how = {"detach": "detach", "data": "by .data"}.get(op.op, "under no_grad")
            text = f"`{op.id} = {op.call}`{_line(op)} is not tracked ({how}): no gradient goes"
            yield Mistake("Cut off:", f"{text} through it to {_names(tracked)}.", op.id)


def _is_meant_to_be_cut(tape: Tape, op: Op) -> bool:
    """Whether no gradient is expected: only a shape is used, or a buffer of a module is updated.

    Nor is one of a result that a custom Function marks as not differentiable.
    """
    if op.op in ("grad", "step") or re.search(r"_like$|^new_", op.op):
        return True
    sources = [tape[source] for source in op.inputs]
    if any(one.is_leaf and one.module and not one.requires_grad for one in sources):
        return True
    return any(one.grad_fn == f"{op.op}Backward" and one.line == op.line for one in tape)


def _left_autograd(tape: Tape) -> Iterator[Mistake]:
    """Tracked values that became plain numbers; results of passes may, to be printed."""
    results = {seed.op for seed in tape.seeds}
    for one in tape.exits:
        if one.op not in results:
            line = f" (line {one.line})" if one.line else ""
            text = f"`{one.call}`{line} gives plain numbers: no gradient goes through it to"
            yield Mistake("Left autograd:", f"{text} `{one.op}`.", one.op)


def _not_zeroed(tape: Tape) -> Iterator[Mistake]:
    """Gradients that a later pass added to what an earlier one had left."""
    for row in tape.grads:
        if row.backward < 2 or row.before is None or row.after is None:
            continue
        first = _first_version(tape, tape[row.leaf])  # an optimizer step makes a new version
        earlier = [
            r
            for r in tape.grads
            if r.backward == row.backward - 1 and _first_version(tape, tape[r.leaf]) == first
        ]
        if any(one.after == row.before for one in earlier) and row.before != row.after:
            text = (
                f"`{row.leaf}.grad` was {value_text(row.before)} from pass {row.backward - 1}; "
                f"pass {row.backward} added to it: {value_text(row.after)}."
            )
            yield Mistake("No zero_grad between two passes:", text, row.leaf)


def _dead_relu(tape: Tape) -> Iterator[Mistake]:
    """Activations that are zero everywhere, and pass no gradient on."""
    for op in tape:
        if not op.op.startswith("Relu") or op.value is None:
            continue
        size = prod(op.shape)
        most = (
            op.value.high
            if isinstance(op.value, Summary)
            else max(flat_numbers(op.value), default=0.0)
        )
        if size > 0 and most <= 0:
            which = f"all {size} numbers of" if size > 1 else "the number of"
            text = f"{which} `{op.id} = {op.call}`{_line(op)} {'are' if size > 1 else 'is'} 0"
            yield Mistake("Dead relu:", f"{text}, and so is what it passes back.", op.id)


def _vanished(tape: Tape) -> Iterator[Mistake]:
    """Leaves whose gradient is far smaller than the largest one of the same pass."""
    for number in tape.backwards:
        sizes = {
            step.op: size
            for step in tape.backward(number)
            if step.node == "AccumulateGrad" and isfinite(size := _largest(step.gradient))
        }
        most = max(sizes.values(), default=0.0)
        for leaf, size in sizes.items():
            if 0 < size < SHRINKS * most and not _is_rounding(tape, number, leaf, size):
                other = max(sizes, key=lambda name: sizes[name])
                text = (
                    f"the largest number at `{leaf}` is {format_number(size)} in size, at "
                    f"`{other}` it is {format_number(most)} (pass {number})."
                )
                yield Mistake("Vanishing or exploding gradients:", text, leaf)


def _is_rounding(tape: Tape, backward: int, leaf: str, size: float) -> bool:
    """Whether a gradient is what rounding left of a sum that is 0, as of a bias before a norm."""
    senders = {edge.source for edge in tape.incoming(leaf, backward)}
    handed = [_largest(s.gradient) for s in tape.backward(backward) if s.op in senders]
    return size < ROUNDED * max(handed, default=0.0)


def _not_finite(tape: Tape) -> Iterator[Mistake]:
    """The first gradient of a pass that is infinite or NaN."""
    for number in tape.backwards:
        for step in tape.backward(number):
            if step.gradient is not None and not isfinite(_largest(step.gradient)):
                senders = [edge.source for edge in tape.incoming(step.op, number)]
                by = f", sent by {_names(senders)}" if senders else ""
                text = f"`{step.op}` got {value_text(step.gradient)} in pass {number}{by}."
                yield Mistake("Not finite:", text, step.op)
                break


def _broadcast(tape: Tape) -> Iterator[Mistake]:
    """Arithmetic in which both operands were stretched to a larger shape."""
    for op in tape:
        if op.op.partition("Backward")[0] not in _ELEMENTWISE or not op.requires_grad:
            continue
        sources = [tape[source] for source in op.inputs if tape[source].op != "constant"]
        if any(_STRETCHED.match(source.call) for source in sources):
            continue  # the program asks for it
        shapes = [source.shape for source in sources]
        stretched = [shape for shape in shapes if 1 < prod(shape) < prod(op.shape)]
        if len(shapes) == 2 and len(stretched) == 2:
            text = (
                f"`{op.id} = {op.call}`{_line(op)} makes {list(op.shape)} of {list(shapes[0])} and "
                f"{list(shapes[1])}."
            )
            yield Mistake("Both operands were broadcast:", text, op.id)


def _coarse_loss(tape: Tape) -> Iterator[Mistake]:
    for seed in tape.seeds:
        dtype = tape[seed.op].dtype
        if dtype in ("float16", "bfloat16"):
            digits = "three or four" if dtype == "float16" else "two or three"
            text = f"the result `{seed.op}` is {dtype}, which has {digits} digits."
            yield Mistake("Coarse numbers:", text, seed.op)


def _line(op: Op) -> str:
    return f" (line {op.line})" if op.line else ""


def _names(ids: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in ids[:3]) + (" and others" if len(ids) > 3 else "")


def _largest(value: Recorded | None) -> float:
    """The largest magnitude; NaN where there is one, 0 for nothing."""
    if value is None:
        return 0.0
    if isinstance(value, Summary):
        return max(abs(value.low), abs(value.high))
    numbers = [abs(number) for number in flat_numbers(value)]
    return float("nan") if any(n != n for n in numbers) else max(numbers, default=0.0)
