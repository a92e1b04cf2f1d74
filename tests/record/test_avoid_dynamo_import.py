"""Optimizers step without importing torch's compiler, and reach the same values."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache

import pytest

OPTIMIZERS = ("SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "NAdam", "Rprop", "ASGD")
STEPS = """
import json, sys
import torch
{import_line}
values = {{}}
for name in {names}:
    w = torch.tensor([1.0, -2.0], dtype=torch.float64, requires_grad=True)
    optimizer = getattr(torch.optim, name)([w], lr=0.1)
    for _ in range(5):
        optimizer.zero_grad()
        ((w - 3) ** 4).sum().backward()
        optimizer.step()
    values[name] = w.tolist()
    optimizer.load_state_dict(optimizer.state_dict())
print(json.dumps([values, "torch._dynamo" in sys.modules, torch.is_grad_enabled()]))
"""


@cache
def run_steps(import_line: str) -> list:
    """Final values by optimizer, whether the compiler was imported, whether gradients are on."""
    code = STEPS.format(import_line=import_line, names=OPTIMIZERS)
    process = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    return json.loads(process.stdout)


@pytest.mark.parametrize("module", ["gradreel.record", "gradreel.trace.runner"])
def test_optimizers_reach_the_same_values_without_importing_the_compiler(module: str) -> None:
    torch_values, imports_compiler, _ = run_steps("")
    values, imports_compiler_here, grad_enabled = run_steps(f"import {module}")
    assert imports_compiler  # otherwise the patches are no longer needed
    assert not imports_compiler_here
    assert grad_enabled
    assert values == torch_values
