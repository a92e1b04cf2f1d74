"""What plain torch gives for the states of recorded pages. A program: nothing of gradreel in it.

It reads `[{"scene": ..., "at": {...}, "pressed": [...]}, ...]` and writes a list of
`{source: value}`; sources are named as the pages name them, without the point and the pass.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import torch

Numbers = dict[str, float]


def leaf(value: Any) -> torch.Tensor:
    return torch.tensor(float(value), dtype=torch.float64, requires_grad=True)


def tangent_line(at: dict[str, str], pressed: list[str]) -> Numbers:
    x = leaf(at["x"])
    f = 0.5 * (x - 3) ** 2
    f.backward()
    return {"input": x.item(), "f": f.item(), "df/dx": x.grad.item()}


def chain_rule(at: dict[str, str], pressed: list[str]) -> Numbers:
    x = leaf(at["x"])
    u = 3 * x + 1
    inner = leaf(u.item())
    y = inner**2
    (outer_slope,) = torch.autograd.grad(y, inner)
    (inner_slope,) = torch.autograd.grad(u, x)
    (slope,) = torch.autograd.grad((3 * x + 1) ** 2, x)
    return {
        "input": x.item(), "nudge": 1e-3, "u": u.item(), "y": y.item(),
        "du/dx": inner_slope.item(), "dy/du": outer_slope.item(), "dy/dx": slope.item(),
    }  # fmt: skip


PROGRAMS = {
    "two paths": [("a", "xy", lambda x, y: x * y), ("b", "x", lambda x: x**2),
                  ("z", "ab", lambda a, b: a + b)],
    "one chain": [("a", "x", lambda x: 3 * x), ("b", "a", lambda a: a + 1),
                  ("c", "b", lambda b: b**2), ("z", "c", lambda c: c / 7)],
    "three uses": [("u", "xy", lambda x, y: x * y), ("a", "u", lambda u: u**2),
                   ("b", "u", lambda u: 3 * u), ("c", "ab", lambda a, b: a + b),
                   ("z", "cu", lambda c, u: c + u)],
}  # fmt: skip


def backward_flow(at: dict[str, str], pressed: list[str]) -> Numbers:
    tensors = {"x": leaf(at["x"]), "y": leaf(at["y"])}
    steps = PROGRAMS[at["program"]]
    for name, of, f in steps:
        tensors[name] = f(*(tensors[v] for v in of))
        tensors[name].retain_grad()
    tensors["z"].backward()
    result = {}
    for name, tensor in tensors.items():
        result[name] = tensor.item()
        if tensor.grad is not None:
            result[f"gradient at {name}"] = tensor.grad.item()
    for name, of, f in steps:
        inputs = [leaf(tensors[v].item()) for v in of]
        slopes = torch.autograd.grad(f(*inputs), inputs)
        for v, slope in zip(of, slopes, strict=True):
            result[f"d{name}/d{v}"] = slope.item()
            result[f"sent from {name} to {v}"] = (tensors[name].grad * slope).item()
    return result


LOSSES = {"loss_1": lambda x: x**2, "loss_2": lambda x: x**3}


def accumulation_trap(at: dict[str, str], pressed: list[str]) -> Numbers:
    slopes = {}
    for name, loss in LOSSES.items():
        alone = leaf(3)
        loss(alone).backward()
        slopes[name] = alone.grad.item()
    x, result, passes = leaf(3), dict(slopes), 0
    for call in pressed:
        if call == "zero_grad()":
            x.grad, result, passes = None, dict(slopes), 0
            continue
        name, passes = call.partition(".")[0], passes + 1
        result[f"before {passes}"] = 0.0 if x.grad is None else x.grad.item()
        LOSSES[name](x).backward()
        result[f"after {passes}"], result[f"sent {passes}"] = x.grad.item(), slopes[name]
    return result


def loss_surface(at: dict[str, str], pressed: list[str]) -> Numbers:
    x, y = leaf(at["x"]), leaf(at["y"])
    momentum = {"SGD": 0.0, "momentum": 0.9}[at["optimizer"]]
    optimizer = torch.optim.SGD([x, y], lr=0.6, momentum=momentum)
    for _ in pressed:
        optimizer.zero_grad()
        (1.5 * x**2 + 0.15 * y**2).backward()
        optimizer.step()
    return {"input": 0.6, "loss": (1.5 * x**2 + 0.15 * y**2).item()}


SCENES = {
    "TangentLine": tangent_line, "ChainRule": chain_rule, "BackwardFlow": backward_flow,
    "AccumulationTrap": accumulation_trap, "LossSurface": loss_surface,
}  # fmt: skip

if __name__ == "__main__":
    answers = [SCENES[row["scene"]](row["at"], row["pressed"]) for row in json.load(sys.stdin)]
    json.dump(answers, sys.stdout)
