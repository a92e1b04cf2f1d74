"""`trace`: executes a script and returns the ScriptTrace of every statement that ran.

The script runs as `python script.py` would: `__name__` is "__main__", its folder comes first on the
path, gradients are enabled, float32 is the default dtype. Three things differ. Random numbers are
seeded, so that two runs are equal. `time.sleep` returns at once. `input()` returns the text of a
comment `#: answer: 3` on its line.
"""

from __future__ import annotations

import builtins
import io
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, redirect_stdout
from pathlib import Path
from types import ModuleType
from unittest.mock import patch

import torch

from gradreel.errors import GradreelError, UsageError
from gradreel.record import avoid_dynamo_import
from gradreel.record.seeding import seeded
from gradreel.trace.script import Script, read_script
from gradreel.trace.script_trace import ScriptError, ScriptTrace
from gradreel.trace.tracer import Tracer, TraceStopped

SEED = 0

avoid_dynamo_import.install()


def trace(path: str | Path) -> ScriptTrace:
    """Run the script at `path` and return its trace.

    An exception of the script is part of the trace. Raises UsageError where the script cannot be
    shown: not Python, too long, endless, or waiting for input without an answer.
    """
    script = read_script(path)
    tracer = Tracer(script)
    execution = _Execution(script, tracer)
    with execution.environment(), tracer.passes.recording():
        error = execution.run()
    return ScriptTrace(
        script=script.path.name,
        lines=script.lines,
        statements=script.statements,
        notes=script.notes,
        calls=tuple(tracer.calls),
        events=tuple(tracer.events),
        passes=dict(tracer.passes.tapes),
        final=tuple(tracer.final.values()),
        error=error,
        skipped_seconds=execution.skipped_seconds,
    )


class _Execution:
    """One run of a script in a prepared environment, which is restored afterwards."""

    def __init__(self, script: Script, tracer: Tracer) -> None:
        self.script, self.tracer = script, tracer
        self.skipped_seconds = 0.0
        self._input_error: GradreelError | None = None
        self._main = ModuleType("__main__")
        self._main.__file__ = str(script.path)
        self._original_sleep = time.sleep

    @contextmanager
    def environment(self) -> Iterator[None]:
        """Set the global state that a script expects, or may change, and restore it afterwards."""
        with ExitStack() as stack:
            stack.enter_context(seeded(SEED))
            stack.enter_context(_default_torch_state())
            folder = str(self.script.path.resolve().parent)
            stack.enter_context(patch.object(sys, "path", [folder, *sys.path]))
            stack.enter_context(_main_module(self._main))
            stack.enter_context(patch.object(sys, "argv", [str(self.script.path)]))
            stack.enter_context(patch.object(time, "sleep", self._sleep))
            stack.enter_context(patch.object(builtins, "input", self._input))
            stack.enter_context(patch.object(sys, "stdin", _NoInput(self._refuse_input)))
            stack.enter_context(redirect_stdout(_TracedOutput(self.tracer)))
            yield

    def run(self) -> ScriptError | None:
        """Run the script and return the exception that ended it, or None."""
        code = compile(self.script.source, str(self.script.path), "exec", dont_inherit=True)
        names = self._main.__dict__
        script_error = None
        previous = sys.gettrace()
        sys.settrace(self.tracer.on_call)
        try:
            exec(code, names)  # noqa: S102 - running the script is the purpose of this function
        except TraceStopped as stopped:
            raise stopped.error from None
        except SystemExit:
            pass
        except Exception as error:  # noqa: BLE001 - any exception is part of the trace
            script_error = self._script_error(error)
        finally:
            sys.settrace(previous)
        # The script may have caught TraceStopped with a bare except.
        if self._input_error is not None:
            raise self._input_error
        self.tracer.close(names)
        return script_error

    def _script_error(self, error: Exception) -> ScriptError:
        if isinstance(error, ModuleNotFoundError) and error.name:
            raise UsageError(
                f"the script imports {error.name}, which is not installed here.",
                where=str(self.script.path),
                hint="Install it in this environment, or catch the exception in the script.",
            )
        frames = traceback.extract_tb(error.__traceback__)
        lines = [frame.lineno for frame in frames if frame.filename == str(self.script.path)]
        line = self.tracer.statement_at(lines[-1] or 1).line if lines else 1
        return ScriptError(line, type(error).__name__, str(error))

    def _sleep(self, seconds: float) -> None:
        """Skip a sleep of the script itself; libraries that wait for something still sleep."""
        if sys._getframe(1).f_code.co_filename == str(self.script.path):
            self.skipped_seconds += float(seconds)
        else:
            self._original_sleep(seconds)

    def _input(self, prompt: object = "") -> str:
        frame = sys._getframe(1)
        line = frame.f_lineno
        if frame.f_code.co_filename != str(self.script.path) or line not in self.script.answers:
            self._refuse_input(line)
        answer = self.script.answers[line]
        print(f"{prompt}{answer}")
        return answer

    def _refuse_input(self, line: int) -> None:
        self._input_error = UsageError(
            "the script waits for input, and nobody is there to type it.",
            where=f"{self.script.path}, line {line}",
            hint="Write the answer at the end of that line: #: answer: 3",
        )
        raise TraceStopped(self._input_error)


class _NoInput(io.TextIOBase):
    """A standard input that cannot be read; `refuse` is called with the line of the script."""

    def __init__(self, refuse: Callable[[int], None]) -> None:
        super().__init__()
        self._refuse = refuse

    def readline(self, size: int | None = -1, /) -> str:  # type: ignore[override]
        """Refuse, with the line of the caller."""
        self._refuse(sys._getframe(1).f_lineno)
        return ""

    def read(self, size: int | None = -1, /) -> str:
        """Refuse, with the line of the caller."""
        self._refuse(sys._getframe(1).f_lineno)
        return ""


class _TracedOutput(io.TextIOBase):
    """The script's standard output, passed to the tracer piece by piece."""

    def __init__(self, tracer: Tracer) -> None:
        super().__init__()
        self._tracer = tracer

    def write(self, text: str, /) -> int:
        """Pass `text` to the tracer, which adds it to the statement that is running."""
        self._tracer.on_output(text)
        return len(text)


@contextmanager
def _main_module(module: ModuleType) -> Iterator[None]:
    """Make `module` the `__main__` module, where pickle and dataclasses look up classes."""
    before = sys.modules["__main__"]
    sys.modules["__main__"] = module
    try:
        yield
    finally:
        sys.modules["__main__"] = before


@contextmanager
def _default_torch_state() -> Iterator[None]:
    """Default dtype and gradient mode as in a new process; restored afterwards."""
    dtype, enabled = torch.get_default_dtype(), torch.is_grad_enabled()
    torch.set_default_dtype(torch.float32)
    torch.set_grad_enabled(True)
    try:
        yield
    finally:
        torch.set_default_dtype(dtype)
        torch.set_grad_enabled(enabled)
