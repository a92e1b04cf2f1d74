"""`record`: runs a PyTorch program once and returns the Tape of what autograd did.

    tape = record(program, x=2.0, y=3.0)

A number, or a nested list of numbers, becomes a float64 leaf that requires a gradient. `fixed(2.0)`
is data without gradient, `plain(3)` is passed unchanged, and so are tensors and modules. If the
program runs no backward pass itself, one is run from its scalar result; `backward=False` records
the forward pass alone.
"""

from __future__ import annotations

import contextlib
import inspect
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from gradreel.errors import GradreelError, RecordingError, UsageError
from gradreel.record.backward_recorder import BackwardRecorder
from gradreel.record.build_tape import build_tape
from gradreel.record.func_transforms import plain_transforms
from gradreel.record.function_mode import CallRecorder
from gradreel.record.graph_builder import GraphBuilder
from gradreel.record.in_place_hint import in_place_hint
from gradreel.record.input_specs import as_argument
from gradreel.record.op_capture import DispatchCapture
from gradreel.record.program_hooks import (
    follow_modules,
    ignore_module_conversions,
    record_custom_functions,
    record_optimizer_steps,
    refuse_nested_recording,
    restore_default_dtype,
)
from gradreel.record.recurrent_cells import open_recurrent_cells
from gradreel.record.tensor_values import to_value
from gradreel.record.value_nodes import ValueNode
from gradreel.record.variable_names import VariableNames
from gradreel.record.without_compiler import uncompiled, without_compiler
from gradreel.tape import Summary, Tape, Value

COMPLEX = "For a complex z = a + bi, PyTorch's gradient is ∂L/∂a + i ∂L/∂b."
AUTOCAST_OF_FLOAT64 = "torch.autocast leaves float64 as it is."
NO_SCALAR = "grad can be implicitly created only for scalar outputs"  # torch's words
SCALAR_HINT = (
    "A pass starts at a number, such as y.sum(), or from a gradient for each number: y.backward(v)."
)


def record(program: Callable[..., Any], /, *, backward: bool = True, **inputs: Any) -> Tape:
    """Run `program(**inputs)` once and return its Tape.

    Raises UsageError for inputs that do not fit the program, and RecordingError for a program that
    fails, has no scalar result to differentiate, or cannot be recorded correctly.
    """
    name = _program_name(program)
    _check_inputs(program, inputs, name)
    program, notes = uncompiled(program)
    recorder = _Recorder(program, name)
    recorder.notes += notes
    with refuse_nested_recording():
        return recorder.run(inputs, backward)


class _Recorder:
    """One recording: connects the graph, the function mode and the engine hooks."""

    def __init__(self, program: Callable[..., Any], name: str) -> None:
        self.program, self.name = program, name
        self.notes: list[str] = []
        self.graph = GraphBuilder()
        self.names = VariableNames(self.graph.find, self.graph.modules)
        self.calls = CallRecorder(self.graph, self.names, DispatchCapture())
        self.backward = BackwardRecorder(self.graph, self.calls)

    def run(self, inputs: dict[str, Any], backward: bool) -> Tape:
        arguments, values = self._add_inputs(inputs)
        with _as_recording_errors(self.program, self.name, self.graph), torch.enable_grad():
            result = differentiable_result(self._run_program(arguments))
            if backward and self._needs_backward(result):
                self._run_backward(result)
        results = self._result_nodes(result)
        return build_tape(
            self.name, values, self.graph.value_nodes, self.backward.passes, results, self.notes,
            self.graph.module_calls, self.calls.exits,
        )  # fmt: skip

    def _add_inputs(self, inputs: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Value]]:
        """The program's arguments, and the numbers among them."""
        arguments: dict[str, Any] = {}
        values: dict[str, Value] = {}
        owner = getattr(self.program, "__self__", self.program)
        if isinstance(owner, nn.Module):
            self.graph.modules.add(owner, "")
        for name, value in inputs.items():
            arguments[name] = argument = as_argument(value, name)
            if isinstance(argument, nn.Module):
                self.graph.modules.add(argument, name)
            if isinstance(argument, Tensor):
                self._add_input_tensor(name, argument)
                numbers = to_value(argument)
                if numbers is not None and not isinstance(numbers, Summary):
                    values[name] = numbers
            elif isinstance(argument, (int, float)):
                values[name] = float(argument)
        return arguments, values

    def _add_input_tensor(self, name: str, tensor: Tensor) -> None:
        value_node = self.graph.resolve(tensor)
        value_node.name, value_node.name_depth, value_node.is_input = name, -1, True
        value_node.call_pieces = [name]

    def _run_program(self, arguments: dict[str, Any]) -> Any:
        code = getattr(inspect.unwrap(self.program), "__code__", None)
        self.names.program_file = code.co_filename if code else ""
        with (
            self.backward,
            follow_modules(self.graph, self.names),
            record_optimizer_steps(self.graph, self.calls),
            record_custom_functions(self.calls),
            ignore_module_conversions(self.calls),
            restore_default_dtype(),
            without_compiler() as notes,
            open_recurrent_cells(self.graph, self.calls) as opened,
            plain_transforms(self.calls) as transforms,
            self.names,
            self.calls,
        ):
            result = self.program(**arguments)
        self.notes += [*notes, *opened, *transforms, *self.calls.notes]
        is_wide = any(node.dtype == "float64" for node in self.graph.value_nodes)
        if any(n.dtype.startswith("complex") and n.requires_grad for n in self.graph.value_nodes):
            self.notes.append(COMPLEX)
        self.notes += [AUTOCAST_OF_FLOAT64] if self.calls.autocasts and is_wide else []
        return result

    def _needs_backward(self, result: Any) -> bool:
        """Whether to run a backward pass from `result`.

        That is so if the program ran none, or only torch.autograd.grad as a part of its formula
        and returns a scalar that autograd tracks.
        """
        if not self.backward.passes:
            return True
        if any(one.accumulates for one in self.backward.passes):
            return False
        return isinstance(result, Tensor) and result.numel() == 1 and result.grad_fn is not None

    def _run_backward(self, result: Any) -> None:
        problem = _backward_problem(result)
        if problem:
            what, hint = problem
            if self.calls.exits and isinstance(result, Tensor) and not result.requires_grad:
                left = self.calls.exits[-1]
                call = left.call.format(left.value_node.name or left.value_node.stem)
                hint = f"{call} in line {left.line} gave plain numbers: no gradient goes through."
            raise RecordingError(what, where=self.name, hint=hint)
        self.graph.line = None
        with self.backward:
            result.backward()

    def _result_nodes(self, result: Any) -> list[ValueNode]:
        value_node = self.graph.find(result) if isinstance(result, Tensor) else None
        return [value_node] if value_node else []


def differentiable_result(result: Any) -> Any:
    """The tensor to differentiate in what a program returns; `result` itself if none stands out.

    That is `loss` of a dict or an object such as a ModelOutput, else the only scalar that autograd
    tracks among the items.
    """
    if isinstance(result, Tensor) or result is None:
        return result
    named = result.get("loss") if isinstance(result, Mapping) else getattr(result, "loss", None)
    if isinstance(named, Tensor):
        return named
    items = result.values() if isinstance(result, Mapping) else result
    if not isinstance(items, Iterable):
        return result
    scalars = [one for one in items if isinstance(one, Tensor) and one.numel() == 1]
    tracked = [one for one in scalars if one.requires_grad]
    return tracked[0] if len(tracked) == 1 else result


def _backward_problem(result: Any) -> tuple[str, str] | None:
    """Why no backward pass can start at `result`, and what to do; None if one can."""
    forward_only = "Or record it with backward=False."
    if result is None:
        return (
            "the program returns nothing and calls no backward pass.",
            "Return the scalar to differentiate. " + forward_only,
        )
    if not isinstance(result, Tensor):
        return (
            f"the program returns a {type(result).__name__} without a loss among its items.",
            "Return the scalar to differentiate, or call it loss. " + forward_only,
        )
    if result.numel() != 1:
        return (
            f"the program returns shape {tuple(result.shape)}; a backward pass starts at a scalar.",
            "Return a single number, such as result.sum(), or choose one: loss=sum, "
            "loss=cross_entropy([0, 2]). " + forward_only,
        )
    if result.is_complex():
        return (
            f"the result is complex ({result.dtype}), and a pass starts at a real number.",
            "Return result.abs(), result.real or (result * result.conj()).real. " + forward_only,
        )
    if not result.is_floating_point():
        return (
            f"the result holds whole numbers ({result.dtype}), which have no gradient.",
            "Leave out .long(), .int(), argmax and comparisons on the way. " + forward_only,
        )
    if not result.requires_grad:
        return (
            "the result does not depend on any input that requires a gradient.",
            "Use an input, and do not cut it off with detach, no_grad or item. " + forward_only,
        )
    return None


def _check_inputs(program: Callable[..., Any], inputs: dict[str, Any], name: str) -> None:
    if not callable(program):
        raise UsageError(f"{program!r} is not a program", hint="Give a function or an nn.Module.")
    if isinstance(program, torch.jit.ScriptModule):
        return  # the signature of a compiled method is not that of its call
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


def _program_name(program: Callable[..., Any]) -> str:
    return str(getattr(program, "__name__", "") or type(program).__name__)


@contextlib.contextmanager
def _as_recording_errors(
    program: Callable[..., Any], name: str, graph: GraphBuilder
) -> Iterator[None]:
    """Convert what the program raises into a RecordingError with the line of the program."""
    try:
        yield
    except GradreelError:
        raise
    except RecursionError as error:
        raise RecordingError(
            "the program or its graph is too deep to be recorded", where=name
        ) from error
    except (Exception, SystemExit) as error:
        where, line = _error_location(program, error, name)
        hint = in_place_hint(str(error), graph.value_nodes)
        raise RecordingError(
            f"the program failed: {type(error).__name__}: {str(error).strip()}{line}",
            where=where,
            hint=SCALAR_HINT if NO_SCALAR in str(error) else hint,
        ) from error


def _error_location(
    program: Callable[..., Any], error: BaseException, name: str
) -> tuple[str, str]:
    """The innermost line of the program's own file in the traceback, and the text of that line."""
    code = getattr(inspect.unwrap(program), "__code__", None)
    if code is None and isinstance(program, nn.Module):
        code = type(program).forward.__code__
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if code is not None and frame.filename == code.co_filename:
            line = f"\n    {frame.line}" if frame.line else ""
            return f"{frame.filename}:{frame.lineno} in {frame.name}", line
    return name, ""
