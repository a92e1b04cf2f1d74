"""What autograd refuses, by running it: the exception, the graph at that moment, and the cure."""

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
class Attempt:
    """A few lines that fail; `cure` replaces line number `cured`."""

    lines: tuple[str, ...]
    cured: int
    cure: str


# Each is run as it stands, with x put in.
ATTEMPTS: Mapping[str, Attempt] = MappingProxyType(
    {
        "backward twice": Attempt(
            ("x = tensor({x}, requires_grad=True)", "y = x**2", "y.backward()", "y.backward()"),
            3, "y.backward(retain_graph=True)",
        ),
        "changed in place": Attempt(
            ("x = tensor({x}, requires_grad=True)", "y = x.exp()", "y += 1", "y.backward()"),
            3, "y = y + 1",
        ),
        "not one number": Attempt(
            ("x = tensor([{x}, {more}], requires_grad=True)", "y = x**2", "y.backward()"),
            3, "y.sum().backward()",
        ),
        "nothing tracked": Attempt(
            ("x = tensor({x})", "y = x**2", "y.backward()"),
            1, "x = tensor({x}, requires_grad=True)",
        ),
    }
)  # fmt: skip


@dataclass(frozen=True)
class Node:
    """A node between x and y: its name in autograd, and what it keeps for the way back.

    `keeps` is x, y or ""; `version` is the version of the tensor that it kept.
    """

    name: str
    keeps: str
    version: Quantity


@dataclass(frozen=True)
class AutogradError:
    """What became of an Attempt.

    `first` is y as it was computed, `results` y when backward is refused. `nodes` lead from x to y
    as y's graph stands then; `freed` says whether they had given away what they kept, `version` is
    y's own by then. `slopes` is x.grad with the cure.
    """

    name: str
    lines: tuple[str, ...]
    failed: int
    error: str
    message: str
    inputs: tuple[Quantity, ...]
    first: tuple[Quantity, ...]
    results: tuple[Quantity, ...]
    nodes: tuple[Node, ...]
    freed: bool
    version: Quantity
    cured: int
    cure: str
    slopes: tuple[Quantity, ...]

    @property
    def passes(self) -> int:
        """How many lines ask for a backward pass; with the cure all of them get it."""
        return sum("backward(" in line for line in self.lines)


def provoke_error(name: str, x: float) -> AutogradError:
    """Run an attempt of ATTEMPTS at `x` until it fails, then run its cure, both in torch.

    Raises UsageError for an unknown name, RecordingError where torch refuses nothing or the cure
    does not help.
    """
    if name not in ATTEMPTS:
        raise unknown_name("attempt", name, ATTEMPTS)
    attempt = ATTEMPTS[name]
    given = {"x": _written(x), "more": _written(x + 1)}
    lines = tuple(line.format(**given) for line in attempt.lines)
    cure = attempt.cure.format(**given)
    names: dict[str, Any] = {"tensor": torch.tensor}
    nodes: tuple[Node, ...] = ()
    first: tuple[Quantity, ...] = ()
    for failed, line in enumerate(lines, start=1):
        y = names.get("y")
        if isinstance(y, Tensor):
            nodes = tuple(_nodes(names["x"], y, nodes))
            first = first or _numbers(y, "y")
        fault = _fault(line, names)
        if fault is not None:
            return AutogradError(
                name, lines, failed, type(fault).__name__, _first_sentence(str(fault)),
                _numbers(names["x"], "x"), first, _numbers(names["y"], "y"), nodes,
                _freed(names["y"]), _version(names["y"], "y"), attempt.cured, cure,
                _cured(lines, attempt.cured, cure),
            )  # fmt: skip
    raise RecordingError(f"torch refuses nothing in {'; '.join(lines)}.")


def _written(x: float) -> str:
    return f"{x:.1f}" if x == int(x) else f"{x:.6g}"


def _fault(line: str, names: dict[str, Any]) -> RuntimeError | None:
    try:
        exec(line, names)  # our own lines, with nothing put in but numbers
    except RuntimeError as fault:
        return fault
    return None


def _cured(lines: Sequence[str], number: int, cure: str) -> tuple[Quantity, ...]:
    names: dict[str, Any] = {"tensor": torch.tensor}
    for k, line in enumerate(lines, start=1):
        fault = _fault(cure if k == number else line, names)
        if fault is not None:
            raise RecordingError(f"the cure {cure} does not help: {fault}")
    return _numbers(names["x"].grad, "x.grad")


def _numbers(tensor: Tensor, name: str) -> tuple[Quantity, ...]:
    values = tensor.detach().reshape(-1).tolist()
    return tuple(Quantity(value, f"{name} as torch left it", name) for value in values)


def _version(tensor: Tensor, name: str) -> Quantity:
    return Quantity(tensor._version, f"version of {name}", "version")


def _nodes(x: Tensor, y: Tensor, known: Sequence[Node]) -> Iterator[Node]:
    """From x to y. What a node keeps can be asked for only until it is used or changed."""
    chain, node = [], y.grad_fn
    while node is not None and node.name() != "torch::autograd::AccumulateGrad":
        chain.append(node)
        node = node.next_functions[0][0] if node.next_functions else None
    for k, found in enumerate(reversed(chain)):
        before = known[k] if k < len(known) and known[k].name == found.name() else None
        yield before or _node(found, x, y)


def _node(node: Any, x: Tensor, y: Tensor) -> Node:
    for owner, tensor in (("x", x), ("y", y)):
        for attribute in ("_saved_self", "_saved_result"):
            kept = getattr(node, attribute, None)
            if isinstance(kept, Tensor) and kept.data_ptr() == tensor.data_ptr():
                return Node(node.name(), owner, _version(kept, f"{owner} as kept"))
    return Node(node.name(), "", Quantity(0, "nothing kept", "version"))


def _freed(y: Tensor) -> bool:
    """Whether what y's node kept is gone: then it cannot be asked for any more."""
    if y.grad_fn is None or not hasattr(type(y.grad_fn), "_saved_self"):
        return False
    try:
        _ = y.grad_fn._saved_self  # type: ignore[attr-defined]
    except RuntimeError as fault:
        return "freed" in str(fault)
    return False


def _first_sentence(message: str) -> str:
    return re.split(r"\.(?:\s|$)|\n", message.strip(), maxsplit=1)[0]
