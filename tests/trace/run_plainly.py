"""Runs scripts under plain Python, without gradreel, as the reference for the tracer.

    python run_plainly.py '{"a.py": [], "b.py": ["answer to input"]}' > outcomes.json

For each script: its printed output, the exception that ended it, and all its final variables, read
with torch alone.
"""

from __future__ import annotations

import contextlib
import io
import json
import random
import runpy
import sys
import time
import types
from pathlib import Path

import numpy as np
import torch


def outcome(path: str, answers: list[str]) -> dict:
    """Run one script in the state of a new interpreter with seed 0."""
    torch.manual_seed(0)
    random.seed(0)
    np.random.seed(0)
    printed, error_facts = io.StringIO(), None
    names: dict = {}
    remaining = iter(answers)

    def typed_input(prompt: str = "") -> str:
        # A terminal shows what is typed after the prompt.
        answer = next(remaining)
        print(f"{prompt}{answer}")
        return answer

    source = Path(path).read_text(encoding="utf-8")
    with contextlib.redirect_stdout(printed):
        try:
            names = runpy.run_path(path, {"input": typed_input}, run_name="__main__")
        except SystemExit:
            pass
        except Exception as error:  # noqa: BLE001 - any exception is part of the outcome
            error_facts = [type(error).__name__, str(error)]
            names = variables_at_error(error, path)
    return {
        "printed": printed.getvalue(),
        "error": error_facts,
        "variables": {n: facts(v) for n, v in names.items() if is_variable(n, v)},
        "lines": len(source.splitlines()),
    }


def variables_at_error(error: Exception, path: str) -> dict:
    """The global variables of a script that an exception ended, from the frame in the traceback."""
    step = error.__traceback__
    while step is not None:
        code = step.tb_frame.f_code
        if code.co_filename == path and code.co_name == "<module>":
            return dict(step.tb_frame.f_locals)
        step = step.tb_next
    return {}


def is_variable(name: str, value: object) -> bool:
    """Whether the tracer should list it: not a module, function, class or private name."""
    excluded = (types.ModuleType, type, types.FunctionType, types.BuiltinFunctionType)
    return not name.startswith("_") and name != "input" and not isinstance(value, excluded)


def facts(value: object) -> dict:
    """What plain torch says of a value."""
    if not isinstance(value, torch.Tensor):
        plain = value if isinstance(value, (bool, int, float, str)) else None
        number = isinstance(plain, (int, float)) and not isinstance(plain, bool)
        if number and abs(plain) > 1e300:
            plain = None
        return {"kind": type(value).__name__, "plain": plain}
    has_grad = (value.is_leaf or value.retains_grad) and value.grad is not None
    return {
        "kind": "tensor",
        "numbers": numbers_of(value),
        "dtype": str(value.dtype),
        "shape": list(value.shape),
        "requires_grad": value.requires_grad,
        "is_leaf": value.is_leaf,
        "grad_fn": value.grad_fn.name() if value.grad_fn is not None else None,
        "has_grad": has_grad,
        "grad": numbers_of(value.grad) if has_grad else None,
    }


def numbers_of(tensor: torch.Tensor) -> object:
    """The numbers of a tensor; None for one that is shown in summary."""
    plain = tensor.layout is torch.strided and not tensor.is_complex() and tensor.numel() <= 256
    return tensor.tolist() if plain else None


if __name__ == "__main__":
    time.sleep = lambda seconds: None
    requested = json.loads(sys.argv[1])
    json.dump({path: outcome(path, answers) for path, answers in requested.items()}, sys.stdout)
