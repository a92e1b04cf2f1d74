"""Runs scripts under plain Python, without gradreel: what the tracer is held against.

    python plain.py a.py b.py > outcomes.json

For each script: its printed output, the exception that ended it, and every variable it was left
with, read with torch alone.
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
    """One script's run, in the state in which a fresh interpreter with seed 0 begins."""
    torch.manual_seed(0)
    random.seed(0)
    np.random.seed(0)
    printed, fault = io.StringIO(), None
    names: dict = {}
    waiting = iter(answers)

    def typed(prompt: str = "") -> str:
        # A terminal shows what is typed behind the prompt.
        answer = next(waiting)
        print(f"{prompt}{answer}")
        return answer

    source = Path(path).read_text(encoding="utf-8")
    with contextlib.redirect_stdout(printed):
        try:
            names = runpy.run_path(path, {"input": typed}, run_name="__main__")
        except SystemExit:
            pass
        except Exception as error:  # noqa: BLE001 - whatever ends a script is its outcome
            fault = [type(error).__name__, str(error)]
            names = left_over(error, path)
    return {
        "printed": printed.getvalue(),
        "fault": fault,
        "variables": {n: facts(v) for n, v in names.items() if is_variable(n, v)},
        "lines": len(source.splitlines()),
    }


def left_over(error: Exception, path: str) -> dict:
    """The variables of a script that an exception ended: its frame still holds them."""
    step = error.__traceback__
    while step is not None:
        code = step.tb_frame.f_code
        if code.co_filename == path and code.co_name == "<module>":
            return dict(step.tb_frame.f_locals)
        step = step.tb_next
    return {}


def is_variable(name: str, value: object) -> bool:
    """Whether a viewer would call it a variable: no module, function or class."""
    machinery = (types.ModuleType, type, types.FunctionType, types.BuiltinFunctionType)
    return not name.startswith("_") and name != "input" and not isinstance(value, machinery)


def facts(value: object) -> dict:
    """What plain torch says of a value."""
    if not isinstance(value, torch.Tensor):
        plain = value if isinstance(value, (bool, int, float, str)) else None
        number = isinstance(plain, (int, float)) and not isinstance(plain, bool)
        if number and abs(plain) > 1e300:
            plain = None
        return {"kind": type(value).__name__, "plain": plain}
    numbers = None
    if value.layout is torch.strided and not value.is_complex() and value.numel() <= 256:
        numbers = value.tolist()
    kept = value.is_leaf or value.retains_grad
    return {
        "kind": "tensor",
        "numbers": numbers,
        "dtype": str(value.dtype),
        "shape": list(value.shape),
        "requires_grad": value.requires_grad,
        "is_leaf": value.is_leaf,
        "grad_fn": value.grad_fn.name() if value.grad_fn is not None else None,
        "grad": value.grad.tolist() if kept and value.grad is not None else None,
    }


if __name__ == "__main__":
    time.sleep = lambda seconds: None
    asked = json.loads(sys.argv[1])
    json.dump({path: outcome(path, answers) for path, answers in asked.items()}, sys.stdout)
