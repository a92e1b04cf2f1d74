"""ScriptTrace: the events, variables, calls, output and backward passes of one run of a script.

It holds no tensor and imports the standard library and gradreel.tape alone, so that a trace written
as JSON can be drawn later. Lines are counted as they are shown: without the notes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from gradreel.errors import RecordingError, unknown_name
from gradreel.tape import Quantity, Summary, Tape, Value
from gradreel.trace.script import Note, Statement

SCHEMA_VERSION = 2

EventKind = Literal["line", "call", "return"]


@dataclass(frozen=True, slots=True)
class Variable:
    """One name and its value; for a tensor also its autograd attributes.

    `kind` is the type ("Tensor", "float", "SGD"), `text` a short form for the screen, `value` the
    numbers (None for other objects), `shape` None unless it is a tensor. Of a large, sparse or
    complex tensor `summary` is set instead of the value, and `grad_summary` instead of `grad`. Both
    `grad` and `grad_summary` are None where PyTorch has None.
    """

    name: str
    kind: str
    text: str
    value: Value | None = None
    dtype: str = ""
    shape: tuple[int, ...] | None = None
    requires_grad: bool = False
    is_leaf: bool = False
    grad_fn: str | None = None
    grad: Value | None = None
    summary: Summary | None = None
    grad_summary: Summary | None = None

    @property
    def has_grad(self) -> bool:
        """Whether the variable is a tensor whose `.grad` is not None."""
        return self.grad is not None or self.grad_summary is not None

    @property
    def is_tensor(self) -> bool:
        """Whether the variable is a tensor, so that the autograd attributes are set."""
        return self.shape is not None


@dataclass(frozen=True, slots=True)
class LoopIteration:
    """One iteration of a loop: `line` is the head of the loop, `number` counts from 1."""

    line: int
    number: int


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a function of the script; number 0 is the script itself."""

    number: int
    function: str
    caller: int | None
    line: int
    depth: int


@dataclass(frozen=True, slots=True)
class TraceEvent:
    """One executed statement and its effects, or the start or end of a call.

    `iterations` are the iterations of the loops around it, from the outside in. `changed` are the
    variables of the same call that are new or different, `deleted` the names that are gone.
    `backward` are the numbers of the passes that ran here, `raised` an exception that passed
    through, `returned` the result at a call's end. `loop_ended` is true where the head of a loop
    found that there was no further iteration.
    """

    kind: EventKind
    line: int
    call: int
    iterations: tuple[LoopIteration, ...] = ()
    changed: tuple[Variable, ...] = ()
    deleted: tuple[str, ...] = ()
    printed: str = ""
    backward: tuple[int, ...] = ()
    raised: str = ""
    returned: Variable | None = None
    loop_ended: bool = False


@dataclass(frozen=True, slots=True)
class ScriptError:
    """The exception that ended the script; `kind` is its type."""

    line: int
    kind: str
    message: str


@dataclass(frozen=True, slots=True)
class ScriptTrace:
    """A whole run. `lines` is the source as shown; `passes` are the backward passes, from 1.

    `final` are the script's own variables at its end, `error` the exception that ended it, and
    `skipped_seconds` the time for which it wanted to sleep.
    """

    script: str
    lines: tuple[str, ...]
    statements: tuple[Statement, ...]
    notes: tuple[Note, ...]
    calls: tuple[Call, ...]
    events: tuple[TraceEvent, ...]
    passes: Mapping[int, Tape]
    final: tuple[Variable, ...]
    error: ScriptError | None = None
    skipped_seconds: float = 0.0
    version: int = SCHEMA_VERSION

    @property
    def printed(self) -> str:
        """All output of the script."""
        return "".join(event.printed for event in self.events)

    def statement_at(self, line: int) -> Statement:
        """The statement that begins at a line; RecordingError if none does."""
        for statement in self.statements:
            if statement.line == line:
                return statement
        raise RecordingError(f"no statement begins at line {line}", where=self.script)

    def states(self) -> Iterator[dict[int, dict[str, Variable]]]:
        """After each event: the variables of every open call, by call number and name."""
        scopes: dict[int, dict[str, Variable]] = {0: {}}
        for event in self.events:
            scope = scopes.setdefault(event.call, {})
            scope.update({variable.name: variable for variable in event.changed})
            for name in event.deleted:
                scope.pop(name, None)
            if event.kind == "return":
                scopes.pop(event.call)
            yield {number: dict(names) for number, names in scopes.items()}

    def variables_after(self, number: int, call: int | None = None) -> dict[str, Variable]:
        """The variables of `call`, or of the event's own call, after event `number` (from 1)."""
        if not 1 <= number <= len(self.events):
            raise RecordingError(f"there is no event {number}; there are {len(self.events)}")
        shortened = replace(self, events=self.events[:number])
        state = list(shortened.states())[-1]
        return state.get(self.events[number - 1].call if call is None else call, {})

    def event_numbers(self, line: int) -> tuple[int, ...]:
        """The numbers (from 1) of the events after the statement of a line had run."""
        numbered = enumerate(self.events, start=1)
        return tuple(n for n, event in numbered if event.kind == "line" and event.line == line)

    def to_dict(self) -> dict[str, Any]:
        """The trace as JSON-ready data; the schema is in docs/codewalk.md."""
        data = asdict(replace(self, passes={}))
        data["passes"] = {str(number): tape.to_dict() for number, tape in self.passes.items()}
        return data

    def to_json(self) -> str:
        """The trace as one JSON document."""
        return json.dumps(self.to_dict(), ensure_ascii=False)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> ScriptTrace:
        """The inverse of `to_dict`; RecordingError for another schema version."""
        if data.get("version") != SCHEMA_VERSION:
            raise RecordingError(
                f"this script trace has schema version {data.get('version')!r}",
                hint=f"This gradreel reads version {SCHEMA_VERSION}; trace the script again.",
            )
        return cls(
            script=data["script"],
            lines=tuple(data["lines"]),
            statements=tuple(Statement(**_with_tuples(row)) for row in data["statements"]),
            notes=tuple(Note(**row) for row in data["notes"]),
            calls=tuple(Call(**row) for row in data["calls"]),
            events=tuple(_event(row) for row in data["events"]),
            passes={int(n): Tape.from_dict(tape) for n, tape in data["passes"].items()},
            final=tuple(Variable(**_with_tuples(row)) for row in data["final"]),
            error=ScriptError(**data["error"]) if data["error"] else None,
            skipped_seconds=data["skipped_seconds"],
        )

    @classmethod
    def from_json(cls, text: str) -> ScriptTrace:
        """The inverse of `to_json`."""
        return cls.from_dict(json.loads(text))


def quantity_of(
    variable: Variable, event: TraceEvent, *, grad: bool = False, index: tuple[int, ...] = ()
) -> Quantity:
    """One number of a variable after an event: of its value, or with `grad` of its .grad.

    Raises RecordingError if there is no such element, or if it is not a single number.
    """
    number: Value | None = variable.grad if grad else variable.value
    for position in index:
        if not isinstance(number, tuple) or not -len(number) <= position < len(number):
            raise RecordingError(f"{variable.name} has no element {list(index)}")
        number = number[position]
    brackets = "".join(f"[{position}]" for position in index)
    label = variable.name + (".grad" if grad else "") + brackets
    if not isinstance(number, (int, float)):
        raise RecordingError(f"{label} is not a single number", hint="Name one of its elements.")
    return Quantity(number, f"{label} {describe_position(event)}", label)


def norm_of(variable: Variable, event: TraceEvent, *, grad: bool = False) -> Quantity | None:
    """The norm of a tensor of which there is a summary, or with `grad` of its .grad."""
    summary = variable.grad_summary if grad else variable.summary
    if summary is None:
        return None
    label = variable.name + (".grad" if grad else "")
    return Quantity(summary.norm, f"norm of {label} {describe_position(event)}", f"|{label}|")


def describe_position(event: TraceEvent) -> str:
    """The position of an event in the run as text: "after line 7, iteration 2"."""
    iterations = "".join(f", iteration {one.number}" for one in event.iterations)
    return f"after line {event.line}{iterations}"


def find_variable(scope: Mapping[str, Variable], name: str, where: str) -> Variable:
    """A variable by name; raises a UsageError that lists the names there are."""
    if name in scope:
        return scope[name]
    raise unknown_name("variable at this line", name, scope, where=where)


def _event(row: Mapping[str, Any]) -> TraceEvent:
    fields = dict(row)
    fields["iterations"] = tuple(LoopIteration(**one) for one in row["iterations"])
    fields["changed"] = tuple(Variable(**_with_tuples(v)) for v in row["changed"])
    fields["deleted"], fields["backward"] = tuple(row["deleted"]), tuple(row["backward"])
    fields["returned"] = Variable(**_with_tuples(row["returned"])) if row["returned"] else None
    return TraceEvent(**fields)


def _with_tuples(row: Mapping[str, Any]) -> dict[str, Any]:
    fields = {key: _as_tuple(value) for key, value in row.items()}
    for key in ("summary", "grad_summary"):
        if fields.get(key) is not None:
            fields[key] = Summary(**_with_tuples(fields[key]))
    return fields


def _as_tuple(value: Any) -> Any:
    return tuple(_as_tuple(item) for item in value) if isinstance(value, (list, tuple)) else value
