"""Formulas for the gradient at a scalar value: what arrived, what a hook made of it, `.grad`."""

from __future__ import annotations

from typing import Any

from gradreel.draw.formula import Formula, is_product, is_sum
from gradreel.draw.graph.step_names import leaf_grad
from gradreel.tape import Edge, HookCall, Op, Quantity, Step, Tape
from gradreel.tape.facts import PassFacts


def arrival_formula(
    tape: Tape, step: Step, op: Op, facts: PassFacts, result: Op, incoming: tuple[Edge, ...],
    font_size: float,
) -> Formula:  # fmt: skip
    """The sum of what arrived at `op`; for a leaf without hooks, `.grad` and how it came about.

    `facts` and `result`, the result that the pass started at, are of the whole tape.
    """
    hooks = tape.hooks_at(step.op, step.backward)
    addends = {f"c{k}": tape.contribution(edge) for k, edge in enumerate(incoming)}
    seed = tape.seed(step.op, step.backward)
    if seed is not None and addends:
        addends = {"s": seed, **addends}
    if step.node == "AccumulateGrad" and not hooks:
        return grad_formula(tape, step, addends, font_size)
    arrived = tape.hook_number(hooks[0], after=False) if hooks else None
    total = tape.gradient(step.op, step.backward) if arrived is None else arrived
    is_derivative = facts.is_derivative(op.id) and not hooks
    left = derivative(result, op) if is_derivative else gradient_at(op)
    return _addition(left, addends, total, font_size)


def grad_formula(tape: Tape, step: Step, addends: dict[str, Quantity], font_size: float) -> Formula:
    """`x.grad = what was there + what the pass brought = what is there now`."""
    left = quoted(leaf_grad(tape[step.op].name or step.op))
    brought = tape.gradient(step.op, step.backward)
    before, after = (
        tape.grad_before(step.op, step.backward),
        tape.grad_added(step.op, step.backward),
    )
    if before is None or after is None:
        return _addition(left, addends, brought, font_size)
    terms = {"before": before, **(addends if len(addends) > 1 else {"g": brought})}
    return _addition(left, terms, after, font_size, {"before": "muted"})


def product_formula(
    gradient: Quantity, local: Quantity, sent: Quantity, font_size: float
) -> Formula | None:
    """`gradient × local derivative = contribution`; None where the digits do not work out."""
    values: dict[str, Any] = {"gradient": gradient, "local": local, "sent": sent}
    sign = is_product(("gradient", "local"), "sent")
    has_power = any("e" in number.text for number in values.values())
    if has_power or sign.relation(values) is None:
        return None
    second = "lr(({local}))" if local < 0 else "{local}"
    return Formula(
        f"{{gradient}} times {second} {{eq}} {{sent}}", eq=sign, font_size=font_size,
        roles={"gradient": "gradient", "local": "local", "sent": "gradient"}, **values,
    )  # fmt: skip


def number_formula(number: Quantity, font_size: float) -> Formula:
    """A contribution alone, in the slot "sent"."""
    return Formula("{sent}", sent=number, roles={"sent": "gradient"}, font_size=font_size)


def gradient_alone(tape: Tape, step: Step, font_size: float) -> Formula:
    """What arrived at a step without hooks, as a number in the slot "total"."""
    total = tape.gradient(step.op, step.backward)
    return Formula("{total}", total=total, roles={"total": "gradient"}, font_size=font_size)


def hook_formula(tape: Tape, hook: HookCall, font_size: float) -> Formula:
    """`name: before → after`."""
    before, after = (tape.hook_number(hook, after=after) for after in (False, True))
    slots: dict[str, Any] = {
        k: q for k, q in (("before", before), ("after", after)) if q is not None
    }
    left, right = (
        f"{{{slot}}}" if slot in slots else quoted("None") for slot in ("before", "after")
    )
    return Formula(
        f"{quoted(hook.name)} : {left} arrow.r.long {right}",
        roles=dict.fromkeys(slots, "gradient"), font_size=font_size, **slots,
    )  # fmt: skip


def _addition(
    left: str,
    addends: dict[str, Quantity],
    total: Quantity,
    font_size: float,
    roles: dict[str, str] | None = None,
) -> Formula:
    """The formula "left = c0 + c1 = total", with ≈ for the last sign where digits are rounded.

    Only "left = total" for fewer than two addends, and where they are not all of the total.
    """
    names = tuple(addends)
    colors = {**dict.fromkeys((*names, "total"), "gradient"), **(roles or {})}
    sign = is_sum(names, "total")
    values: dict[str, Any] = {**addends, "total": total}
    if len(addends) < 2 or sign.relation(values) is None:
        return Formula(f"{left} = {{total}}", total=total, roles=colors, font_size=font_size)
    terms = " + ".join(
        f"lr(({{{name}}}))" if addend < 0 and index else f"{{{name}}}"
        for index, (name, addend) in enumerate(addends.items())
    )
    return Formula(
        f"{left} = {terms} {{eq}} {{total}}", eq=sign, roles=colors, font_size=font_size, **values
    )


def derivative(result: Op, op: Op) -> str:
    """Typst math of the derivative of `result` with respect to `op`."""
    return f"partial {symbol(result)} \\/ partial {symbol(op)}"


def gradient_at(op: Op) -> str:
    """Typst math for a gradient that is not, or need not be, a derivative."""
    return f'"gradient at " {symbol(op)}'


def symbol(op: Op) -> str:
    """The name of a value in Typst math."""
    # Two values of one name keep the suffix of their ids, as on their cards: dx/dx would be 1.
    name = op.id if op.name else op.id.partition("@")[0]
    return name if len(name) == 1 and name.isalpha() else quoted(name)


def quoted(words: str) -> str:
    """Names of code as upright text in Typst math, which is not translated."""
    escaped = words.replace("\\", "\\\\").replace('"', '\\"')
    return f'upright(#"{escaped}")'
