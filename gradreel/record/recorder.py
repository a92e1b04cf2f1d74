"""`record`: run a PyTorch program once, and write down what autograd did.

    tape = record(program, x=2.0, y=3.0)

A number becomes a float64 leaf that wants a gradient; so does a (nested) list of numbers. Three
words say otherwise: `fixed(2.0)` is data without gradient, `plain(3)` is handed over untouched, and
a ready tensor or module is taken as it is. A program that calls no backward pass itself gets one
from its scalar result; `backward=False` leaves it at the forward pass.
"""

from __future__ import annotations

import contextlib
import inspect
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor, nn

from gradreel.errors import GradreelError, RecordingError, UsageError
from gradreel.record.build_tape import assemble
from gradreel.record.engine_hooks import BackwardRecorder
from gradreel.record.function_mode import CallRecorder
from gradreel.record.graph_builder import GraphBuilder
from gradreel.record.input_specs import as_argument
from gradreel.record.op_capture import DispatchCapture
from gradreel.record.tensor_values import to_value
from gradreel.record.torch_patches import (
    default_dtype_kept,
    function_calls,
    module_moves,
    module_names,
    one_at_a_time,
    optimizer_steps,
)
from gradreel.record.value_nodes import ValueNode
from gradreel.record.variable_names import Names
from gradreel.tape import Tape, Value


def record(program: Callable[..., Any], /, *, backward: bool = True, **inputs: Any) -> Tape:
    """Run `program(**inputs)` once and return the Tape of it.

    Raises UsageError for inputs that do not fit the program, and RecordingError for a program that
    fails, has nothing to go backward from, or cannot be recorded faithfully.
    """
    name = _name_of(program)
    _check_inputs(program, inputs, name)
    recorder = _Recorder(program, name)
    with one_at_a_time():
        return recorder.run(inputs, backward)


class _Recorder:
    def __init__(self, program: Callable[..., Any], name: str) -> None:
        self.program, self.name = program, name
        self.ledger = GraphBuilder()
        self.names = Names(self.ledger.find, self.ledger.modules)
        self.kernels = DispatchCapture()
        self.calls = CallRecorder(self.ledger, self.names, self.kernels)
        self.passes = BackwardRecorder(self.ledger, self.calls)

    def run(self, given: dict[str, Any], backward: bool) -> Tape:
        arguments, values = self._enter_inputs(given)
        with _told_as_recording_errors(self.program, self.name), torch.enable_grad():
            result = self._run_program(arguments)
            if backward and self._wants_pass(result):
                self._go_backward(result)
        return assemble(
            self.name, values, self.ledger.entries, self.passes.done, self._results(result)
        )

    def _enter_inputs(self, given: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Value]]:
        arguments: dict[str, Any] = {}
        values: dict[str, Value] = {}
        owner = getattr(self.program, "__self__", self.program)
        if isinstance(owner, nn.Module):
            self.ledger.modules.add(owner, "")
        for name, value in given.items():
            arguments[name] = argument = as_argument(value, name)
            if isinstance(argument, nn.Module):
                self.ledger.modules.add(argument, name)
            if not isinstance(argument, Tensor):
                if isinstance(argument, (int, float)):
                    values[name] = float(argument)
                continue
            entry = self.ledger.seen(argument)
            entry.name, entry.depth, entry.is_input = name, -1, True
            entry.written = [name]
            shown = to_value(argument)
            if shown is not None:
                values[name] = shown
        return arguments, values

    def _run_program(self, arguments: dict[str, Any]) -> Any:
        code = getattr(inspect.unwrap(self.program), "__code__", None)
        self.names.program_file = code.co_filename if code else ""
        with (
            self.passes,
            module_names(self.ledger, self.names),
            optimizer_steps(self.ledger, self.calls),
            function_calls(self.calls),
            module_moves(self.calls),
            default_dtype_kept(),
            self.names,
            self.calls,
        ):
            return self.program(**arguments)

    def _wants_pass(self, result: Any) -> bool:
        """A program without a pass of its own gets one; one that only used autograd.grad as a part
        of its formula too, where there is something to go backward from."""
        if not self.passes.done:
            return True
        if any(one.accumulates for one in self.passes.done):
            return False
        return isinstance(result, Tensor) and result.numel() == 1 and result.grad_fn is not None

    def _go_backward(self, result: Any) -> None:
        problem = _no_way_back(result)
        if problem:
            what, hint = problem
            raise RecordingError(what, where=self.name, hint=hint)
        self.ledger.line = None
        with self.passes:
            result.backward()

    def _results(self, result: Any) -> list[ValueNode]:
        found = self.ledger.find(result) if isinstance(result, Tensor) else None
        return [found] if found else []


def _no_way_back(result: Any) -> tuple[str, str] | None:
    """Why there is no backward pass from `result`, and what to do; None if there is one."""
    forward_only = "Or record it with backward=False."
    if result is None:
        return (
            "the program returns nothing and calls no backward pass.",
            "Return the scalar to differentiate. " + forward_only,
        )
    if not isinstance(result, Tensor):
        return (
            f"the program returns a {type(result).__name__}, not a tensor.",
            "Return the scalar to differentiate, as a tensor. " + forward_only,
        )
    if result.numel() != 1:
        return (
            f"the program returns shape {tuple(result.shape)}; a backward pass starts at a scalar.",
            "Return a single number, such as result.sum(). " + forward_only,
        )
    if not result.requires_grad:
        return (
            "the result does not depend on any input that wants a gradient.",
            "Use an input, and do not cut it off with detach, no_grad or item. " + forward_only,
        )
    return None


def _check_inputs(program: Callable[..., Any], inputs: dict[str, Any], name: str) -> None:
    if not callable(program):
        raise UsageError(f"{program!r} is not a program", hint="Give a function or an nn.Module.")
    target = program.forward if isinstance(program, nn.Module) else program
    try:
        signature = inspect.signature(target)
    except (TypeError, ValueError):
        return
    try:
        signature.bind(**inputs)
    except TypeError as error:
        raise UsageError(
            f"the inputs do not fit: {error}.", where=name, valid=signature.parameters
        ) from None


def _name_of(program: Callable[..., Any]) -> str:
    return str(getattr(program, "__name__", "") or type(program).__name__)


@contextlib.contextmanager
def _told_as_recording_errors(program: Callable[..., Any], name: str) -> Iterator[None]:
    try:
        yield
    except GradreelError:
        raise
    except RecursionError as error:
        raise RecordingError(
            "the program or its graph is too deep to be followed", where=name
        ) from error
    except Exception as error:
        where, line = _place(program, error, name)
        raise RecordingError(
            f"the program failed: {type(error).__name__}: {str(error).strip()}{line}", where=where
        ) from error


def _place(program: Callable[..., Any], error: Exception, name: str) -> tuple[str, str]:
    """The innermost line of the program's own file that the error passed through; what it says."""
    code = getattr(inspect.unwrap(program), "__code__", None)
    if code is None and isinstance(program, nn.Module):
        code = type(program).forward.__code__
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if code is not None and frame.filename == code.co_filename:
            line = f"\n    {frame.line}" if frame.line else ""
            return f"{frame.filename}:{frame.lineno} in {frame.name}", line
    return name, ""
