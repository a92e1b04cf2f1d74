"""The lecture's small programs of x and y, and how a scene loads one of them or the user's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from torch import Tensor

from gradreel.params import ProgramParams
from gradreel.record.input_parser import split_inputs
from gradreel.record.program_loader import LoadedProgram, input_values, load_program


def two_paths(x: Tensor, y: Tensor) -> Tensor:
    """x reaches z by way of a and of b."""
    a = x * y
    b = x**2
    z = a + b
    return z


def one_chain(x: Tensor) -> Tensor:
    """x reaches z by one path only."""
    a = 3 * x
    b = a + 1
    c = b**2
    z = c / 7
    return z


def three_uses(x: Tensor, y: Tensor) -> Tensor:
    """The intermediate u is used three times."""
    u = x * y
    a = u**2
    b = 3 * u
    c = a + b
    z = c + u
    return z


PROGRAMS: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {"two paths": two_paths, "one chain": one_chain, "three uses": three_uses}
)


def load_chosen_program(params: ProgramParams) -> LoadedProgram:
    """The program that the parameters name, with the inputs it takes.

    That is one of PROGRAMS, a formula, or a function of a file. `x` and `y` are inputs where the
    program has them; `inputs` overrides them. Raises GradreelError for what cannot be loaded.
    """
    defaults = {"x": params.x, "y": params.y}
    overrides = split_inputs(params.inputs)
    init = split_inputs(params.init)
    if params.program in PROGRAMS:
        program = PROGRAMS[params.program]
        values = input_values(program, params.program, overrides, defaults, params.seed)
        return LoadedProgram(params.program, program, values, seed=params.seed)
    explicit = {name: x for name, x in defaults.items() if name in params.model_fields_set}
    inputs = {**explicit, **overrides}
    return load_program(
        params.program, inputs, init=init, defaults=defaults, loss=params.loss, seed=params.seed
    )
