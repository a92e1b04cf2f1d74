"""Lazy modules get the shapes of their parameters from a first run on the program's inputs."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import nn
from torch.nn.parameter import is_lazy

from gradreel.record.input_specs import as_argument
from gradreel.record.program_file import user_code_errors
from gradreel.record.seeding import seeded


def initialize_lazy(
    program: Callable[..., Any], inputs: Mapping[str, Any], where: str, seed: int
) -> None:
    """Run a program of lazy modules once, on copies of its inputs and without a graph.

    Does nothing where all parameters have a shape. Running statistics stay as they are.
    """
    owner = getattr(program, "__self__", program)
    if not isinstance(owner, nn.Module) or not any(map(is_lazy, owner.parameters())):
        return
    arguments = {name: copy.deepcopy(as_argument(value, name)) for name, value in inputs.items()}
    modes = [(module, module.training) for module in owner.modules()]
    owner.eval()
    with seeded(seed), torch.no_grad(), user_code_errors(where, "its first run failed"):
        program(**arguments)
    for module, mode in modes:
        module.training = mode
    owner.double()
