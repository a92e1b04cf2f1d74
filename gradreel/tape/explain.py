"""What autograd did with a program, as Markdown: values, gradients, contributions, source lines.

    print(record(program, x=2.0, y=3.0).explain())

Every number is one of the tape. The last section names common mistakes, each with its evidence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from gradreel.tape.facts import custom_function, pass_facts, sends_gradient_times_local
from gradreel.tape.mistakes import find_mistakes
from gradreel.tape.records import Edge, Op, Step
from gradreel.tape.value_text import value_text

if TYPE_CHECKING:
    from gradreel.tape.tape import Tape

MOST_ROWS = 200  # of forward ops, and of the steps of one pass
WRITTEN = 6  # contributions to one value that are written out


def explain(tape: Tape, title: str = "") -> str:
    """The explanation of a tape, as one Markdown document; `title` names the program there."""
    lines = [f"# What autograd did with `{title or tape.program}`"]
    lines += ["", *(f"- {note}" for note in tape.notes)] if tape.notes else []
    lines += _forward(tape)
    for number in tape.backwards:
        lines += _backward(tape, number)
    lines += ["", "## Common mistakes", ""]
    found = find_mistakes(tape)
    lines += [f"- **{mistake.kind}** {mistake.text}" for mistake in found]
    lines += [] if found else ["None of those that a tape can show."]
    return "\n".join(lines) + "\n"


def _forward(tape: Tape) -> Iterator[str]:
    ops = [op for op in tape if op.op != "constant"]
    yield from ("", "## Forward", "", "| line | value | computed by | is | grad_fn |")
    yield "| --- | --- | --- | --- | --- |"
    for op in ops[:MOST_ROWS]:
        call = op.call if op.inputs else "leaf" if op.requires_grad else "data"
        cells = (op.line or "", f"`{op.id}`", f"`{call}`", _value(op), op.grad_fn or "")
        yield f"| {' | '.join(str(cell).replace('|', chr(92) + '|') for cell in cells)} |"
    if len(ops) > MOST_ROWS:
        yield f"\n{len(ops) - MOST_ROWS} more operations are in the tape."


def _value(op: Op) -> str:
    """The value of an op; of another dtype than float64 with its name."""
    text = value_text(op.value, op.dtype)
    return text if op.dtype in ("float64", "") else f"{text} ({op.dtype})"


def _backward(tape: Tape, number: int) -> Iterator[str]:
    count = len(tape.backwards)
    roots = ", ".join(
        f"`{seed.op}` with {value_text(seed.gradient)}"
        for seed in tape.seeds
        if seed.backward == number
    )
    yield from ("", f"## Backward pass {number} of {count}, from {roots or 'outside'}", "")
    facts = pass_facts(tape, number)
    if facts.root:
        changed = sorted(op for op in facts.altered if op in _reached(tape, number))
        yield f"Each gradient is the derivative of `{facts.root}`" + (
            f", except at {_list(changed)}, where a hook or a custom Function had a part."
            if changed
            else "."
        )
    else:
        yield "The gradients are no derivatives of one result: see where the pass starts."
    yield ""
    steps = tape.backward(number)
    for step in steps[:MOST_ROWS]:
        yield from _step(tape, step)
    if len(steps) > MOST_ROWS:
        yield f"{len(steps) - MOST_ROWS} more steps are in the tape."


def _reached(tape: Tape, number: int) -> set[str]:
    return {step.op for step in tape.backward(number)}


def _step(tape: Tape, step: Step) -> Iterator[str]:
    op = tape[step.op]
    where = f", line {op.line}" if op.line and op.inputs else ""
    node = f" ({step.node})" if step.node else ""
    yield f"{step.order}. `{op.id}`{node}{where}: {_arrival(tape, step)}"
    for hook in tape.hooks_at(step.op, step.backward):
        yield f"   - the hook {hook.name} made {value_text(hook.after, op.dtype)} of it"
    for edge in tape.outgoing(step.op, step.backward):
        yield f"   - {_sent(tape, step, edge)}"
    for row in tape.grads:
        if (row.leaf, row.backward) == (step.op, step.backward):
            was = "None" if row.before is None else value_text(row.before, op.dtype)
            now = "None" if row.after is None else value_text(row.after, op.dtype)
            yield f"   - `.grad` was {was}, and is **{now}**"


def _arrival(tape: Tape, step: Step) -> str:
    incoming = tape.incoming(step.op, step.backward)
    hooks = tape.hooks_at(step.op, step.backward)
    dtype = tape[step.op].dtype
    total = value_text(hooks[0].before if hooks else step.gradient, dtype)
    if step.gradient is None and not hooks:
        return "has several outputs, whose gradients have steps of their own"
    parts = [
        f"{value_text(seed.gradient, dtype)} that the pass starts with here"
        for seed in tape.seeds
        if (seed.op, seed.backward) == (step.op, step.backward)
    ]
    if len(parts) + len(incoming) < 2:
        return f"gradient {total}"
    parts += [
        f"{value_text(edge.contribution, dtype)} from `{edge.source}`"
        for edge in incoming[:WRITTEN]
    ]
    more = f" and {len(incoming) - WRITTEN} more" if len(incoming) > WRITTEN else ""
    return f"gradient {total}, the sum of {' + '.join(parts)}{more}"


def _sent(tape: Tape, step: Step, edge: Edge) -> str:
    sent = value_text(edge.contribution, tape[edge.target].dtype)
    function = custom_function(tape[step.op])
    if function:
        return f"the backward method of {function} sends `{edge.target}`: {sent}"
    if sends_gradient_times_local(step.gradient, edge) and edge.local is not None:
        gradient = value_text(step.gradient, tape[step.op].dtype)
        local = value_text(edge.local, tape[edge.target].dtype)
        sign = _sign(gradient, local, sent)
        return f"to `{edge.target}`: {gradient} × {local} {sign} {sent}"
    return f"to `{edge.target}`: {sent}"


def _sign(*shown: str) -> str:
    """ "=" where the digits shown work out, as decimals; else "≈"."""
    gradient, local, sent = map(Decimal, shown)
    return "=" if gradient * local == sent or not sent.is_finite() else "≈"


def _list(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
