"""Captions for the steps of a backward pass, with the numbers in them.

Each sentence is chosen by facts of the tape: what a value was sent, where the pass started, what
was in `.grad` before, which hooks ran, whether local derivatives were what it multiplied by.
"""

from __future__ import annotations

from math import prod
from typing import Any

from gradreel.draw.graph.step_names import (
    MOST_NAMED,
    enumeration,
    is_first_step,
    leaf_grad,
    op_name,
    op_names,
    step_name,
    whole_tape,
)
from gradreel.fold import FoldedTape
from gradreel.fold.fold_types import relative_name
from gradreel.tape import Edge, HookCall, Quantity, Step, Tape
from gradreel.tape.facts import custom_function, sends_gradient_times_local

CaptionText = tuple[str, dict[str, Any]]
"""A template of a caption and the numbers for its braces."""


def step_caption(tape: Tape, step: Step) -> CaptionText:
    """The caption for what arrives at a step of a backward pass."""
    incoming = tape.incoming(step.op, step.backward)
    if step.gradient is None:
        return _several_values_caption(tape, step)
    if tape[step.op].shape != ():
        return _tensor_caption(tape, step, incoming)
    if step.node == "AccumulateGrad":
        return _leaf_caption(tape, step, incoming)
    return _scalar_caption(tape, step, incoming)


def hook_caption(tape: Tape, step: Step, hook: HookCall) -> CaptionText:
    """The caption for a hook of the program that runs at a step."""
    name = step_name(tape, step)
    before, after = (_scalar(tape, hook, after=after) for after in (False, True))
    if hook.kind == "post_accumulate":
        if before is None:
            return f"Then the hook {hook.name} runs, with {name}.grad in its hands.", {}
        if after is None:
            text = f"Then the hook {hook.name} runs: {name}.grad was {{before}}, and is None now."
            return text, {"before": before}
        text = f"Then the hook {hook.name} runs: {name}.grad was {{before}}, and is {{after}} now."
        return text, {"before": before, "after": after}
    if before is None or after is None:
        done = "leaves it as it is" if hook.before == hook.after else "changes it"
        return f"The hook {hook.name} gets the gradient at {name} and {done}.", {}
    if hook.before == hook.after:
        return f"The hook {hook.name} gets {{before}} and leaves it as it is.", {"before": before}
    text = f"The program's hook {hook.name} gets {{before}} and makes {{after}} of it."
    return text, {"before": before, "after": after}


def accumulate_caption(tape: Tape, step: Step) -> CaptionText:
    """The caption for the moment at which a leaf adds what the hooks left of its gradient."""
    name = step_name(tape, step)
    if tape[step.op].shape != ():
        was = tape.has_grad_before(step.op, step.backward)
        return f"That {'is added to' if was else 'becomes'} {leaf_grad(name)}.", {}
    brought = tape.gradient(step.op, step.backward)
    before, after = (
        tape.grad_before(step.op, step.backward),
        tape.grad_added(step.op, step.backward),
    )
    if before is None or after is None:
        return f"So {leaf_grad(name)} is {{brought}}.", {"brought": brought}
    numbers = {"before": before, "brought": brought, "after": after}
    return f"{leaf_grad(name)} was {{before}}. {{brought}} is added: it is {{after}} now.", numbers


def pass_count_text(tape: Tape, backward: int) -> CaptionText:
    """ "Pass 2 of 3" with its numbers; empty where the program runs only one pass."""
    passes = whole_tape(tape).backwards
    if len(passes) < 2:
        return "", {}
    return "Pass {number} of {passes}", {
        "number": Quantity(float(backward), "number of the backward pass", "pass"),
        "passes": Quantity(float(len(passes)), "backward passes of the program", "passes"),
    }


def _leaf_caption(tape: Tape, step: Step, incoming: tuple[Edge, ...]) -> CaptionText:
    """What one pass brings to a scalar leaf and, without hooks, what `.grad` becomes by it."""
    name = step_name(tape, step)
    hooks = tape.hooks_at(step.op, step.backward)
    brought = _arrived(tape, step)
    numbers = {"brought": brought}
    if len(incoming) > MOST_NAMED:
        lead = f"Many paths meet at {name}"
        adds = "All that came adds up: "
    elif len(incoming) > 1:
        parts = {f"part{k}": tape.contribution(edge) for k, edge in enumerate(incoming)}
        shares = enumeration(f"{{{part}}}" for part in parts)
        numbers |= parts
        lead, adds = f"Paths meet at {name}: {shares} add up", ""
    elif incoming:
        lead, adds = f"One path leads to {name}", ""
    else:
        lead, adds = f"{name} is where this pass starts", ""
    before, after = (
        tape.grad_before(step.op, step.backward),
        tape.grad_added(step.op, step.backward),
    )
    if hooks:
        return f"{lead}. {adds}{{brought}} arrives, and a hook waits there.", numbers
    if before is not None and after is not None:
        numbers |= {"before": before, "after": after}
        end = f"{leaf_grad(name)} was {{before}} already, so it is {{after}} now."
        if len(incoming) in range(2, MOST_NAMED + 1):
            return f"{lead} to {{brought}}. {end}", numbers
        return f"{lead}. This pass brings {{brought}}. {end}", numbers
    if len(incoming) > MOST_NAMED:
        return f"{lead}. {adds}{leaf_grad(name)} is {{brought}}.", numbers
    if len(incoming) > 1:
        return f"{lead}, and {leaf_grad(name)} is {{brought}}.", numbers
    return f"{lead}: its .grad is {{brought}}.", numbers


def _scalar_caption(tape: Tape, step: Step, incoming: tuple[Edge, ...]) -> CaptionText:
    name, numbers = step_name(tape, step), {"total": _arrived(tape, step)}
    if step.node == "captured":
        return f"The pass was asked for {name}: {{total}} is taken away here.", numbers
    if tape.hooks_at(step.op, step.backward):
        return f"{name} was handed {{total}}, and a hook waits there.", numbers
    seed = tape.seed(step.op, step.backward)
    if seed is not None and not incoming:
        return _start_caption(tape, step, name, numbers)
    if seed is not None:
        numbers["seed"] = seed
        return f"The pass also starts at {name}, with {{seed}}. In all that is {{total}}.", numbers
    if not incoming:
        return f"{{total}} has come to {name} from outside. {_goes_on(tape, step)}", numbers
    keeps, kept = _kept_grad(tape, step, name)
    return f"{name} was handed {{total}}. {keeps}{_goes_on(tape, step)}", {**numbers, **kept}


def _kept_grad(tape: Tape, step: Step, name: str) -> CaptionText:
    """What a result that retains its gradient says about its `.grad`."""
    if not any((row.leaf, row.backward) == (step.op, step.backward) for row in tape.grads):
        return "", {}
    after = tape.grad_added(step.op, step.backward)
    if after is None:
        return "", {}
    before = tape.grad_before(step.op, step.backward)
    if before is not None:
        was = {"before": before, "kept": after}
        return f"{name}.grad was {{before}}, and is {{kept}} with it. ", was
    return f"{name}.grad keeps it and is {{kept}}. ", {"kept": after}


def _start_caption(tape: Tape, step: Step, name: str, numbers: dict[str, Quantity]) -> CaptionText:
    count, counted = pass_count_text(tape, step.backward)
    if not is_first_step(tape, step):
        return f"The pass also starts at {name}, with {{total}}.", numbers
    lead = f"{count} starts" if count else "Backward starts"
    if custom_function(tape[step.op]):
        return f"{lead} at {name} with {{total}}. {_goes_on(tape, step)}", {**counted, **numbers}
    return f"{lead} at {name} with {{total}} and asks each input for its share.", {
        **counted,
        **numbers,
    }


def _goes_on(tape: Tape, step: Step) -> str:
    """How a scalar op passes its gradient on, as a sentence."""
    outgoing = tape.outgoing(step.op, step.backward)
    if not outgoing:
        inside = _leaves_inside(tape, step)
        return (
            f"It goes on to {inside} inside." if inside else "Nothing before it asks for a share."
        )
    function = custom_function(tape[step.op])
    if function:
        return f"The backward method of {function} decides what it passes on."
    if all(sends_gradient_times_local(step.gradient, edge) for edge in outgoing):
        return "It passes that on, times its local derivatives."
    receivers = enumeration(op_names(tape, (edge.target for edge in outgoing)))
    return f"Its shares go on to {receivers}."


def _several_values_caption(tape: Tape, step: Step) -> CaptionText:
    """The caption of a node or fold with several values, by how many of them have a gradient."""
    name = step_name(tape, step)
    reached = values_with_gradient(tape, step)
    outgoing = tape.outgoing(step.op, step.backward)
    receivers = enumeration(op_names(tape, (edge.target for edge in outgoing)))
    inside = _leaves_inside(tape, step)
    receivers = receivers or (f"{inside} inside" if inside else "")
    end = f"shares go on to {receivers}" if receivers else "nothing before it asks for a share"
    if not reached:
        return f"{name} takes part in this pass; {end}.", {}
    what = "Gradients reach several values" if reached > 1 else "A gradient reaches one value"
    return f"{what} in {name}; {end}.", {}


def values_with_gradient(tape: Tape, step: Step) -> int:
    """How many outputs of a node or fold have a gradient in the pass of a step."""
    whole = whole_tape(tape)
    received = {other.op for other in whole.backward(step.backward) if other.gradient is not None}
    outputs = tape.outputs.get(step.op, ()) if isinstance(tape, FoldedTape) else ()
    if not outputs or outputs == (step.op,):
        outputs = tuple(op.id for op in whole if op.op == "output" and op.inputs == (step.op,))
    return len(received & set(outputs))


def _tensor_caption(tape: Tape, step: Step, incoming: tuple[Edge, ...]) -> CaptionText:
    name = step_name(tape, step)
    senders = enumeration(op_names(tape, (edge.source for edge in incoming)))
    if step.node == "captured":
        return f"The pass was asked for {name}: its gradient is taken away here.", {}
    if tape.hooks_at(step.op, step.backward):
        return f"The gradient at {name} has arrived, and a hook waits there.", {}
    if tape.starts_at(step.op, step.backward) and not incoming:
        count, numbers = pass_count_text(tape, step.backward)
        if not is_first_step(tape, step):
            count, numbers = "The pass", {}
        count = count or "Backward"
        if prod(tape[step.op].shape) == 1:
            index = (0,) * len(tape[step.op].shape)
            numbers["total"] = tape.gradient(step.op, step.backward, index)
            return f"{count} starts at {name} with {{total}}.", numbers
        return f"{count} starts at {name}, with the gradient that the program gave.", numbers
    if step.node == "AccumulateGrad" and senders:
        was = tape.has_grad_before(step.op, step.backward)
        lead = f"Paths meet at {name}" if len(incoming) > 1 else f"One path leads to {name}"
        if was:
            return f"{lead}: what {senders} sent is added to the .grad that was there.", {}
        end = "adds up to" if len(incoming) > 1 else "is"
        return f"{lead}: what {senders} sent {end} {leaf_grad(name)}.", {}
    outgoing = tape.outgoing(step.op, step.backward)
    receivers = enumeration(op_names(tape, (edge.target for edge in outgoing)))
    inside = _leaves_inside(tape, step)
    if not receivers and inside:
        return f"{name} has its gradient, and it goes on to {inside} inside.", {}
    if not receivers:
        return f"{name} has its gradient; nothing before it asks for a share.", {}
    if len(incoming) > 1:
        return f"The shares from {senders} meet at {name}. Their sum goes on to {receivers}.", {}
    shares = "their shares" if " and " in receivers else "its share"
    return f"{name} has its gradient and hands {receivers} {shares}.", {}


def _leaves_inside(tape: Tape, step: Step) -> str:
    """The leaves inside a fold whose `.grad` the pass adds to, as in a sentence."""
    fold = tape.fold_at(step.op) if isinstance(tape, FoldedTape) else None
    if fold is None:
        return ""
    steps = whole_tape(tape).backward(step.backward)
    leaves = {one.op for one in steps if one.node == "AccumulateGrad"}
    names = [op_name(whole_tape(tape)[op]) for op in fold.ops if op in leaves]
    module = fold.name.partition(" ")[0]
    return enumeration(relative_name(name, module) for name in names)


def _arrived(tape: Tape, step: Step) -> Quantity:
    """What arrived at a scalar step: what the first hook got, or the engine's gradient."""
    hooks = tape.hooks_at(step.op, step.backward)
    arrived = tape.hook_number(hooks[0], after=False) if hooks else None
    return tape.gradient(step.op, step.backward) if arrived is None else arrived


def _scalar(tape: Tape, hook: HookCall, *, after: bool) -> Quantity | None:
    value = hook.after if after else hook.before
    return tape.hook_number(hook, after=after) if isinstance(value, float) else None
