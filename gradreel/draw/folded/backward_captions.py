"""Captions for the steps of a backward pass, with the numbers in them."""

from __future__ import annotations

from collections.abc import Iterable

from gradreel.fold import FoldedTape
from gradreel.tape import Edge, Op, Quantity, Step, Tape

CaptionText = tuple[str, dict[str, Quantity]]
"""A template of a caption and the numbers for its braces."""

MOST_NAMED = 3  # names in one sentence


def step_caption(tape: Tape, step: Step) -> CaptionText:
    """The caption for a step of a backward pass."""
    incoming = tape.incoming(step.op, step.backward)
    if step.gradient is None:
        name = step_name(tape, step)
        return f"Gradients reach several values in {name}, and go on from each.", {}
    if tape[step.op].shape != ():
        return _tensor_caption(tape, step, incoming), {}
    total = {"total": tape.gradient(step.op, step.backward)}
    name = step_name(tape, step)
    if step.node == "AccumulateGrad" and len(incoming) > MOST_NAMED:
        return f"Many paths meet at {name}. All that came adds up: {name}.grad is {{total}}.", total
    if step.node == "AccumulateGrad" and len(incoming) > 1:
        parts = {f"part{k}": tape.contribution(edge) for k, edge in enumerate(incoming)}
        shares = _enumeration(f"{{{part}}}" for part in parts)
        return f"Paths meet at {name}: {shares} add up, and {name}.grad is {{total}}.", {
            **parts,
            **total,
        }
    return _scalar_caption(tape, step, name, bool(incoming)), total


def _scalar_caption(tape: Tape, step: Step, name: str, has_incoming: bool) -> str:
    if step.node == "AccumulateGrad":
        return f"One path leads to {name}: its .grad is {{total}}."
    if step.node == "captured":
        return f"autograd.grad asked for {name}: it takes {{total}} away here."
    if not has_incoming and is_first_step(tape, step):
        return f"Backward starts at {name} with {{total}} and asks each input for its share."
    if not has_incoming:
        return f"{{total}} has come to {name} from outside. It goes on, times local derivatives."
    return f"{name} was handed {{total}}. It passes that on, times its local derivatives."


def _tensor_caption(tape: Tape, step: Step, incoming: tuple[Edge, ...]) -> str:
    name = step_name(tape, step)
    senders = _enumeration(_names(tape, (edge.source for edge in incoming)))
    if step.node == "AccumulateGrad" and len(incoming) > 1:
        return f"Paths meet at {name}: what {senders} sent adds up to {name}.grad."
    if step.node == "AccumulateGrad":
        return f"One path leads to {name}: what {senders} sent is {name}.grad."
    if step.node == "captured":
        return f"autograd.grad asked for {name}: its gradient is taken away here."
    outgoing = tape.outgoing(step.op, step.backward)
    receivers = _enumeration(_names(tape, (edge.target for edge in outgoing)))
    if not receivers:
        return f"{name} has its gradient; nothing before it asks for a share."
    if len(incoming) > 1:
        return f"The shares from {senders} meet at {name}. Their sum goes on to {receivers}."
    shares = "their shares" if " and " in receivers else "its share"
    return f"{name} has its gradient and hands {receivers} {shares}."


def step_name(tape: Tape, step: Step) -> str:
    """The variable of a step's op; where it has none its call, or its operation if that is long."""
    name = tape[step.op].name or tape[step.op].call or step.op
    return name if len(name) <= 40 else step.op.partition("@")[0]


def op_name(op: Op) -> str:
    """The variable of an op; where it has none its operation."""
    return op.name or op.id.partition("@")[0]


def is_first_step(tape: Tape, step: Step) -> bool:
    """Whether a step is the first of its backward pass."""
    whole = tape.full_tape if isinstance(tape, FoldedTape) else tape
    return whole.backward(step.backward)[0].op == step.op


def _names(tape: Tape, ids: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(op_name(tape[op]) for op in ids))


def _enumeration(names: Iterable[str]) -> str:
    """Names as in a sentence: a, b and c; of more than MOST_NAMED, the first and "others"."""
    names = list(names)
    if len(names) > MOST_NAMED:
        names = [*names[: MOST_NAMED - 1], "others"]
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"
