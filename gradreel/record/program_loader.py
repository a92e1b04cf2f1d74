"""Programs from anywhere: a formula, a function in a file, or a module class in a file.

    program = load_program("x*y + x**2", {"x": "2", "y": "3"})
    program = load_program("my/model.py:loss", {"w": "[1, 2]"})
    program = load_program("my/model.py:TinyNet", {"x": "randn(4, 2)"}, seed=1)
    tape = program.record()

A function gets its parameters as inputs; one that is not given takes its default (a whole number
as a default is a count, handed over as it is). A module class
is built without arguments, with the random seed set, and made float64; the program is its method
`loss` if it has one, else `forward`. Inputs of a module are data: they want no gradient.
docs/tape.md says how inputs are written as text.
"""

from __future__ import annotations

import contextlib
import copy
import importlib.util
import inspect
import re
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from torch import Tensor, nn

from gradreel.errors import GradreelError, RecordingError, UsageError, unknown_name
from gradreel.expression import Expression, parse
from gradreel.functions.source_ref import parse_source_ref, require_file
from gradreel.record.codegen import program_from
from gradreel.record.input_parser import parse_input
from gradreel.record.input_specs import InputSpec, fixed, plain
from gradreel.record.recorder import record
from gradreel.tape import Tape


@dataclass(frozen=True)
class LoadedProgram:
    """A program with its inputs: `title` names it, `expression` is set if it was a formula."""

    title: str
    program: Callable[..., Any]
    inputs: Mapping[str, Any]
    expression: Expression | None = None

    def record(self, *, backward: bool = True) -> Tape:
        """Run it once and return its Tape; every time from the same state of module and inputs."""
        program, inputs = copy.deepcopy((self.program, dict(self.inputs)))
        return record(program, backward=backward, **inputs)

    def source(self) -> str:
        """The text of the program as it runs."""
        return inspect.getsource(self.program)


def load_program(
    text: str,
    inputs: Mapping[str, Any] | None = None,
    *,
    defaults: Mapping[str, Any] | None = None,
    seed: int = 0,
) -> LoadedProgram:
    """The program that `text` names, with its inputs.

    `inputs` may be text or values; each must be one that the program takes. `defaults` serve where
    the program takes an input that is neither given nor has a default of its own. Raises UsageError
    for what is not there or does not fit, RecordingError for a file that fails when it is loaded.
    """
    found = parse_source_ref(text)
    if found:
        program, title = load_from_file(*found, seed)
        formula = None
    else:
        formula = parse(text, None)
        program, title = program_from(formula), formula.text
    given = _inputs(program, title, inputs or {}, defaults or {}, seed)
    if isinstance(getattr(program, "__self__", program), nn.Module):
        given = {name: _as_data(value) for name, value in given.items()}
    return LoadedProgram(title, program, given, formula)


# -- inputs ----------------------------------------------------------------------------------


def _inputs(
    program: Callable[..., Any],
    title: str,
    inputs: Mapping[str, Any],
    defaults: Mapping[str, Any],
    seed: int,
) -> dict[str, Any]:
    wanted = program_parameters(program, title)
    if "backward" in wanted:  # an option of `record`
        raise UsageError(
            "no input can be called backward.", where=title, hint="Call it otherwise, such as b."
        )
    for name in inputs:
        if name not in wanted:
            raise unknown_name("input", name, wanted, where=title)
    chance = torch.Generator().manual_seed(seed)
    found: dict[str, Any] = {}
    for name, parameter in wanted.items():
        if name in inputs:
            value = inputs[name]
        elif parameter.default is not parameter.empty:
            value = _default(parameter.default)
        elif name in defaults:
            value = defaults[name]
        else:
            raise UsageError(
                f"the input {name} has no value.",
                where=title,
                hint=f"Give it one, such as {name}=2.",
            )
        found[name] = parse_input(value, name, chance) if isinstance(value, str) else value
    return found


def _default(value: Any) -> Any:
    """A whole number or a text as a default is a setting, and nothing to differentiate."""
    return plain(value) if isinstance(value, (int, str)) else value


def program_parameters(program: Callable[..., Any], title: str) -> dict[str, inspect.Parameter]:
    """What a program takes, by name; a UsageError for inputs that cannot be named."""
    target = program.forward if isinstance(program, nn.Module) else program
    found = inspect.signature(target).parameters
    for name, parameter in found.items():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            raise UsageError(
                f"{name} takes any number of inputs", where=title, hint="Name each one."
            )
        if parameter.kind is parameter.POSITIONAL_ONLY:
            raise UsageError(f"the input {name} cannot be given by its name", where=title)
    return dict(found)


def _as_data(value: Any) -> Any:
    if isinstance(value, InputSpec):
        return value
    return fixed(value) if isinstance(value, (Tensor, int, float, list, tuple)) else value


# -- files -----------------------------------------------------------------------------------


def load_from_file(path: Path, name: str, seed: int = 0) -> tuple[Callable[..., Any], str]:
    """What `path` calls `name`, ready to be called, and what to call it on screen."""
    loaded = _load(path)
    choices = {
        key: value
        for key, value in vars(loaded).items()
        if getattr(value, "__module__", None) == loaded.__name__
        and not key.startswith("_")
        and (inspect.isfunction(value) or _is_module_class(value))
    }
    if not name and len(choices) == 1:
        name = next(iter(choices))
    if name not in choices:
        if name:
            raise unknown_name("function or nn.Module", name, choices, where=str(path))
        raise UsageError(
            "which program of this file?",
            where=str(path),
            hint=f"Write {path}:NAME.",
            valid=choices,
        )
    chosen = choices[name]
    if inspect.isclass(chosen) and issubclass(chosen, nn.Module):
        return _built(chosen, f"{path}:{name}", seed), name
    return chosen, name


def _is_module_class(value: Any) -> bool:
    return inspect.isclass(value) and issubclass(value, nn.Module)


def _built(kind: type[nn.Module], where: str, seed: int) -> Callable[..., Any]:
    with torch.random.fork_rng(devices=()), user_code_errors(where, "building it failed"):
        torch.manual_seed(seed)
        model = kind().double()
    loss: Callable[..., Any] = getattr(model, "loss", model.forward)
    return loss if callable(loss) and loss != model.forward else model


def _load(path: Path) -> ModuleType:
    require_file(path)
    name = "gradreel_program_" + re.sub(r"\W", "_", str(path.resolve()))
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    # Classes look their module up by name, and a program may import the files beside it.
    sys.modules[name] = loaded
    sys.path.insert(0, str(path.resolve().parent))
    try:
        with user_code_errors(str(path), "the file cannot be loaded"):
            spec.loader.exec_module(loaded)
    except BaseException:
        sys.modules.pop(name, None)
        raise
    finally:
        sys.path.remove(str(path.resolve().parent))
    return loaded


@contextlib.contextmanager
def user_code_errors(where: str, what: str) -> Iterator[None]:
    """Turn what the user's code raises into a RecordingError that says where it was raised."""
    try:
        yield
    except GradreelError:
        raise
    except (Exception, SystemExit) as error:
        passed = traceback.extract_tb(error.__traceback__)
        last = [frame for frame in passed if not frame.filename.startswith("<frozen")][-1]
        # A SyntaxError says its place itself.
        told = last.lineno and not isinstance(error, SyntaxError)
        place = f" (line {last.lineno} of {last.filename})" if told else ""
        reason = f"{type(error).__name__}: {error}".strip()
        raise RecordingError(f"{what}: {reason}{place}", where=where) from error
