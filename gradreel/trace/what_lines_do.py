"""Captions for a script without notes: what its lines did, in a sentence.

Of the steps that share a caption, the one that tells most about autograd is described.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gradreel.trace.scheduled_step import ScheduledStep
from gradreel.trace.script_trace import ScriptTrace, TraceEvent, Variable

_PASS, _GRAD, _RESULT, _LEAF, _VALUE, _OBJECT, _PRINT = range(7, 0, -1)
_MOST_NAMES = 2  # variables that one sentence describes
Described = tuple[int, str]
"""How much a sentence tells about autograd, and the sentence, with slots as in a note."""


def what_steps_do(script_trace: ScriptTrace, steps: Sequence[ScheduledStep]) -> tuple[str, int]:
    """The sentence for these steps, and which of them it describes; "" and -1 for nothing."""
    states = list(script_trace.states())
    best, found = (0, ""), -1
    for number, step in enumerate(steps):
        for index in range(step.first, step.last + 1):
            event = script_trace.events[index]
            before = states[index - 1].get(event.call, {}) if index else {}
            described = max(_sentences(event, before), default=(0, ""), key=lambda pair: pair[0])
            # Of two that tell as much, the later one; of a condensed step, its last statement.
            if described[0] and described[0] >= best[0] and _still_holds(states, step, event):
                best, found = described, number
    return best[1], found


def _still_holds(
    states: Sequence[dict[int, dict[str, Variable]]], step: ScheduledStep, event: TraceEvent
) -> bool:
    """Whether the variables of an event are at the end of the step as the event left them."""
    now = states[step.last].get(event.call, {})
    return all(now.get(variable.name) == variable for variable in event.changed)


def _sentences(event: TraceEvent, before: dict[str, Variable]) -> Iterator[Described]:
    """What an event did to its variables, in sentences with their ranks."""
    grads = [v for v in event.changed if v.name in before and _grad_differs(before[v.name], v)]
    if event.backward and grads:
        yield _PASS, _filled(grads, before)
    elif grads:
        yield _GRAD, _regraded(grads)
    if event.kind == "line":
        for variable in event.changed:
            old = before.get(variable.name)
            if old is None or _value_differs(old, variable):
                yield _became(variable)
    if event.printed:
        yield _PRINT, "The result is printed."


def _filled(leaves: Sequence[Variable], before: dict[str, Variable]) -> str:
    """What a backward pass left in `.grad`."""
    if len(leaves) > _MOST_NAMES or any(not isinstance(v.grad, float) for v in leaves):
        names = _listed([v.name for v in leaves[:_MOST_NAMES]], more=len(leaves) > _MOST_NAMES)
        return f"backward() fills the gradients of {names}."
    if any(before[v.name].has_grad for v in leaves):
        now = _listed([f"{v.name}.grad is now {{{v.name}.grad}}" for v in leaves])
        return f"backward() adds to what was there: {now}."
    return (
        "backward() fills "
        + _listed([f"{v.name}.grad with {{{v.name}.grad}}" for v in leaves])
        + "."
    )


def _regraded(leaves: Sequence[Variable]) -> str:
    """What was done to `.grad` without a backward pass."""
    names = _listed(
        [f"{v.name}.grad" for v in leaves[:_MOST_NAMES]], more=len(leaves) > _MOST_NAMES
    )
    verb = "is" if len(leaves) == 1 else "are"
    if not any(v.has_grad for v in leaves):
        return f"{names} {verb} None again."
    (first, *others) = leaves
    if not others and isinstance(first.grad, float):
        return f"{names} is set to {{{first.name}.grad}}."
    return f"{names} {verb} changed."


def _became(variable: Variable) -> Described:
    """What a variable is now."""
    name = variable.name
    is_number = isinstance(variable.value, float) and variable.kind in ("Tensor", "float", "int")
    if variable.grad_fn is not None:
        value = f"{name} is {{{name}}}" if is_number else f"{name} is computed"
        return _RESULT, f"{value}; its grad_fn is {variable.grad_fn}."
    if variable.requires_grad:
        return _LEAF, f"{name} is a leaf that requires a gradient."
    if is_number:
        return _VALUE, f"{name} gets the value {{{name}}}."
    if variable.is_tensor:
        return _VALUE, f"{name} gets a tensor."
    return _OBJECT, f"{name} is set."


def _listed(words: Sequence[str], *, more: bool = False) -> str:
    if more:
        return f"{', '.join(words)} and others"
    return " and ".join(words)


def _grad_differs(old: Variable, new: Variable) -> bool:
    return (old.grad, old.grad_summary) != (new.grad, new.grad_summary)


def _value_differs(old: Variable, new: Variable) -> bool:
    return (old.text, old.value, old.summary, old.grad_fn) != (
        new.text, new.value, new.summary, new.grad_fn,
    )  # fmt: skip
