"""What is said when it is a card's turn in a backward pass, with the numbers in it."""

from __future__ import annotations

from collections.abc import Iterable

from gradreel.fold import FoldedTape
from gradreel.tape import Edge, Op, Quantity, Step, Tape

Said = tuple[str, dict[str, Quantity]]

MOST_NAMED = 3  # names in one sentence


def told(tape: Tape, step: Step) -> Said:
    """A caption for a step, and the numbers for its braces."""
    arrived = tape.incoming(step.op, step.backward)
    if step.gradient is None:
        return f"Gradients reach several values in {named(tape, step)}, and go on from each.", {}
    if tape[step.op].shape != ():
        return _tensor(tape, step, arrived), {}
    total = {"total": tape.gradient(step.op, step.backward)}
    name = named(tape, step)
    if step.node == "AccumulateGrad" and len(arrived) > MOST_NAMED:
        return f"Many paths meet at {name}. All that came adds up: {name}.grad is {{total}}.", total
    if step.node == "AccumulateGrad" and len(arrived) > 1:
        parts = {f"part{k}": tape.contribution(edge) for k, edge in enumerate(arrived)}
        shares = _listed(f"{{{part}}}" for part in parts)
        return f"Paths meet at {name}: {shares} add up, and {name}.grad is {{total}}.", {
            **parts,
            **total,
        }
    return _scalar(tape, step, name, bool(arrived)), total


def _scalar(tape: Tape, step: Step, name: str, arrived: bool) -> str:
    if step.node == "AccumulateGrad":
        return f"One path leads to {name}: its .grad is {{total}}."
    if step.node == "captured":
        return f"autograd.grad asked for {name}: it takes {{total}} away here."
    if not arrived and begins(tape, step):
        return f"Backward starts at {name} with {{total}} and asks each input for its share."
    if not arrived:
        return f"{{total}} has come to {name} from outside. It goes on, times local derivatives."
    return f"{name} was handed {{total}}. It passes that on, times its local derivatives."


def _tensor(tape: Tape, step: Step, arrived: tuple[Edge, ...]) -> str:
    name, senders = named(tape, step), _listed(_names(tape, (edge.source for edge in arrived)))
    if step.node == "AccumulateGrad" and len(arrived) > 1:
        return f"Paths meet at {name}: what {senders} sent adds up to {name}.grad."
    if step.node == "AccumulateGrad":
        return f"One path leads to {name}: what {senders} sent is {name}.grad."
    if step.node == "captured":
        return f"autograd.grad asked for {name}: its gradient is taken away here."
    sent = tape.outgoing(step.op, step.backward)
    receivers = _listed(_names(tape, (edge.target for edge in sent)))
    if not receivers:
        return f"{name} has its gradient; nothing before it asks for a share."
    if len(arrived) > 1:
        return f"The shares from {senders} meet at {name}. Their sum goes on to {receivers}."
    its = "their shares" if " and " in receivers else "its share"
    return f"{name} has its gradient and hands {receivers} {its}."


def named(tape: Tape, step: Step) -> str:
    """The variable of a step's op, or the call that made it where it has none."""
    name = tape[step.op].name or tape[step.op].call or step.op
    return name if len(name) <= 40 else step.op.partition("@")[0]


def called(op: Op) -> str:
    """What an op is called: its variable, or what it does."""
    return op.name or op.id.partition("@")[0]


def begins(tape: Tape, step: Step) -> bool:
    """Whether the pass of a step begins there."""
    whole = tape.full_tape if isinstance(tape, FoldedTape) else tape
    return whole.backward(step.backward)[0].op == step.op


def _names(tape: Tape, ids: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(called(tape[op]) for op in ids))


def _listed(names: Iterable[str]) -> str:
    """Names as one says them: a, b and c; of many, the first ones."""
    names = list(names)
    if len(names) > MOST_NAMED:
        names = [*names[: MOST_NAMED - 1], "others"]
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"
