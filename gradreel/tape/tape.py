"""Tape: the operations, edges, steps and gradients of a recorded program, with queries."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gradreel.errors import RecordingError, unknown_name
from gradreel.tape.explain import explain
from gradreel.tape.json_codec import SCHEMA_VERSION, from_data, parse_json, to_data
from gradreel.tape.quantity import Quantity
from gradreel.tape.records import (
    Edge,
    Exit,
    HookCall,
    LeafGrad,
    ModuleCall,
    Op,
    Recorded,
    Seed,
    Step,
    Summary,
    Value,
)
from gradreel.tape.value_text import only_number

Index = Sequence[int]
"""The index of an element of a tensor: one number per dimension; () for a scalar."""


@dataclass(frozen=True, slots=True)
class Tape:
    """A recorded run of a program. `inputs` are its numeric arguments, by name.

    `notes` are sentences about how the run differs from one without the recorder.
    """

    program: str
    inputs: Mapping[str, Value]
    ops: tuple[Op, ...]
    edges: tuple[Edge, ...] = ()
    steps: tuple[Step, ...] = ()
    grads: tuple[LeafGrad, ...] = ()
    seeds: tuple[Seed, ...] = ()
    hooks: tuple[HookCall, ...] = ()
    module_calls: tuple[ModuleCall, ...] = ()
    exits: tuple[Exit, ...] = ()
    notes: tuple[str, ...] = ()
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
        """Each edge of the graph once, regardless of how many passes used it."""
        unique: dict[tuple[str, str, int], Edge] = {}
        for edge in self.edges:
            unique.setdefault((edge.source, edge.target, edge.slot), edge)
        return tuple(unique.values())

    def incoming(self, op_id: str, backward: int = 1) -> tuple[Edge, ...]:
        """The edges along which contributions reached `op_id` in one pass."""
        return tuple(e for e in self.edges if e.target == op_id and e.backward == backward)

    def outgoing(self, op_id: str, backward: int = 1) -> tuple[Edge, ...]:
        """The edges along which `op_id` sent contributions in one pass."""
        return tuple(e for e in self.edges if e.source == op_id and e.backward == backward)

    def value(self, op_id: str, index: Index = ()) -> Quantity:
        """The forward value of a scalar op, or the element `index` of a tensor, such as (1, 0)."""
        label = self._label(op_id)
        return _number(self[op_id].value, label, label, index, self[op_id].dtype)

    def gradient(self, op_id: str, backward: int = 1, index: Index = ()) -> Quantity:
        """The gradient that the engine passed to `op_id` in one pass: the sum of contributions."""
        for step in self.backward(backward):
            if step.op == op_id:
                source = f"gradient at {self._label(op_id)} in backward {backward}"
                return _number(step.gradient, source, self._label(op_id), index, self[op_id].dtype)
        raise RecordingError(f"backward {backward} never reached {op_id!r}")

    def grad(self, leaf: str, backward: int = 1, index: Index = ()) -> Quantity | None:
        """`.grad` of a leaf after a pass; None where PyTorch has None."""
        for row in self.grads:
            if row.leaf == leaf and row.backward == backward:
                if row.after is None:
                    return None
                source = f"{self._label(leaf)}.grad after backward {backward}"
                name = f"{self._label(leaf)}.grad"
                return _number(row.after, source, name, index, self[leaf].dtype)
        raise RecordingError(f"{leaf!r} is not a leaf that backward {backward} could reach")

    def grad_before(self, leaf: str, backward: int = 1, index: Index = ()) -> Quantity | None:
        """`.grad` of a leaf before a pass; None where PyTorch has None, or where no row is."""
        for row in self.grads:
            if row.leaf == leaf and row.backward == backward and row.before is not None:
                source = f"{self._label(leaf)}.grad before backward {backward}"
                name = f"{self._label(leaf)}.grad"
                return _number(row.before, source, name, index, self[leaf].dtype)
        return None

    def has_grad_before(self, leaf: str, backward: int = 1) -> bool:
        """Whether a leaf had a `.grad` before a pass, which the pass adds to."""
        rows = (row for row in self.grads if (row.leaf, row.backward) == (leaf, backward))
        return any(row.before is not None for row in rows)

    def grad_added(self, leaf: str, backward: int = 1) -> Quantity | None:
        """`.grad` of a scalar leaf after a pass added to it, before the hooks that run then."""
        later = self.hooks_at(leaf, backward, "post_accumulate")
        return self.hook_number(later[0], after=False) if later else self.grad(leaf, backward)

    def starts_at(self, op_id: str, backward: int = 1) -> bool:
        """Whether a pass starts at `op_id`."""
        return any((seed.op, seed.backward) == (op_id, backward) for seed in self.seeds)

    def seed(self, op_id: str, backward: int = 1) -> Quantity | None:
        """The one number with which a pass starts at `op_id`; None if it does not start there so.

        A root that is given several times starts with their sum.
        """
        given = [s.gradient for s in self.seeds if (s.op, s.backward) == (op_id, backward)]
        numbers = [only_number(value) for value in given]
        if not numbers or None in numbers:
            return None
        label = self._label(op_id)
        return Quantity(
            sum(filter(None, numbers)), f"start of backward {backward} at {label}", label
        )

    def hooks_at(self, op_id: str, backward: int = 1, kind: str = "tensor") -> tuple[HookCall, ...]:
        """The calls of hooks on `op_id` in one pass, in their order."""
        key = (op_id, backward, kind)
        return tuple(h for h in self.hooks if (h.op, h.backward, h.kind) == key)

    def hook_number(self, hook: HookCall, *, after: bool, index: Index = ()) -> Quantity | None:
        """What a hook got, or with `after` what it made of it; None where that is None."""
        value = hook.after if after else hook.before
        if value is None:
            return None
        label, when = self._label(hook.op), "after" if after else "before"
        source = f"gradient at {label} {when} hook {hook.name} in backward {hook.backward}"
        return _number(value, source, label, index, self[hook.op].dtype)

    def local(self, edge: Edge) -> Quantity:
        """The local derivative on an edge between scalars."""
        name = f"d{self._label(edge.source)}/d{self._label(edge.target)}"
        source = f"{name} (local, input {edge.slot})"
        return _number(edge.local, source, name, dtype=self[edge.target].dtype)

    def contribution(self, edge: Edge, index: Index = ()) -> Quantity:
        """The gradient that the engine sent along an edge, or its element `index`."""
        name = f"{self._label(edge.source)} to {self._label(edge.target)}"
        source = f"sent from {name} in backward {edge.backward}"
        return _number(edge.contribution, source, name, index, self[edge.target].dtype)

    def _label(self, op_id: str) -> str:
        """The id where that is the name with a version, `y@2`; else the name, or the id."""
        name = self[op_id].name
        return name if name and op_id.partition("@")[0] != name else op_id

    def to_dict(self) -> dict[str, Any]:
        """The tape as JSON-ready data; the schema is in docs/tape.md."""
        return to_data(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Tape:
        """The inverse of `to_dict`; raises RecordingError, with the place, for other data."""
        return cls(**from_data(data))

    def to_json(self) -> str:
        """The tape as one strict JSON document."""
        return json.dumps(self.to_dict(), ensure_ascii=False, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> Tape:
        """The inverse of `to_json`; raises RecordingError for text that is not a tape."""
        return cls.from_dict(parse_json(text))

    def explain(self, title: str = "") -> str:
        """What autograd did, step by step, and which common mistakes it shows: as Markdown."""
        return explain(self, title)

    def __iter__(self) -> Iterator[Op]:
        return iter(self.ops)


def summary_numbers(summary: Summary, label: str) -> dict[str, Quantity]:
    """The numbers "norm", "low" and "high" of the summary of `label`, with their sources."""
    numbers = {"norm": summary.norm, "low": summary.low, "high": summary.high}
    words = {"norm": "norm of", "low": "smallest number of", "high": "largest number of"}
    return {key: Quantity(number, f"{words[key]} {label}", key) for key, number in numbers.items()}


def _number(
    value: Recorded | None, source: str, name: str, index: Index = (), dtype: str = ""
) -> Quantity:
    """The element `index` of `value` as a Quantity; RecordingError if there is no such number."""
    brackets = f"[{', '.join(str(number) for number in index)}]" if index else ""
    if value is None:
        raise RecordingError(
            f"{source} is not known", hint="Its numbers were gone before they could be read."
        )
    if isinstance(value, Summary):
        raise RecordingError(
            f"{source} has shape {list(value.shape)}: of a {value.kind} tensor a summary is kept.",
            hint="Its norm, range and sample are in the rows of the tape.",
        )
    for number in index:
        if not isinstance(value, tuple) or not -len(value) <= number < len(value):
            raise RecordingError(f"{source} has no element {brackets}")
        value = value[number]
    if isinstance(value, tuple):
        hint = "Ask for one of its elements by its index, such as (0, 1)."
        raise RecordingError(f"{source} is not a single number", hint=hint)
    return Quantity(value, source + brackets, name + brackets, dtype)
