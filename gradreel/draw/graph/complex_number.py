"""A complex number on a card: a + b i, of which both parts are Quantities."""

from __future__ import annotations

from gradreel.draw.formula import Formula
from gradreel.draw.graph.step_names import whole_tape
from gradreel.draw.numbers import Readout
from gradreel.tape import HookCall, Op, Quantity, Step, Tape
from gradreel.theme import FontSize, colors

PARTS = ((0,), (1,))  # the indices of the real and the imaginary part


def is_complex_number(op: Op) -> bool:
    """Whether an op is a single complex number."""
    return op.dtype.startswith("complex") and op.shape == (2,)


def complex_number(
    real: Quantity, imaginary: Quantity, role: str = "value", font_size: float = FontSize.body
) -> Formula:
    """The number as it is written: 1 - 2 i."""
    sign = "" if imaginary < 0 else "+ "  # a negative number has its own sign
    return Formula(
        f"{{real}} {sign}{{imaginary}} i", real=real, imaginary=imaginary,
        roles={"real": role, "imaginary": role}, font_size=font_size,
    )  # fmt: skip


def complex_value(tape: Tape, op: Op) -> Formula | None:
    """The value of a single complex number; None of other ops."""
    if not is_complex_number(op) or op.value is None:
        return None
    real, imaginary = (tape.value(op.id, index) for index in PARTS)
    return complex_number(real, imaginary)


def gradient_number(tape: Tape, step: Step) -> Formula | Readout:
    """The gradient at a single number, real or complex."""
    if not is_complex_number(tape[step.op]):
        return gradient_readout(tape.gradient(step.op, step.backward))
    real, imaginary = (tape.gradient(step.op, step.backward, index) for index in PARTS)
    return complex_number(real, imaginary, "gradient")


def gradient_readout(number: Quantity) -> Readout:
    """A real gradient."""
    return Readout(number, font_size=FontSize.body, color=colors.gradient)


def hook_number(tape: Tape, hook: HookCall, *, after: bool) -> Formula | Readout | None:
    """What a hook got at a single number, or made of it; None of a tensor, or where it is None."""
    op = whole_tape(tape)[hook.op]
    if op.shape == ():
        number = tape.hook_number(hook, after=after)
        return None if number is None else gradient_readout(number)
    if not is_complex_number(op):
        return None
    real, imaginary = (tape.hook_number(hook, after=after, index=index) for index in PARTS)
    if real is None or imaginary is None:
        return None
    return complex_number(real, imaginary, "gradient")
