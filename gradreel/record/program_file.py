"""Finds the program that `FILE.py:NAME` names: a function, a module class or instance, a method.

NAME may be dotted, `Net.energy`. A module class is instantiated with the arguments `init`; so is
the class of a method that is no static or class method. A function that takes none of the inputs
and returns a module is called for that module.
"""

from __future__ import annotations

import contextlib
import importlib.util
import inspect
import re
import sys
import traceback
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, TypeGuard, cast

import torch
from torch import nn

from gradreel.errors import GradreelError, RecordingError, UsageError, unknown_name
from gradreel.record.input_parser import parse_setting
from gradreel.record.seeding import seeded
from gradreel.record.without_compiler import add_notes, without_compiler
from gradreel.source_ref import require_file


def load_from_file(
    path: Path,
    name: str,
    seed: int = 0,
    init: Mapping[str, Any] | None = None,
    inputs: Collection[str] = (),
) -> tuple[Callable[..., Any], str]:
    """The program `name` of a file, and its name.

    `name` may be "" if the file has only one. `init` are the arguments of a class, or of a function
    that takes none of the `inputs`. Raises UsageError if there is no such program or if `init` does
    not fit, RecordingError if the file, the class or the function fails.
    """
    module = _import_file(path, seed)
    programs = _programs_of(module)
    if not name and len(programs) == 1:
        name = next(iter(programs))
    if not name:
        raise UsageError(
            "which program of this file?",
            where=str(path),
            hint=f"Write {path}:NAME.",
            valid=programs,
        )
    first, _, method = name.partition(".")
    found = programs.get(first) or (vars(module).get(first) if method else None)
    found = found or _instances_of(module).get(first)
    if found is None or not (callable(found) or isinstance(found, nn.Module)):
        names = [*programs, *_instances_of(module)]
        raise unknown_name("function or nn.Module", first, names, where=str(path))
    builder = _Builder(f"{path}:{name}", seed, init or {})
    if method:
        return builder.method(found, method), name
    if _is_module_class(found):
        return builder.loss_of(builder.build(found)), name
    if isinstance(found, nn.Module):
        return builder.loss_of(builder.prepared(found)), name
    return builder.called_for_module(found, inputs), name


def reject_init(init: Mapping[str, Any] | None, where: str) -> None:
    """Raise UsageError if there are arguments for what is no class."""
    if init:
        raise UsageError(
            f"init={', '.join(init)} is for a module class, and this is none.", where=where,
            hint="The inputs of a program are given as inputs.",
        )  # fmt: skip


def _programs_of(module: ModuleType) -> dict[str, Any]:
    """The functions and module classes that a file defines."""
    return {
        key: value
        for key, value in vars(module).items()
        if getattr(value, "__module__", None) == module.__name__
        and not key.startswith("_")
        and (inspect.isfunction(value) or _is_module_class(value))
    }


def _instances_of(module: ModuleType) -> dict[str, nn.Module]:
    """The modules that a file has built."""
    return {key: value for key, value in vars(module).items() if isinstance(value, nn.Module)}


def _is_module_class(value: Any) -> TypeGuard[type[nn.Module]]:
    return inspect.isclass(value) and issubclass(value, nn.Module)


class _Builder:
    """Builds the objects of a file, with the random seed and the arguments `init`."""

    def __init__(self, where: str, seed: int, init: Mapping[str, Any]) -> None:
        self.where, self.seed = where, seed
        generator = torch.Generator().manual_seed(seed)
        self.settings = {
            name: parse_setting(value, name, generator) if isinstance(value, str) else value
            for name, value in init.items()
        }

    def build(self, kind: type[Any]) -> Any:
        """An instance of a class; a module in float64."""
        _check_init(kind, self.where, self.settings)
        return self._call(kind)

    def prepared(self, value: Any) -> Any:
        """A module in float64 that the file has built; any other object as it is."""
        reject_init(self.settings, self.where)
        return value.double() if isinstance(value, nn.Module) else value

    def loss_of(self, model: nn.Module) -> Callable[..., Any]:
        """The program of a module: its method `loss` if it has one, else itself."""
        loss: Callable[..., Any] = getattr(model, "loss", model.forward)
        return loss if callable(loss) and loss != model.forward else model

    def method(self, owner: Any, name: str) -> Callable[..., Any]:
        """A method of a class or an object of the file."""
        is_class = inspect.isclass(owner)
        found = inspect.getattr_static(owner, name, None)
        is_of_class = isinstance(found, (staticmethod, classmethod))
        if is_class and found is not None and not is_of_class:
            owner = self.build(owner)
        elif not is_class:
            owner = self.prepared(owner)
        method = getattr(owner, name, None)
        if not callable(method):
            public = _names_defined_by(owner)
            names = [n for n, _ in inspect.getmembers(owner, callable) if n in public]
            raise unknown_name("method", name, names, where=self.where)
        return cast("Callable[..., Any]", method)

    def called_for_module(
        self, function: Callable[..., Any], inputs: Collection[str]
    ) -> Callable[..., Any]:
        """A function; the module that it returns if it takes none of the inputs."""
        parameters = inspect.signature(function).parameters
        needed = {n for n, p in parameters.items() if p.default is p.empty}
        is_factory = not set(inputs) & set(parameters) and needed <= set(self.settings)
        if (inputs or self.settings) and is_factory and set(self.settings) <= set(parameters):
            model = self._call(function)
            if isinstance(model, nn.Module):
                return self.loss_of(model)
        reject_init(self.settings, self.where)
        return function

    def _call(self, maker: Callable[..., Any]) -> Any:
        with seeded(self.seed), user_code_errors(self.where, "building it failed"):
            with without_compiler() as notes:
                made = maker(**self.settings)
            add_notes(maker.__module__, notes)
        return made.double() if isinstance(made, nn.Module) else made


def _names_defined_by(owner: Any) -> set[str]:
    """The public names that the class of an object, or a class, defines itself."""
    kind = owner if inspect.isclass(owner) else type(owner)
    return {name for name in vars(kind) if not name.startswith("_")}


def _check_init(kind: type[Any], where: str, settings: Mapping[str, Any]) -> None:
    """Raise UsageError for arguments that the class does not take, or that it needs."""
    parameters = inspect.signature(kind).parameters.values()
    named = {p.name: p for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)}
    takes_any = any(p.kind is p.VAR_KEYWORD for p in parameters)
    for name in () if takes_any else settings:
        if name not in named:
            raise unknown_name("argument of __init__", name, named, where=where)
    missing = [n for n, p in named.items() if p.default is p.empty and n not in settings]
    if missing:
        example = ", ".join(f"{name}=4" for name in missing)
        raise UsageError(
            f"its __init__ needs {' and '.join(missing)}.", where=where,
            hint=f'Give the arguments of __init__ as init, such as init="{example}".',
        )  # fmt: skip


def _import_file(path: Path, seed: int) -> ModuleType:
    require_file(path)
    name = "gradreel_program_" + re.sub(r"\W", "_", str(path.resolve()))
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # Classes look up their module by name, and a program may import files from its own folder.
    sys.modules[name] = module
    sys.path.insert(0, str(path.resolve().parent))
    try:
        loading = user_code_errors(str(path), "the file cannot be loaded")
        with seeded(seed), loading, without_compiler() as notes:
            spec.loader.exec_module(module)
        add_notes(name, notes)
    except BaseException:
        sys.modules.pop(name, None)
        raise
    finally:
        sys.path.remove(str(path.resolve().parent))
    return module


@contextlib.contextmanager
def user_code_errors(where: str, what: str) -> Iterator[None]:
    """Convert what the user's code raises into a RecordingError with the line that raised it."""
    try:
        yield
    except GradreelError:
        raise
    except (Exception, SystemExit) as error:
        frames = traceback.extract_tb(error.__traceback__)
        last = [frame for frame in frames if not frame.filename.startswith("<frozen")][-1]
        # The text of a SyntaxError has its own line.
        has_line = last.lineno and not isinstance(error, SyntaxError)
        location = f" (line {last.lineno} of {last.filename})" if has_line else ""
        reason = f"{type(error).__name__}: {error}".strip()
        raise RecordingError(f"{what}: {reason}{location}", where=where) from error
