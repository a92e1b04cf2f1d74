"""What a script did, written down: moments, variables, calls, printed output, backward passes.

A Recording holds no tensor and imports nothing but the standard library, so that one written as
JSON today can be drawn later. Lines are counted as they are shown: without the notes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from gradreel.errors import RecordingError, unknown_name
from gradreel.tape import Quantity, Tape, Value
from gradreel.trace.script import Note, Statement

SCHEMA_VERSION = 1

Kind = Literal["line", "call", "return"]


@dataclass(frozen=True, slots=True)
class Variable:
    """One name and what it held: for a tensor all that autograd knows of it.

    `kind` is the type ("Tensor", "float", "SGD"), `text` a short form for the screen, `value` the
    numbers (None for what is no number, and for large tensors), `shape` None for what is no tensor.
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

    @property
    def is_tensor(self) -> bool:
        """Whether autograd's fields mean anything here."""
        return self.shape is not None


@dataclass(frozen=True, slots=True)
class LoopIteration:
    """Which time round a loop: `line` is the loop's head, `iteration` counts from 1."""

    line: int
    iteration: int


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
    """One executed statement and what was different after it; or a call's beginning or end.

    `changed` are the variables of the same call that are new or different, `gone` those deleted.
    `backward` are the passes that ran here, `raised` an exception that passed through, `returned`
    the result at a call's end, `last` is true where a loop's head found nothing left to do.
    """

    kind: Kind
    line: int
    call: int
    turns: tuple[LoopIteration, ...] = ()
    changed: tuple[Variable, ...] = ()
    gone: tuple[str, ...] = ()
    printed: str = ""
    backward: tuple[int, ...] = ()
    raised: str = ""
    returned: Variable | None = None
    last: bool = False


@dataclass(frozen=True, slots=True)
class ScriptError:
    """The exception that ended the script."""

    line: int
    kind: str
    message: str


@dataclass(frozen=True, slots=True)
class ScriptTrace:
    """A whole run. `lines` is the source as shown; `passes` the backward passes by number, from 1.

    `final` are the script's own variables at its end; `skipped` the seconds it wanted to sleep.
    """

    script: str
    lines: tuple[str, ...]
    statements: tuple[Statement, ...]
    notes: tuple[Note, ...]
    calls: tuple[Call, ...]
    moments: tuple[TraceEvent, ...]
    passes: Mapping[int, Tape]
    final: tuple[Variable, ...]
    fault: ScriptError | None = None
    skipped: float = 0.0
    version: int = SCHEMA_VERSION

    @property
    def printed(self) -> str:
        """All that the script printed."""
        return "".join(moment.printed for moment in self.moments)

    def statement(self, line: int) -> Statement:
        """The statement that begins at a line."""
        for statement in self.statements:
            if statement.line == line:
                return statement
        raise RecordingError(f"no statement begins at line {line}", where=self.script)

    def states(self) -> Iterator[dict[int, dict[str, Variable]]]:
        """After each moment: the variables of every call that is open then, by call and name."""
        scopes: dict[int, dict[str, Variable]] = {0: {}}
        for moment in self.moments:
            scope = scopes.setdefault(moment.call, {})
            scope.update({variable.name: variable for variable in moment.changed})
            for name in moment.gone:
                scope.pop(name, None)
            if moment.kind == "return":
                scopes.pop(moment.call)
            yield {number: dict(names) for number, names in scopes.items()}

    def after(self, number: int, call: int | None = None) -> dict[str, Variable]:
        """The variables after moment `number` (from 1) of its own call, or of `call`."""
        if not 1 <= number <= len(self.moments):
            raise RecordingError(f"there is no moment {number}; there are {len(self.moments)}")
        upto = replace(self, moments=self.moments[:number])
        state = list(upto.states())[-1]
        return state.get(self.moments[number - 1].call if call is None else call, {})

    def moments_of(self, line: int) -> tuple[int, ...]:
        """The numbers of the moments at which the statement of a line had just run."""
        rows = enumerate(self.moments, start=1)
        return tuple(n for n, moment in rows if moment.kind == "line" and moment.line == line)

    def to_dict(self) -> dict[str, Any]:
        """The recording as JSON-ready data; the schema is in docs/codewalk.md."""
        data = asdict(replace(self, passes={}))
        data["passes"] = {str(number): tape.to_dict() for number, tape in self.passes.items()}
        return data

    def to_json(self) -> str:
        """The recording as one JSON document."""
        return json.dumps(self.to_dict(), ensure_ascii=False)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> ScriptTrace:
        """The inverse of `to_dict`."""
        if data.get("version") != SCHEMA_VERSION:
            raise RecordingError(
                f"this recording has schema version {data.get('version')!r}",
                hint=f"This gradreel reads version {SCHEMA_VERSION}; trace the script again.",
            )
        return cls(
            script=data["script"],
            lines=tuple(data["lines"]),
            statements=tuple(Statement(**_tuples(row)) for row in data["statements"]),
            notes=tuple(Note(**row) for row in data["notes"]),
            calls=tuple(Call(**row) for row in data["calls"]),
            moments=tuple(_moment(row) for row in data["moments"]),
            passes={int(n): Tape.from_dict(tape) for n, tape in data["passes"].items()},
            final=tuple(Variable(**_tuples(row)) for row in data["final"]),
            fault=ScriptError(**data["fault"]) if data["fault"] else None,
            skipped=data["skipped"],
        )

    @classmethod
    def from_json(cls, text: str) -> ScriptTrace:
        """The inverse of `to_json`."""
        return cls.from_dict(json.loads(text))


def number_of(
    variable: Variable, moment: TraceEvent, *, grad: bool = False, index: tuple[int, ...] = ()
) -> Quantity:
    """One number of a variable as it was after a moment: its value, or with `grad` its .grad."""
    found: Value | None = variable.grad if grad else variable.value
    for place in index:
        if not isinstance(found, tuple) or not -len(found) <= place < len(found):
            raise RecordingError(f"{variable.name} has no element {list(index)}")
        found = found[place]
    label = variable.name + (".grad" if grad else "") + "".join(f"[{place}]" for place in index)
    if not isinstance(found, (int, float)):
        raise RecordingError(f"{label} is not a single number", hint="Name one of its elements.")
    return Quantity(found, f"{label} {after_words(moment)}", label)


def after_words(moment: TraceEvent) -> str:
    """ "after line 7, iteration 2": where in the run a number was read."""
    turns = "".join(f", iteration {turn.iteration}" for turn in moment.turns)
    return f"after line {moment.line}{turns}"


def variable_named(scope: Mapping[str, Variable], name: str, where: str) -> Variable:
    """A variable by name; a UsageError lists what there is."""
    if name in scope:
        return scope[name]
    raise unknown_name("variable at this line", name, scope, where=where)


def _moment(row: Mapping[str, Any]) -> TraceEvent:
    fields = dict(row)
    fields["turns"] = tuple(LoopIteration(**turn) for turn in row["turns"])
    fields["changed"] = tuple(Variable(**_tuples(v)) for v in row["changed"])
    fields["gone"], fields["backward"] = tuple(row["gone"]), tuple(row["backward"])
    fields["returned"] = Variable(**_tuples(row["returned"])) if row["returned"] else None
    return TraceEvent(**fields)


def _tuples(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _frozen(value) for key, value in row.items()}


def _frozen(value: Any) -> Any:
    return tuple(_frozen(item) for item in value) if isinstance(value, (list, tuple)) else value
