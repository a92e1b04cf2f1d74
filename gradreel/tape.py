"""What autograd did, written down: ops, edges, steps, and the numbers on them.

A Tape is made by `gradreel.record` and read by everything else. It holds no tensor and imports
nothing but the standard library, so a tape written as JSON today can be drawn next year.

Directions. `Op.inputs` follows the forward pass. An `Edge` runs the way the gradient runs: from
the op whose backward node sends, to the op that receives; `contribution` is what arrived there.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Union

from gradreel.errors import RecordingError, unknown_name

SCHEMA_VERSION = 1

Value = Union[float, tuple["Value", ...]]
"""A tensor's numbers as nested tuples, row-major; a 0-d tensor is a plain float."""


class Quantity(float):
    """A number that remembers where it came from, such as "x.grad after backward 1".

    It counts as a float; arithmetic on it gives a bare float, which nothing will draw. Get one
    from a Tape or from a function evaluated by autograd, never by building it in a scene.
    """

    __slots__ = ("name", "source")
    name: str
    source: str

    def __new__(cls, value: float, source: str, name: str = "") -> Quantity:
        self = super().__new__(cls, value)
        object.__setattr__(self, "source", source)
        object.__setattr__(self, "name", name)
        return self

    def __setattr__(self, attribute: str, value: object) -> None:
        raise AttributeError(f"a Quantity is frozen; {attribute!r} cannot be set")

    def __reduce__(self) -> tuple[object, ...]:
        return (Quantity, (float(self), self.source, self.name))

    def __repr__(self) -> str:
        return f"Quantity({float(self)!r}, source={self.source!r})"

    def __str__(self) -> str:
        return self.text

    def __format__(self, spec: str) -> str:
        return format(float(self), spec) if spec else self.text

    @property
    def text(self) -> str:
        """The number as it is shown when nothing else is asked for."""
        return shown(float(self))


def shown(value: float, places: int | None = None) -> str:
    """`value` as text: `places` decimals exactly, or by default at most four without idle zeros.

    Very small and very large numbers fall back to powers of ten (`1.2e-7`).
    """
    if not math.isfinite(value):
        return str(value)
    if places is not None:
        return _without_minus_zero(f"{value:.{places}f}")
    if value == 0:
        return "0"
    size = abs(value)
    if not 1e-4 <= size < 1e6:
        mantissa, exponent = f"{value:.3e}".split("e")
        return f"{_trimmed(mantissa)}e{int(exponent)}"
    decimals = 4 if size >= 0.1 else 3 - math.floor(math.log10(size))
    return _without_minus_zero(_trimmed(f"{value:.{decimals}f}"))


def _trimmed(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


def _without_minus_zero(text: str) -> str:
    return text.lstrip("-") if float(text) == 0 else text


@dataclass(frozen=True, slots=True)
class Op:
    """One value of the forward pass and the operation that made it.

    `op` is autograd's name of the node ("MulBackward0"), "leaf" for what the user made,
    "constant" for a plain number of the program, or the kernel's name where nothing is tracked.
    `name` is the program's own variable, "" if it never had one. `value` has shape `shape`.
    """

    id: str
    name: str
    op: str
    inputs: tuple[str, ...]
    shape: tuple[int, ...]
    value: Value | None
    is_leaf: bool
    requires_grad: bool
    grad_fn: str | None
    dtype: str = "float64"
    call: str = ""
    line: int | None = None
    module: str = ""


@dataclass(frozen=True, slots=True)
class Edge:
    """The way one gradient contribution takes: from op `source` to op `target`, its input.

    `slot` is which input of `source` the target is (x*x has two edges to x). `local` is the local
    derivative d source / d target where both are scalars. `contribution` is what the engine sent
    in pass `backward`; both are None for an edge that no pass has used.
    """

    source: str
    target: str
    slot: int
    local: float | None
    contribution: Value | None
    backward: int | None


@dataclass(frozen=True, slots=True)
class Step:
    """One node's turn in a backward pass, in the order in which the engine took it.

    `gradient` is the finished sum that the engine handed to the node, shape of the op.
    """

    backward: int
    order: int
    op: str
    name: str
    node: str
    gradient: Value | None


@dataclass(frozen=True, slots=True)
class LeafGrad:
    """`.grad` of one leaf before and after pass `backward`; None is PyTorch's None."""

    backward: int
    leaf: str
    before: Value | None
    after: Value | None


@dataclass(frozen=True, slots=True)
class Tape:
    """A whole recording. `inputs` are the values the program was given, by name."""

    program: str
    inputs: Mapping[str, Value]
    ops: tuple[Op, ...]
    edges: tuple[Edge, ...] = ()
    steps: tuple[Step, ...] = ()
    grads: tuple[LeafGrad, ...] = ()
    version: int = SCHEMA_VERSION
    _by_id: dict[str, Op] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_id", {op.id: op for op in self.ops})

    def __getitem__(self, op_id: str) -> Op:
        try:
            return self._by_id[op_id]
        except KeyError:
            raise unknown_name("op of the tape", op_id, self._by_id) from None

    @property
    def backwards(self) -> tuple[int, ...]:
        """The numbers of the backward passes, in order, from 1."""
        return tuple(sorted({step.backward for step in self.steps}))

    def backward(self, number: int = 1) -> tuple[Step, ...]:
        """The steps of one backward pass in the engine's order."""
        return tuple(step for step in self.steps if step.backward == number)

    def arrows(self) -> tuple[Edge, ...]:
        """Each connection of the graph once, whatever the number of passes over it."""
        seen: dict[tuple[str, str, int], Edge] = {}
        for edge in self.edges:
            seen.setdefault((edge.source, edge.target, edge.slot), edge)
        return tuple(seen.values())

    def arriving(self, op_id: str, backward: int = 1) -> tuple[Edge, ...]:
        """The edges along which contributions reached `op_id` in one pass."""
        return tuple(e for e in self.edges if e.target == op_id and e.backward == backward)

    def leaving(self, op_id: str, backward: int = 1) -> tuple[Edge, ...]:
        """The edges along which `op_id` sent contributions in one pass."""
        return tuple(e for e in self.edges if e.source == op_id and e.backward == backward)

    def value(self, op_id: str) -> Quantity:
        """The forward value of a scalar op."""
        return _scalar(self[op_id].value, self._label(op_id), self._label(op_id))

    def gradient(self, op_id: str, backward: int = 1) -> Quantity:
        """The gradient the engine handed to `op_id` in one pass: the sum of what arrived."""
        for step in self.backward(backward):
            if step.op == op_id:
                what = f"gradient at {self._label(op_id)} in backward {backward}"
                return _scalar(step.gradient, what, self._label(op_id))
        raise RecordingError(f"backward {backward} never reached {op_id!r}")

    def grad(self, leaf: str, backward: int = 1) -> Quantity | None:
        """`.grad` of a leaf after a pass; None where PyTorch has None."""
        for row in self.grads:
            if row.leaf == leaf and row.backward == backward:
                if row.after is None:
                    return None
                source = f"{self._label(leaf)}.grad after backward {backward}"
                return _scalar(row.after, source, f"{self._label(leaf)}.grad")
        raise RecordingError(f"{leaf!r} is not a leaf that backward {backward} could reach")

    def local(self, edge: Edge) -> Quantity:
        """The local derivative on an edge between scalars."""
        name = f"d{self._label(edge.source)}/d{self._label(edge.target)}"
        return _scalar(edge.local, f"{name} (local, input {edge.slot})", name)

    def contribution(self, edge: Edge) -> Quantity:
        """What the engine sent along a scalar edge."""
        way = f"{self._label(edge.source)} to {self._label(edge.target)}"
        return _scalar(edge.contribution, f"sent from {way} in backward {edge.backward}", way)

    def _label(self, op_id: str) -> str:
        return self[op_id].name or op_id

    def to_dict(self) -> dict[str, Any]:
        """The tape as JSON-ready data; the schema is in docs/tape.md."""
        data = {key: value for key, value in asdict(self).items() if key != "_by_id"}
        data["inputs"] = dict(self.inputs)
        for edge in data["edges"]:
            edge["from"], edge["to"] = edge.pop("source"), edge.pop("target")
        return data

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Tape:
        """The inverse of `to_dict`."""
        if data.get("version") != SCHEMA_VERSION:
            raise RecordingError(
                f"this tape has schema version {data.get('version')!r}",
                hint=f"This gradreel reads version {SCHEMA_VERSION}; record the program again.",
            )
        return cls(
            program=data["program"],
            inputs={name: _frozen(value) for name, value in data["inputs"].items()},
            ops=tuple(Op(**_tuples(row)) for row in data["ops"]),
            edges=tuple(Edge(**_renamed_edge(row)) for row in data["edges"]),
            steps=tuple(Step(**_tuples(row)) for row in data["steps"]),
            grads=tuple(LeafGrad(**_tuples(row)) for row in data["grads"]),
        )

    def to_json(self) -> str:
        """The tape as one JSON document; NaN and infinities are written as JavaScript has them."""
        return json.dumps(self.to_dict(), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Tape:
        """The inverse of `to_json`."""
        return cls.from_dict(json.loads(text))

    def __iter__(self) -> Iterator[Op]:
        return iter(self.ops)


def _scalar(value: Value | None, source: str, name: str) -> Quantity:
    if not isinstance(value, (int, float)):
        raise RecordingError(f"{source} is not a single number", hint="Ask for one of its elements.")
    return Quantity(value, source, name)


def _frozen(value: Any) -> Any:
    return tuple(_frozen(item) for item in value) if isinstance(value, (list, tuple)) else value


def _tuples(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _frozen(value) for key, value in row.items()}


def _renamed_edge(row: Mapping[str, Any]) -> dict[str, Any]:
    fields = _tuples(row)
    fields["source"], fields["target"] = fields.pop("from"), fields.pop("to")
    return fields
