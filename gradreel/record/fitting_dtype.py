"""Other dtypes for programs that fail at float64 inputs because they mix in float32 tensors.

A program that makes tensors itself (h = torch.zeros(2, 3)) gets float64 as torch's default dtype;
one that converts to float32 (one_hot(ids).float()) is run in float32 as a whole.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from gradreel.errors import RecordingError
from gradreel.record.input_specs import as_argument
from gradreel.record.recorder import AUTOCAST_OF_FLOAT64
from gradreel.tape import Tape

Program = Callable[..., Any]

MADE_IN_FLOAT64 = "Tensors that the program makes are float64 here, as its inputs are."
AUTOCAST_IN_FLOAT32 = "torch.autocast casts float32, so all of it is recorded in float32."
ALL_IN_FLOAT32 = "The program converts to float32, so all of it is recorded in float32."


def record_at_fitting_dtype(
    run: Callable[[Program, Mapping[str, Any]], Tape],
    fresh: Callable[[], tuple[Program, Mapping[str, Any]]],
) -> Tape:
    """The tape of `run(*fresh())`, at other dtypes if that fails because dtypes do not fit.

    A note of the tape says so. Raises what the first run raised if no dtype fits.
    """
    try:
        tape = run(*fresh())
        if AUTOCAST_OF_FLOAT64 not in tape.notes:
            return tape
        tape = run(*_in_float32(*fresh()))
        rest = tuple(note for note in tape.notes if note != AUTOCAST_OF_FLOAT64)
        return _with_note(replace(tape, notes=rest), AUTOCAST_IN_FLOAT32)
    except RecordingError as error:
        if not _is_about_dtypes(error):
            raise
        with contextlib.suppress(RecordingError), _default_dtype(torch.float64):
            return _with_note(run(*fresh()), MADE_IN_FLOAT64)
        with contextlib.suppress(RecordingError):
            return _with_note(run(*_in_float32(*fresh())), ALL_IN_FLOAT32)
        raise


def _is_about_dtypes(error: RecordingError) -> bool:
    cause = error.__cause__
    words = ("dtype", "scalar type", "Double", "Float")
    return isinstance(cause, (RuntimeError, TypeError)) and any(w in str(cause) for w in words)


@contextlib.contextmanager
def _default_dtype(dtype: torch.dtype) -> Iterator[None]:
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


def _in_float32(program: Program, inputs: Mapping[str, Any]) -> tuple[Program, Mapping[str, Any]]:
    owner = getattr(program, "__self__", program)
    if isinstance(owner, nn.Module):
        owner.float()
    return program, {name: _narrowed(as_argument(value, name)) for name, value in inputs.items()}


def _narrowed(value: Any) -> Any:
    if not isinstance(value, Tensor) or value.dtype != torch.float64:
        return value
    return value.detach().float().requires_grad_(value.requires_grad)


def _with_note(tape: Tape, note: str) -> Tape:
    return replace(tape, notes=(*tape.notes, note))
