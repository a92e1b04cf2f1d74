"""Run a script for real and write down every executed statement.

The script runs as `python script.py` would: `__name__` is "__main__", its folder comes first on the
path, gradients are on, float32 is the default. Three things differ: random numbers are seeded, so
that a video can be made twice; `time.sleep` returns at once; `input()` wants its answer from
a comment `#: answer: 3` on its line.
"""

from __future__ import annotations

import builtins
import io
import random
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stdout
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import patch

import numpy as np
import torch

from gradreel.errors import GradreelError, UsageError
from gradreel.record import skip_dynamo
from gradreel.trace.backward_passes import Passes
from gradreel.trace.script import Script, read_script
from gradreel.trace.script_trace import ScriptError, ScriptTrace
from gradreel.trace.tracer import Stopped, Tracer

SEED = 0

skip_dynamo.install()


def trace(path: str | Path) -> ScriptTrace:
    """Run the script at `path` and return what it did.

    An exception of the script is part of the recording. Raises UsageError where the script cannot
    be shown: no Python, too long, endless, or waiting for input that nobody gave.
    """
    script = read_script(path)
    tracer = Tracer(script)
    passes = Passes(tracer.names, script.path.name)
    tracer.passes = passes
    run = _Run(script, tracer)
    with run.prepared(), passes.watched():
        fault = run.executed()
    return ScriptTrace(
        script=script.path.name,
        lines=script.lines,
        statements=script.statements,
        notes=script.notes,
        calls=tuple(tracer.calls),
        moments=tuple(tracer.moments),
        passes=dict(passes.tapes),
        final=tuple(tracer.final.values()),
        fault=fault,
        skipped=run.skipped,
    )


class _Run:
    """One execution, with the world around it put back afterwards."""

    def __init__(self, script: Script, tracer: Tracer) -> None:
        self.script, self.tracer = script, tracer
        self.skipped = 0.0
        self.refusal: GradreelError | None = None
        self._main = ModuleType("__main__")
        self._main.__file__ = str(script.path)
        self._sleep = time.sleep

    @contextmanager
    def prepared(self) -> Iterator[None]:
        """Everything of the process that a script may change or that must be as in plain Python."""
        with ExitStack() as stack:
            stack.enter_context(_torch_as_new())
            stack.enter_context(_random_as_new())
            folder = str(self.script.path.resolve().parent)
            stack.enter_context(patch.object(sys, "path", [folder, *sys.path]))
            stack.enter_context(_main_module(self._main))
            stack.enter_context(patch.object(sys, "argv", [str(self.script.path)]))
            stack.enter_context(patch.object(time, "sleep", self._slept))
            stack.enter_context(patch.object(builtins, "input", self._asked))
            stack.enter_context(patch.object(sys, "stdin", _NoInput(self._refuse)))
            stack.enter_context(redirect_stdout(_Output(self.tracer)))
            yield

    def executed(self) -> ScriptError | None:
        """Run the script; the exception that ended it, if one did."""
        code = compile(self.script.source, str(self.script.path), "exec", dont_inherit=True)
        names = self._main.__dict__
        fault = None
        previous = sys.gettrace()
        sys.settrace(self.tracer.on_call)
        try:
            exec(code, names)  # noqa: S102 - running the script is what this is for
        except Stopped as stop:
            raise stop.error from None
        except SystemExit:
            pass
        except Exception as error:  # noqa: BLE001 - any exception is part of the recording
            fault = self._fault(error)
        finally:
            sys.settrace(previous)
        if self.refusal is not None:
            raise self.refusal
        self.tracer.close(names)
        return fault

    def _fault(self, error: Exception) -> ScriptError:
        rows = traceback.extract_tb(error.__traceback__)
        lines = [row.lineno for row in rows if row.filename == str(self.script.path)]
        line = self.tracer.statement_at(lines[-1] or 1).line if lines else 1
        return ScriptError(line, type(error).__name__, str(error))

    def _slept(self, seconds: float) -> None:
        """Nobody wants to watch a script sleep; libraries that wait for something still do."""
        if sys._getframe(1).f_code.co_filename == str(self.script.path):
            self.skipped += float(seconds)
        else:
            self._sleep(seconds)

    def _asked(self, prompt: object = "") -> str:
        frame = sys._getframe(1)
        line = frame.f_lineno
        if frame.f_code.co_filename != str(self.script.path) or line not in self.script.answers:
            self._refuse(line)
        answer = self.script.answers[line]
        print(f"{prompt}{answer}")
        return answer

    def _refuse(self, line: int) -> None:
        self.refusal = UsageError(
            "the script waits for input, and nobody is there to type it.",
            where=f"{self.script.path}, line {line}",
            hint="Write the answer at the end of that line: #: answer: 3",
        )
        raise Stopped(self.refusal)


class _NoInput(io.TextIOBase):
    """A standard input from which nothing can be read."""

    def __init__(self, refuse: Any) -> None:
        super().__init__()
        self._refuse = refuse

    def readline(self, size: int | None = -1, /) -> str:  # type: ignore[override]
        """Refuse, naming the script's line."""
        frame: Any = sys._getframe(1)
        self._refuse(frame.f_lineno)
        return ""

    def read(self, size: int | None = -1, /) -> str:
        """Refuse, naming the script's line."""
        return self.readline()


class _Output(io.TextIOBase):
    """The script's standard output, handed to the tracer piece by piece."""

    def __init__(self, tracer: Tracer) -> None:
        super().__init__()
        self._tracer = tracer

    def write(self, text: str, /) -> int:
        """Note what was printed, at the statement that is running."""
        self._tracer.prints(text)
        return len(text)


@contextmanager
def _main_module(module: ModuleType) -> Iterator[None]:
    """The script's classes belong to `__main__`, where pickle and dataclasses look for them."""
    before = sys.modules["__main__"]
    sys.modules["__main__"] = module
    try:
        yield
    finally:
        sys.modules["__main__"] = before


@contextmanager
def _torch_as_new() -> Iterator[None]:
    dtype, enabled = torch.get_default_dtype(), torch.is_grad_enabled()
    with torch.random.fork_rng(devices=[]):
        torch.set_default_dtype(torch.float32)
        torch.set_grad_enabled(True)
        torch.manual_seed(SEED)
        try:
            yield
        finally:
            torch.set_default_dtype(dtype)
            torch.set_grad_enabled(enabled)


@contextmanager
def _random_as_new() -> Iterator[None]:
    plain, legacy = random.getstate(), np.random.get_state()
    random.seed(SEED)
    np.random.seed(SEED)
    try:
        yield
    finally:
        random.setstate(plain)
        np.random.set_state(legacy)
