"""Loads programs: a formula, a function in a file, or an nn.Module class in a file.

    program = load_program("x*y + x**2", {"x": "2", "y": "3"})
    program = load_program("my/model.py:loss", {"w": "[1, 2]"})
    program = load_program("my/model.py:TinyNet", {"x": "randn(4, 2)"}, init={"hidden": 8}, seed=1)
    tape = program.record()

The inputs of a function are its parameters. One without a value takes its default (a whole number
as a default is a setting and is passed unchanged). A module class is instantiated with the
arguments `init`, with the random seed set, and converted to float64. The program is its method
`loss` if it has one, else `forward`. Inputs of a module are data: they require no gradient.
docs/tape.md describes how inputs are written as text.
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn

from gradreel.errors import UsageError, unknown_name
from gradreel.expression import Expression, parse
from gradreel.record.codegen import program_from
from gradreel.record.fitting_dtype import record_at_fitting_dtype
from gradreel.record.input_parser import parse_input
from gradreel.record.input_specs import InputSpec, as_data, is_numbers, plain
from gradreel.record.lazy_modules import initialize_lazy
from gradreel.record.program_file import load_from_file, reject_init
from gradreel.record.recorder import record
from gradreel.record.result_loss import with_loss
from gradreel.record.seeding import seeded
from gradreel.record.without_compiler import notes_of
from gradreel.source_ref import parse_source_ref
from gradreel.tape import Tape


@dataclass(frozen=True)
class LoadedProgram:
    """A program with its inputs; `title` is its name, `expression` is set if it was a formula.

    `seed` is that of the random numbers that the program itself draws.
    """

    title: str
    program: Callable[..., Any]
    inputs: Mapping[str, Any]
    expression: Expression | None = None
    seed: int = 0

    def record(self, *, backward: bool = True) -> Tape:
        """Run it and return its Tape; module and inputs start in the same state every time."""

        def run(program: Callable[..., Any], inputs: Mapping[str, Any]) -> Tape:
            with seeded(self.seed):
                return record(program, backward=backward, **inputs)

        state = (self.program, dict(self.inputs))
        tape = record_at_fitting_dtype(run, lambda: copy.deepcopy(state))
        return replace(tape, notes=tuple(dict.fromkeys((*notes_of(self.program), *tape.notes))))

    def source(self) -> str:
        """The source text of the program."""
        return inspect.getsource(self.program)


def load_program(
    text: str,
    inputs: Mapping[str, Any] | None = None,
    *,
    init: Mapping[str, Any] | None = None,
    defaults: Mapping[str, Any] | None = None,
    loss: str = "",
    seed: int = 0,
) -> LoadedProgram:
    """The program that `text` names, with its inputs; with `loss`, followed by that loss.

    `inputs` and `init` may be text or values; the program and the module class must take each of
    them. `defaults` are used for inputs of a formula or function that have neither a value nor a
    default in the program. Raises UsageError for what does not exist or does not fit,
    RecordingError for a file that fails when it is loaded.
    """
    source_ref = parse_source_ref(text)
    if source_ref:
        program, title = load_from_file(*source_ref, seed, init, inputs or {})
        formula = None
    else:
        formula = parse(text, None)
        program, title = program_from(formula), formula.text
        reject_init(init, title)
    if isinstance(getattr(program, "__self__", program), nn.Module):
        values = input_values(program, title, inputs or {}, {}, seed, "randn(4, 3)")
        data = {name: as_data(value) for name, value in values.items()}
        initialize_lazy(program, data, title, seed)
        program = with_loss(program, loss, seed) if loss else program
        return LoadedProgram(title, program, data, seed=seed)
    values = input_values(program, title, inputs or {}, defaults or {}, seed)
    if formula:
        _check_formula_inputs(values, title)
    program = with_loss(program, loss, seed) if loss else program
    return LoadedProgram(title, program, values, formula, seed)


# -- inputs ----------------------------------------------------------------------------------


def input_values(
    program: Callable[..., Any],
    title: str,
    inputs: Mapping[str, Any],
    defaults: Mapping[str, Any],
    seed: int = 0,
    example: str = "2",
) -> dict[str, Any]:
    """The value of each input of a program; `example` is what a message suggests for a missing one.

    Raises what `load_program` raises for inputs.
    """
    parameters = program_parameters(program, title)
    if "backward" in parameters:  # an option of `record`
        raise UsageError(
            "no input can be called backward.", where=title, hint="Use another name, such as b."
        )
    for name in inputs:
        if name not in parameters:
            raise unknown_name("input", name, parameters, where=title)
    generator = torch.Generator().manual_seed(seed)
    values: dict[str, Any] = {}
    for name, parameter in parameters.items():
        if name in inputs:
            value = inputs[name]
        elif parameter.default is not parameter.empty:
            value = _as_default(parameter.default)
        elif name in defaults:
            value = defaults[name]
        else:
            raise UsageError(
                f"the input {name} has no value.",
                where=title,
                hint=f'Give it one among the inputs, such as inputs="{name}={example}".',
            )
        values[name] = parse_input(value, name, generator) if isinstance(value, str) else value
    return values


def _check_formula_inputs(values: Mapping[str, Any], title: str) -> None:
    """Raise UsageError for an input that is not a number or a tensor."""
    for name, value in values.items():
        raw = value.value if isinstance(value, InputSpec) else value
        if not isinstance(raw, Tensor) and type(raw) not in (int, float) and not is_numbers(raw):
            raise UsageError(
                f"a formula takes numbers, not {name} = {raw!r}.", where=title,
                hint="Write 2.5, 1/3, [1, 2] or randn(2, 3).",
            )  # fmt: skip


def _as_default(value: Any) -> Any:
    """A whole number or a text as a default is a setting, not something to differentiate."""
    return plain(value) if isinstance(value, (int, str)) else value


def program_parameters(program: Callable[..., Any], title: str) -> dict[str, inspect.Parameter]:
    """The parameters of a program by name; UsageError for those that cannot be passed by name."""
    target = program.forward if isinstance(program, nn.Module) else program
    parameters = inspect.signature(target).parameters
    for name, parameter in parameters.items():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            raise UsageError(
                f"{name} takes any number of inputs", where=title, hint="Name each one."
            )
        if parameter.kind is parameter.POSITIONAL_ONLY:
            raise UsageError(f"the input {name} cannot be given by its name", where=title)
    return dict(parameters)
