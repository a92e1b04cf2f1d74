"""Functions given by a user: a formula, or PyTorch code in a file.

    f = load_function("my/surface.py:bumpy", ("x", "y"), label="loss")

The code takes one 0-d tensor for each variable and returns one number. It may branch on the values.
For many points at once torch.func.vmap runs the code once; code that vmap cannot run is called
point by point.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from gradreel.errors import RecordingError, UsageError
from gradreel.functions.function import Function
from gradreel.record.program_file import load_from_file, user_code_errors
from gradreel.record.program_loader import program_parameters
from gradreel.source_ref import parse_source_ref

CHECKED_CALLS = 3
RELATIVE_STEP = 1e-4  # of the input, when checking whether an untracked value changes


def load_function(text: str, variables: Sequence[str] = ("x",), label: str = "f") -> Function:
    """The function that `text` describes: a formula, or a reference `path.py:function`.

    Raises ExpressionError for a wrong formula, UsageError for a wrong file or wrong parameters, and
    RecordingError for a file that fails.
    """
    reference = parse_source_ref(text)
    if reference is None:
        return Function.parse(text, variables, label)
    program, title = load_from_file(*reference)
    _check_inputs(program, title, variables, str(reference[0]))
    fn = UserCallable(program, f"{reference[0]}:{title}")
    return Function(fn, tuple(variables), title, None, label)


def _check_inputs(
    program: Callable[..., Any], title: str, variables: Sequence[str], path: str
) -> None:
    parameters = program_parameters(program, title)
    required = [name for name, p in parameters.items() if p.default is p.empty]
    positional = [name for name, p in parameters.items() if p.kind is not p.KEYWORD_ONLY]
    fits = len(required) <= len(variables) <= len(positional)
    if fits and set(required) <= set(positional):
        return
    raise UsageError(
        f"{title} takes {_list(required or list(parameters))}; here a function of"
        f" {_list(variables)} is needed.",
        where=path,
        hint="Give further inputs a default, or take another function or another scene.",
    )


def _list(names: Sequence[str]) -> str:
    return " and ".join(names) if names else "no input"


class UserCallable:
    """Calls the user's code for one point (0-d tensors) or for many (1-d tensors).

    Raises RecordingError if the code fails, does not return one real number, returns another number
    at each call, or a number that depends on its inputs without autograd knowing it.
    """

    def __init__(self, program: Callable[..., Any], where: str) -> None:
        self.program, self.where = program, where
        self.vectorizes = True  # until vmap fails
        self.checks_left = CHECKED_CALLS  # of whether two calls at one point give one number

    def __call__(self, *inputs: Tensor) -> Tensor:
        if self.checks_left:
            self.checks_left -= 1
            # Not only at the first point: x*randn() is 0 at x = 0.
            for index in (0, -1):
                self._check_repeatable([x.detach().reshape(-1)[index] for x in inputs])
        if inputs[0].dim() == 0:
            return self._call_one(*inputs)
        if self.vectorizes:
            result = self._call_vectorized(*inputs)
            if result is not None:
                return result
            self.vectorizes = False
        points = zip(*_broadcast(inputs), strict=True)
        return torch.stack([self._call_one(*point).to(inputs[0].dtype) for point in points])

    def _call_vectorized(self, *inputs: Tensor) -> Tensor | None:
        """The values at all points from one run of the code, or None if vmap cannot run it."""
        try:
            result = torch.func.vmap(self.program)(*_broadcast(inputs))
        except Exception:
            return None  # If the code itself is wrong, the calls one by one say what is wrong.
        one_each = isinstance(result, Tensor) and result.numel() == inputs[0].numel()
        if not one_each or result.is_complex():
            return None
        tracked = result.requires_grad or not any(x.requires_grad for x in inputs)
        return result.reshape(-1) if tracked else None

    def _call_one(self, *point: Tensor) -> Tensor:
        with user_code_errors(self.where, "it fails" + _location(point)):
            result = self._as_scalar(self.program(*point))
        if any(x.requires_grad for x in point) and not result.requires_grad:
            self._check_constant(result, point)
        return result

    def _as_scalar(self, result: Any) -> Tensor:
        if result is None:
            raise RecordingError("it returns nothing; is there a return?", where=self.where)
        if isinstance(result, int | float):
            return torch.tensor(float(result), dtype=torch.float64)
        if not isinstance(result, Tensor) or result.numel() != 1 or result.is_complex():
            shape = f" of shape {tuple(result.shape)}" if isinstance(result, Tensor) else ""
            raise RecordingError(
                f"it returns a {type(result).__name__}{shape}; one real number is needed.",
                where=self.where,
            )
        return result.reshape(())

    def _check_repeatable(self, point: Sequence[Tensor]) -> None:
        """Raise RecordingError if two calls at one point give two numbers."""
        first, second = (self._shifted_value(point, 0, 0.0) for _ in range(2))
        if first != second and not (math.isnan(first) and math.isnan(second)):
            raise RecordingError(
                f"it gives another number at each call: {first:g}, then {second:g}"
                f"{_location(point)}.",
                where=self.where,
                hint="Draw random numbers once, outside of the function, or set the seed in it;"
                " keep no state from call to call.",
            )

    def _check_constant(self, result: Tensor, point: Sequence[Tensor]) -> None:
        """Raise RecordingError if a result without a graph changes with an input.

        Only a result that does not change has slope zero.
        """
        for k, x in enumerate(point):
            step = RELATIVE_STEP * max(1.0, abs(x.item()))
            if all(self._shifted_value(point, k, s) != result.item() for s in (-step, step)):
                raise RecordingError(
                    "its result changes with its inputs, yet autograd cannot see"
                    f" how{_location(point)}.",
                    where=self.where,
                    hint="Somewhere the graph is cut: float(), .item(), .detach(), no_grad or"
                    " math.sin in place of torch.sin.",
                )

    def _shifted_value(self, point: Sequence[Tensor], k: int, step: float) -> float:
        """The value where input `k` is larger by `step`."""
        shifted = [x + step if k == i else x for i, x in enumerate(point)]
        with torch.no_grad(), user_code_errors(self.where, "it fails" + _location(shifted)):
            return self._as_scalar(self.program(*shifted)).item()


def _broadcast(inputs: Sequence[Tensor]) -> Sequence[Tensor]:
    tensors: Sequence[Tensor] = torch.broadcast_tensors(*inputs)  # type: ignore[no-untyped-call]
    return tensors


def _location(point: Sequence[Tensor]) -> str:
    return " at (" + ", ".join(f"{x.item():g}" for x in point) + ")"
