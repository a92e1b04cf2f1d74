"""Self-checks of a recording: contributions must add up to the gradients of the engine."""

from __future__ import annotations

from torch import Tensor

from gradreel.errors import RecordingError
from gradreel.record.hook_calls import RecordedHook
from gradreel.record.tensor_values import sum_with_scale, tensors_equal
from gradreel.record.value_nodes import ValueNode


def check_gradient_sum(
    value_node: ValueNode, contributions: list[Tensor], gradient: Tensor, hooks: list[RecordedHook]
) -> None:
    """Raise RecordingError unless `contributions` add up to the `gradient` at `value_node`.

    One or two contributions must agree bit for bit. For more, the engine chooses the order of
    addition, and rounding is allowed. Where `hooks` of the program were called, the first must have
    got that sum, each further one what the one before it made, and the node what the last one made.
    """
    if hooks:
        steps = [hook.before for hook in hooks[1:]] + [gradient]
        for hook, following in zip(hooks, steps, strict=True):
            if not _same(hook.after, following):
                raise _mismatch(
                    value_node, f"the hook {hook.name} is not what changed the gradient"
                )
        assert hooks[0].before is not None
        gradient = hooks[0].before
    elif value_node.has_hooks:
        return  # a hook that was registered while the pass ran, or belongs to an earlier version
    if not contributions:
        raise _mismatch(value_node, "the engine passed a gradient that arrived along no edge")
    total, scale = sum_with_scale(contributions)
    if not tensors_equal(total, gradient, scale, exactly=len(contributions) <= 2):
        raise _mismatch(value_node, "the contributions do not add up to the engine's gradient")


def check_leaf_grad(
    value_node: ValueNode, before: Tensor | None, after: Tensor | None, received: Tensor | None
) -> None:
    """Raise RecordingError unless `.grad` of a leaf changed by exactly the gradient `received`."""
    if received is None:
        if not _same(before, after):
            raise _mismatch(value_node, ".grad changed although no gradient was received")
        return
    expected = received if before is None else before + received
    if after is None or not tensors_equal(after, expected, expected.abs(), exactly=True):
        raise _mismatch(value_node, ".grad did not change by the gradient received")


def _same(one: Tensor | None, other: Tensor | None) -> bool:
    if one is None or other is None:
        return one is other
    return tensors_equal(one, other, other.abs(), exactly=True)


def _mismatch(value_node: ValueNode, what: str) -> RecordingError:
    name = value_node.name or value_node.stem
    return RecordingError(
        f"at {name} ({value_node.op}) {what}",
        where="recording",
        hint="The recording was discarded. "
        "A hook on a node, or an in-place change, may be the cause.",
    )
