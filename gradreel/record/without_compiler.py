"""Programs that use torch.compile are recorded in eager mode, which the tape notes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import torch

from gradreel.record.torch_patches import COMPILE

_NOTES = "__gradreel_notes__"  # of a loaded file, in its namespace
NOTE = "torch.compile is left out: this ran in eager mode."


@contextmanager
def without_compiler() -> Iterator[list[str]]:
    """While the block runs, torch.compile returns what it is given; gives the list of notes."""
    notes: list[str] = []

    def compile_nothing(model: Any = None, **settings: Any) -> Any:
        notes[:] = [NOTE]
        return (lambda function: function) if model is None else model

    with ExitStack() as stack:
        stack.enter_context(COMPILE.installed(torch, compile_nothing))
        if "torch._dynamo" in sys.modules:  # what was compiled before runs in eager mode, too
            stack.enter_context(torch.compiler.set_stance("force_eager"))
        yield notes


def uncompiled(program: Callable[..., Any]) -> tuple[Callable[..., Any], tuple[str, ...]]:
    """The program behind a compiled function or module, and a note if it was compiled."""
    for attribute in ("_orig_mod", "_torchdynamo_orig_callable"):
        if attribute in getattr(program, "__dict__", {}) or attribute in getattr(
            program, "_modules", {}
        ):
            return getattr(program, attribute), (NOTE,)
    return program, ()


def add_notes(module: str, notes: list[str]) -> None:
    """Keep the notes of loading a file, which became the Python module `module`."""
    namespace = vars(sys.modules[module])
    namespace[_NOTES] = (*namespace.get(_NOTES, ()), *notes)


def notes_of(program: Callable[..., Any]) -> tuple[str, ...]:
    """The notes of loading the file of a program."""
    module = sys.modules.get(str(getattr(program, "__module__", "")))
    notes: tuple[str, ...] = getattr(module, _NOTES, ())
    return notes
