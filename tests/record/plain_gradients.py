"""Runs the programs of a table without gradreel and prints the `.grad` of every leaf as JSON.

The leaves are the inputs and the parameters; if the program runs no backward pass, the gradients
come from torch.autograd.grad of its scalar result.
"""

from __future__ import annotations

import json
import runpy
import sys
from typing import Any

import torch
from torch import Tensor, nn


def main(path: str) -> None:
    """Print {program: {leaf: numbers or null}}."""
    programs = runpy.run_path(path)["PROGRAMS"]
    print(json.dumps({name: gradients(*row) for name, row in programs.items()}))


def gradients(kind: Any, inputs: dict[str, Any]) -> dict[str, Any]:
    """The `.grad` of every leaf of one program."""
    torch.manual_seed(0)
    model = kind().double() if isinstance(kind, type) else None
    leaves: dict[str, Tensor] = dict(model.named_parameters()) if model is not None else {}
    values = {
        name: torch.tensor(value, dtype=torch.float64, requires_grad=model is None)
        for name, value in inputs.items()
    }
    leaves |= values if model is None else {}
    torch.manual_seed(0)
    result = run(kind, model, values)
    if isinstance(result, dict):
        result = result["loss"]
    if result is not None and result.requires_grad:
        result.backward() if has_hooks(leaves.values()) else add(result, leaves)
    return {name: none_or_list(leaf.grad) for name, leaf in leaves.items()}


def run(kind: Any, model: nn.Module | None, values: dict[str, Tensor]) -> Any:
    """The result of a module's loss, of a function, or of a formula."""
    if model is not None:
        return model.loss(**values)
    if callable(kind):
        return kind(**values)
    names = {n: getattr(torch, n) for n in ("sin", "cos", "exp", "log", "sqrt", "tanh", "abs")}
    return eval(kind, names, dict(values))  # noqa: S307 - formulas of the table


def has_hooks(leaves: Any) -> bool:
    """Whether .grad of one of these is more than a gradient."""
    return any(getattr(leaf, "_post_accumulate_grad_hooks", None) for leaf in leaves)


def add(result: Tensor, leaves: dict[str, Tensor]) -> None:
    """Add the gradients of `result` to `.grad`, as `backward` would."""
    found = torch.autograd.grad(result, list(leaves.values()), allow_unused=True)
    for leaf, gradient in zip(leaves.values(), found, strict=True):
        if gradient is not None:
            leaf.grad = gradient if leaf.grad is None else leaf.grad + gradient


def none_or_list(tensor: Tensor | None) -> Any:
    """The numbers of a tensor; NaN and infinity as text."""
    return None if tensor is None else tensor.to_dense().tolist()


if __name__ == "__main__":
    main(sys.argv[1])
