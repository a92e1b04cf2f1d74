"""Functions of a user's own: a formula, or PyTorch code in a file.

    f = function_named("my/land.py:bumpy", ("x", "y"), label="loss")

The code gets one tensor without dimensions for each variable and returns one number. It may branch
on their values. Where many places are wanted, torch.func.vmap runs the code once for all of them;
code that vmap cannot run is called place by place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from gradreel.errors import RecordingError, UsageError
from gradreel.functions.function import Function
from gradreel.functions.source_ref import parse_source_ref
from gradreel.record.program_loader import load_from_file, program_parameters, user_code_errors

NEARBY = 1e-4  # how far to look, relative to the place, for a value that changes unseen


def load_function(text: str, variables: Sequence[str] = ("x",), label: str = "f") -> Function:
    """The function that `text` names; raises ExpressionError, UsageError or RecordingError."""
    found = parse_source_ref(text)
    if found is None:
        return Function.parse(text, variables, label)
    program, title = load_from_file(*found)
    _check_inputs(program, title, variables, str(found[0]))
    of = UserCallable(program, f"{found[0]}:{title}")
    return Function(of, tuple(variables), title, None, label)


def _check_inputs(
    program: Callable[..., Any], title: str, variables: Sequence[str], path: str
) -> None:
    taken = program_parameters(program, title)
    needed = [name for name, p in taken.items() if p.default is p.empty]
    by_place = [name for name, p in taken.items() if p.kind is not p.KEYWORD_ONLY]
    if len(needed) <= len(variables) <= len(by_place) and set(needed) <= set(by_place):
        return
    raise UsageError(
        f"{title} takes {_list(needed or list(taken))}; here a function of"
        f" {_list(variables)} is wanted.",
        where=path,
        hint="Give further inputs a default, or take another function or another scene.",
    )


def _list(names: Sequence[str]) -> str:
    return " and ".join(names) if names else "no input"


class UserCallable:
    """Calls the user's code at one place (tensors of no dimension) or at many (of one)."""

    def __init__(self, program: Callable[..., Any], where: str) -> None:
        self.program, self.where, self.at_once = program, where, True

    def __call__(self, *inputs: Tensor) -> Tensor:
        if inputs[0].dim() == 0:
            return self._one(*inputs)
        if self.at_once:
            result = self._all(*inputs)
            if result is not None:
                return result
            self.at_once = False
        places = zip(*_spread(inputs), strict=True)
        return torch.stack([self._one(*place).to(inputs[0].dtype) for place in places])

    def _all(self, *inputs: Tensor) -> Tensor | None:
        """All places by one run of the code, or None if it is not made for that."""
        try:
            found = torch.func.vmap(self.program)(*_spread(inputs))
        except Exception:
            return None  # The calls one by one say what is wrong, if anything is.
        good = isinstance(found, Tensor) and found.numel() == inputs[0].numel()
        if not good or found.is_complex():
            return None
        tracked = found.requires_grad or not any(x.requires_grad for x in inputs)
        return found.reshape(-1) if tracked else None

    def _one(self, *place: Tensor) -> Tensor:
        with user_code_errors(self.where, "it fails" + _at(place)):
            result = self._number(self.program(*place))
        if any(x.requires_grad for x in place) and not result.requires_grad:
            self._check_flat(result, place)
        return result

    def _number(self, result: Any) -> Tensor:
        if result is None:
            raise RecordingError("it returns nothing; is there a return?", where=self.where)
        if isinstance(result, int | float):
            return torch.tensor(float(result), dtype=torch.float64)
        if not isinstance(result, Tensor) or result.numel() != 1 or result.is_complex():
            shape = f" of shape {tuple(result.shape)}" if isinstance(result, Tensor) else ""
            raise RecordingError(
                f"it returns a {type(result).__name__}{shape}; one real number is wanted.",
                where=self.where,
            )
        return result.reshape(())

    def _check_flat(self, result: Tensor, place: Sequence[Tensor]) -> None:
        """A result without a graph has slope zero only if it really does not move."""
        for k, x in enumerate(place):
            step = NEARBY * max(1.0, abs(x.item()))
            if all(self._moved(place, k, way) != result.item() for way in (-step, step)):
                raise RecordingError(
                    f"its result changes with its inputs, yet autograd cannot see how{_at(place)}.",
                    where=self.where,
                    hint="Somewhere the graph is cut: float(), .item(), .detach(), no_grad or"
                    " math.sin in place of torch.sin.",
                )

    def _moved(self, place: Sequence[Tensor], k: int, step: float) -> float:
        """The value where input `k` is `step` larger."""
        moved = [x + step if k == i else x for i, x in enumerate(place)]
        with torch.no_grad(), user_code_errors(self.where, "it fails" + _at(moved)):
            return self._number(self.program(*moved)).item()


def _spread(inputs: Sequence[Tensor]) -> Sequence[Tensor]:
    found: Sequence[Tensor] = torch.broadcast_tensors(*inputs)  # type: ignore[no-untyped-call]
    return found


def _at(place: Sequence[Tensor]) -> str:
    return " at (" + ", ".join(f"{x.item():g}" for x in place) + ")"
