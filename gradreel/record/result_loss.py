"""A loss of what a program returns, for programs that return logits or predictions.

program = with_loss(program, "cross_entropy([0, 2])")
program = with_loss(program, "sum")
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gradreel.errors import RecordingError, UsageError, unknown_name
from gradreel.record.input_parser import parse_input
from gradreel.record.input_specs import as_argument

REDUCTIONS: Mapping[str, Callable[[Tensor], Tensor]] = {
    "sum": Tensor.sum,
    "mean": Tensor.mean,
    "norm": Tensor.norm,
}
CLASS_LOSSES = {"cross_entropy": F.cross_entropy, "nll_loss": F.nll_loss}
LOSSES: Mapping[str, Callable[[Tensor, Tensor], Tensor]] = {
    **CLASS_LOSSES, "mse_loss": F.mse_loss, "l1_loss": F.l1_loss, "huber_loss": F.huber_loss,
    "smooth_l1_loss": F.smooth_l1_loss, "binary_cross_entropy": F.binary_cross_entropy,
    "binary_cross_entropy_with_logits": F.binary_cross_entropy_with_logits,
}  # fmt: skip
_HINT = "Write sum, mean, cross_entropy([0, 2]) or mse_loss([[1.0], [0.5]])."


def with_loss(program: Callable[..., Any], text: str, seed: int = 0) -> Any:
    """The program followed by the loss that `text` names, with its target.

    `seed` is that of a random target.

    Raises UsageError for another name, or a target that is missing or not needed.
    """
    name, target = _parse(text, torch.Generator().manual_seed(seed))
    return _WithLoss(program, name, target)


class _WithLoss:
    """A program whose result is a loss of what another one returns."""

    def __init__(self, program: Callable[..., Any], name: str, target: Tensor | None) -> None:
        self.__wrapped__ = program
        self.__name__ = str(getattr(program, "__name__", type(program).__name__))
        self.__module__ = str(getattr(program, "__module__", ""))
        called = program.forward if isinstance(program, nn.Module) else program
        self.__signature__ = inspect.signature(called)
        owner = getattr(program, "__self__", program)
        if isinstance(owner, nn.Module):
            self.__self__ = owner  # the recorder names its parameters
        self._name, self._target = name, target

    def __call__(self, **inputs: Any) -> Tensor:
        result = _predictions(self.__wrapped__(**inputs))
        if self._target is None:
            return REDUCTIONS[self._name](result)
        target = self._target
        if target.is_floating_point() and target.dtype != result.dtype:
            target = target.to(result.dtype)
        return LOSSES[self._name](result, target)


def _predictions(result: Any) -> Tensor:
    """The tensor in what a program returns: itself, the logits, or the first of several."""
    if isinstance(result, Tensor):
        return result
    named = result.get("logits") if isinstance(result, Mapping) else getattr(result, "logits", None)
    items = result.values() if isinstance(result, Mapping) else result
    several = items if isinstance(items, Iterable) else ()
    found = next((one for one in (named, *several) if isinstance(one, Tensor)), None)
    if found is None:
        raise RecordingError(
            f"a loss is of a tensor, and the program returns {type(result).__name__}."
        )
    return found


def _parse(text: str, generator: torch.Generator) -> tuple[str, Tensor | None]:
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except SyntaxError:
        raise UsageError(f"loss={text} cannot be read.", hint=_HINT) from None
    call = tree if isinstance(tree, ast.Call) else None
    named = call.func if call else tree
    name = named.id if isinstance(named, ast.Name) else ""
    if name not in REDUCTIONS and name not in LOSSES:
        raise unknown_name("loss", name or text, [*REDUCTIONS, *LOSSES])
    if name in REDUCTIONS:
        if call and (call.args or call.keywords):
            raise UsageError(f"loss={name} has no target.", hint=_HINT)
        return name, None
    if call is None or len(call.args) != 1 or call.keywords:
        raise UsageError(
            f"loss={name} needs its target.", hint=f"Write the target in brackets: {name}([0, 2])."
        )
    target = as_argument(parse_input(ast.unparse(call.args[0]), "loss", generator), "loss")
    if not isinstance(target, Tensor):
        raise UsageError(f"the target of loss={name} is a vector or matrix.", hint=_HINT)
    target = target.detach()
    # Of whole numbers, a vector holds classes; a matrix may hold probabilities.
    is_classes = name in CLASS_LOSSES and target.dim() < 2 and bool((target == target.long()).all())
    return name, target.long() if is_classes else target
