"""Programs that autograd refuses: the exception, the graph when it is raised, and a fix."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import torch
from torch import Tensor

from gradreel.errors import RecordingError, unknown_name
from gradreel.tape import Quantity


@dataclass(frozen=True)
class FailingProgram:
    """Lines of which one raises; with `fix` as line number `fixed_line` all of them run.

    `quote` is the part of the exception's message that matters, `key` its words that matter most.
    """

    lines: tuple[str, ...]
    fixed_line: int
    fix: str
    quote: str = ""
    key: str = ""


# The lines are executed with the values of x and more filled in.
FAILING_PROGRAMS: Mapping[str, FailingProgram] = MappingProxyType(
    {
        "backward twice": FailingProgram(
            ("x = tensor({x}, requires_grad=True)", "y = x**2", "y.backward()", "y.backward()"),
            3, "y.backward(retain_graph=True)",
            "Trying to backward through the graph a second time", "a second time",
        ),
        "changed in place": FailingProgram(
            ("x = tensor({x}, requires_grad=True)", "y = x.exp()", "y += 1", "y.backward()"),
            3, "y = y + 1",
            "modified by an inplace operation", "inplace operation",
        ),
        "not one number": FailingProgram(
            ("x = tensor([{x}, {more}], requires_grad=True)", "y = x**2", "y.backward()"),
            3, "y.sum().backward()",
            "grad can be implicitly created only for scalar outputs", "only for scalar outputs",
        ),
        "nothing tracked": FailingProgram(
            ("x = tensor({x})", "y = x**2", "y.backward()"),
            1, "x = tensor({x}, requires_grad=True)",
            "does not require grad", "does not require grad",
        ),
    }
)  # fmt: skip


SAVED = ("_saved_self", "_saved_result")  # attributes of nodes: an input or the result that is kept


@dataclass(frozen=True)
class SavedNode:
    """A node of y's graph and the tensor that it saved for backward.

    `saved` is "x", "y" or "" for none; `version` is the version counter of the saved tensor.
    """

    name: str
    saved: str
    version: Quantity


@dataclass(frozen=True)
class FixedRun:
    """The run of a program with its fix.

    `nodes` lead from x to the tensor on which backward is called, which is y or, with another
    `root`, has the value `total`. `grads` holds x.grad after each backward, `freed` whether that
    backward freed the saved tensors.
    """

    nodes: tuple[SavedNode, ...]
    root: str
    total: tuple[Quantity, ...]
    grads: tuple[tuple[Quantity, ...], ...]
    freed: tuple[bool, ...]


@dataclass(frozen=True)
class AutogradError:
    """A FailingProgram that was run: the exception of line number `failed`, and the state then.

    `quote` is the part of its message that matters, `key` the words of it that matter most.
    `inputs` is x; `first` is y as it was computed, `results` is y when the exception is raised, and
    `version` its version counter. `nodes` lead from x to y; `freed` says whether their saved
    tensors had been freed, `grads` is x.grad then, empty for None. `fixed` is the program with the
    fix.
    """

    name: str
    lines: tuple[str, ...]
    failed: int
    error: str
    message: str
    quote: str
    key: str
    inputs: tuple[Quantity, ...]
    first: tuple[Quantity, ...]
    results: tuple[Quantity, ...]
    nodes: tuple[SavedNode, ...]
    freed: bool
    grads: tuple[Quantity, ...]
    version: Quantity
    fixed_line: int
    fix: str
    fixed: FixedRun

    @property
    def backward_calls(self) -> int:
        """The number of lines that call backward."""
        return len(self.fixed.grads)


def provoke_error(name: str, x: float) -> AutogradError:
    """Run a program of FAILING_PROGRAMS at `x` until it raises, then run it with its fix.

    Raises UsageError for an unknown name, and RecordingError if nothing is raised or the fix does
    not help.
    """
    if name not in FAILING_PROGRAMS:
        raise unknown_name("attempt", name, FAILING_PROGRAMS)
    program = FAILING_PROGRAMS[name]
    values = {"x": _literal(x), "more": _literal(x + 1)}
    lines = tuple(line.format(**values) for line in program.lines)
    fix = program.fix.format(**values)
    names: dict[str, Any] = {"tensor": torch.tensor}
    nodes: tuple[SavedNode, ...] = ()
    first: tuple[Quantity, ...] = ()
    for number, line in enumerate(lines, start=1):
        y = names.get("y")
        if isinstance(y, Tensor):
            nodes = tuple(_nodes(names["x"], y, nodes))
            first = first or _numbers(y, "y")
        error = _execute(line, names)
        if error is not None:
            return AutogradError(
                name, lines, number, type(error).__name__, _first_sentence(str(error)),
                _checked_quote(program.quote, str(error)), program.key,
                _numbers(names["x"], "x"), first,
                _numbers(names["y"], "y"), nodes,
                _is_freed(names["y"]), _grads(names["x"]), _version(names["y"], "y"),
                program.fixed_line, fix,
                _run_fixed(lines, program.fixed_line, fix),
            )  # fmt: skip
    raise RecordingError(f"torch refuses nothing in {'; '.join(lines)}.")


def _literal(x: float) -> str:
    return f"{x:.1f}" if x == int(x) else f"{x:.6g}"


def _execute(line: str, names: dict[str, Any]) -> RuntimeError | None:
    """Execute a line; the RuntimeError that it raises, if any."""
    try:
        exec(line, names)  # a line of FAILING_PROGRAMS, in which only numbers are filled in
    except RuntimeError as error:
        return error
    return None


def _run_fixed(lines: Sequence[str], fixed_line: int, fix: str) -> FixedRun:
    """Run the program with its fix."""
    names: dict[str, Any] = {"tensor": torch.tensor}
    fixed = [fix if number == fixed_line else line for number, line in enumerate(lines, start=1)]
    grads: list[tuple[Quantity, ...]] = []
    freed: list[bool] = []
    nodes: tuple[SavedNode, ...] = ()
    total: tuple[Quantity, ...] = ()
    for line in fixed:
        root = line.partition(".backward(")[0]
        if root != line and not nodes:
            top = eval(root, names)  # before backward frees what the nodes saved
            nodes = tuple(_nodes(names["x"], names["y"], (), top))
            total = _numbers(top, root)
        error = _execute(line, names)
        if error is not None:
            raise RecordingError(f"the fix {fix} does not help: {error}")
        if root != line:
            grads.append(_grads(names["x"]))
            freed.append(_is_freed(top))
    return FixedRun(nodes, root, total, tuple(grads), tuple(freed))


def _numbers(tensor: Tensor, name: str) -> tuple[Quantity, ...]:
    values = tensor.detach().reshape(-1).tolist()
    return tuple(Quantity(value, f"{name} as torch left it", name) for value in values)


def _grads(x: Tensor) -> tuple[Quantity, ...]:
    return () if x.grad is None else _numbers(x.grad, "x.grad")


def _version(tensor: Tensor, name: str) -> Quantity:
    return Quantity(tensor._version, f"version of {name}", "version")


def _nodes(
    x: Tensor, y: Tensor, known: Sequence[SavedNode], top: Tensor | None = None
) -> Iterator[SavedNode]:
    """The nodes from x to y, or to `top`, which is computed from y.

    The tensor that a node saved can be read only until backward frees it or it is changed in place:
    nodes that are `known` from an earlier line are taken from there.
    """
    for k, node in enumerate(reversed(_path(y if top is None else top))):
        before = known[k] if k < len(known) and known[k].name == node.name() else None
        yield before or _saved_node(node, x, y)


def _path(root: Tensor) -> list[Any]:
    """The nodes from `root` back to the leaf, without that of the leaf."""
    path: list[Any] = []
    node: Any = root.grad_fn
    while node is not None and node.name() != "torch::autograd::AccumulateGrad":
        path.append(node)
        node = node.next_functions[0][0] if node.next_functions else None
    return path


def _saved_node(node: Any, x: Tensor, y: Tensor) -> SavedNode:
    for name, tensor in (("x", x), ("y", y)):
        for attribute in SAVED:
            saved = getattr(node, attribute, None)
            if isinstance(saved, Tensor) and saved.data_ptr() == tensor.data_ptr():
                return SavedNode(node.name(), name, _version(saved, f"{name} as kept"))
    return SavedNode(node.name(), "", Quantity(0, "nothing kept", "version"))


def _is_freed(root: Tensor) -> bool:
    """Whether backward has freed a tensor that a node on the way from `root` to x saved."""
    for node in _path(root):
        for attribute in SAVED:
            try:
                getattr(node, attribute, None)
            except RuntimeError as error:
                if "freed" in str(error):
                    return True
    return False


def _checked_quote(quote: str, message: str) -> str:
    """`quote`, with dots where something of the message is left out.

    Raises RecordingError if the message does not contain it.
    """
    before, found, after = message.strip().partition(quote)
    if not found:
        raise RecordingError(f"torch does not say {quote!r}: {message}")
    return f"{'... ' if before else ''}{quote}{' ...' if after.strip('.') else ''}"


def _first_sentence(message: str) -> str:
    return re.split(r"\.(?:\s|$)|\n", message.strip(), maxsplit=1)[0]
