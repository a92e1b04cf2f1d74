"""A recording checks itself: what arrives adds up to what the engine handed over."""

from __future__ import annotations

from torch import Tensor

from gradreel.errors import RecordingError
from gradreel.record.tensor_values import added, agree
from gradreel.record.value_nodes import ValueNode


def check_sum(entry: ValueNode, arrived: list[Tensor], handed: Tensor) -> None:
    """Raise unless the contributions that arrived add up to the gradient handed to `entry`.

    One or two contributions must agree bit for bit; for more, the order of addition is the
    engine's own, and rounding is allowed. Hooks of the program may change the sum: the tape then
    shows both, and there is nothing to compare.
    """
    if entry.hooked:
        return
    if not arrived:
        raise _mismatch(entry, "the engine handed over a gradient that no edge had brought")
    total, scale = added(arrived)
    if not agree(total, handed, scale, exactly=len(arrived) <= 2):
        raise _mismatch(entry, "the contributions do not add up to the gradient handed over")


def check_leaf(
    entry: ValueNode, before: Tensor | None, after: Tensor | None, received: Tensor | None
) -> None:
    """Raise unless `.grad` of a leaf changed by exactly the gradient that its node received."""
    if entry.hooked:
        return
    if received is None:
        unchanged = (before is None) == (after is None) and (
            before is None or after is None or agree(after, before, before.abs(), exactly=True)
        )
        if not unchanged:
            raise _mismatch(entry, ".grad changed although no gradient was received")
        return
    expected = received if before is None else before + received
    if after is None or not agree(after, expected, expected.abs(), exactly=True):
        raise _mismatch(entry, ".grad did not change by the gradient received")


def _mismatch(entry: ValueNode, what: str) -> RecordingError:
    where = entry.name or entry.stem
    return RecordingError(
        f"at {where} ({entry.op}) {what}",
        where="recording",
        hint="Nothing was drawn from it. A hook on a node, or a change in place, may be the cause.",
    )
