"""Optimizers step without torch's compiler, and to the same places."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

OPTIMIZERS = ("SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "NAdam", "Rprop", "ASGD")
STEPS = """
import json, sys
import torch
{first}
found = {{}}
for name in {names}:
    w = torch.tensor([1.0, -2.0], dtype=torch.float64, requires_grad=True)
    engine = getattr(torch.optim, name)([w], lr=0.1)
    for _ in range(5):
        engine.zero_grad()
        ((w - 3) ** 4).sum().backward()
        engine.step()
    found[name] = w.tolist()
    engine.load_state_dict(engine.state_dict())
print(json.dumps([found, "torch._dynamo" in sys.modules, torch.is_grad_enabled()]))
"""


def stepped(first: str) -> list:
    code = STEPS.format(first=first, names=OPTIMIZERS)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


@pytest.mark.parametrize("room", ["gradreel.record", "gradreel.trace.runner"])
def test_optimizers_step_without_the_compiler_to_the_same_places(room: str) -> None:
    torchs_own, compiler, _ = stepped("")
    ours, sparing, grad = stepped(f"import {room}")
    assert compiler  # or there is nothing left to spare
    assert not sparing
    assert grad
    assert ours == torchs_own
