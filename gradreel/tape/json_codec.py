"""Converts a tape to JSON-ready data and back.

JSON has no NaN and no infinity: they are written as the strings "NaN", "Infinity" and "-Infinity".
What is read is checked field by field, so that a damaged document is one error that names the
place, such as `ops[3].inputs[0]`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any, NoReturn

from gradreel.errors import RecordingError
from gradreel.tape import records
from gradreel.tape.records import Op, Recorded, Summary

if TYPE_CHECKING:
    from gradreel.tape.tape import Tape

SCHEMA_VERSION = 1

_TABLES: dict[str, type] = {
    "ops": Op,
    "edges": records.Edge,
    "steps": records.Step,
    "grads": records.LeafGrad,
    "seeds": records.Seed,
    "hooks": records.HookCall,
    "module_calls": records.ModuleCall,
    "exits": records.Exit,
}
# Older documents of version 1 do not have them; some are left out where they are empty.
_OPTIONAL_TABLES = ("seeds", "hooks", "module_calls", "exits", "notes")
_LEFT_OUT = ("module_calls", "exits")
_COLUMNS = {table: [field.name for field in fields(kind)] for table, kind in _TABLES.items()}
_OPTIONAL = {"dtype", "call", "line", "module"}  # Op has defaults for them
_KEY_OF_FIELD = {"source": "from", "target": "to"}
_NON_FINITE = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
_REFERENCES = {
    "ops": ("inputs",), "edges": ("from", "to"), "steps": ("op",), "grads": ("leaf",),
    "seeds": ("op",), "hooks": ("op",), "module_calls": ("ops",), "exits": ("op",),
}  # fmt: skip


def to_data(tape: Tape) -> dict[str, Any]:
    """The tape as dicts, lists, numbers and strings; the schema is in docs/tape.md."""
    data: dict[str, Any] = {
        "version": tape.version,
        "program": tape.program,
        "inputs": {name: _encode(value) for name, value in tape.inputs.items()},
    }
    for table, columns in _COLUMNS.items():
        data[table] = [
            {_KEY_OF_FIELD.get(name, name): _encode(getattr(row, name)) for name in columns}
            for row in getattr(tape, table)
        ]
    for table in _LEFT_OUT:
        if not data[table]:
            del data[table]
    data["notes"] = list(tape.notes)
    return data


def parse_json(text: str | bytes) -> Any:
    """The JSON document `text`; raises RecordingError if it is not valid JSON."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise RecordingError(f"this is not valid JSON: {reason}") from None


def from_data(data: Any) -> dict[str, Any]:
    """The arguments of Tape.

    Raises RecordingError, with the place, for another schema version or a damaged document.
    """
    document = _object(data, "the document")
    version = document.get("version")
    if type(version) is not int or version != SCHEMA_VERSION:
        raise RecordingError(
            f"this tape has schema version {_short(version)}",
            hint=f"This gradreel reads version {SCHEMA_VERSION}; record the program again.",
        )
    _check_keys(
        document,
        ("version", "program", "inputs", *_TABLES, "notes"),
        _OPTIONAL_TABLES,
        "the document",
    )
    inputs = _object(document["inputs"], "inputs")
    arguments: dict[str, Any] = {
        "program": _text(document["program"], "program"),
        "inputs": {name: _value(value, f"inputs.{name}") for name, value in inputs.items()},
        "notes": _tuple_of(_text)(document.get("notes", ()), "notes"),
    }
    for table in _TABLES:
        rows = _array(document.get(table, ()), table)
        arguments[table] = tuple(
            _decode_row(table, row, f"{table}[{k}]") for k, row in enumerate(rows)
        )
    _check_references(document)
    for k, op in enumerate(arguments["ops"]):
        if op.value is not None and not _has_shape(op.value, op.shape):
            raise _damaged(f"ops[{k}].value", f"does not have the shape {op.shape}")
    return arguments


def _decode_row(table: str, data: Any, where: str) -> Any:
    row = _object(data, where)
    keys = {_KEY_OF_FIELD.get(name, name): name for name in _COLUMNS[table]}
    _check_keys(row, keys, _OPTIONAL, where)
    return _TABLES[table](
        **{
            keys[key]: _reader(table, keys[key])(value, f"{where}.{key}")
            for key, value in row.items()
        }
    )


def _reader(table: str, field: str) -> Callable[[Any, str], Any]:
    # An edge that no pass used belongs to no pass; every other row belongs to one.
    return _count if field == "backward" and table != "edges" else _READERS[field]


def _check_keys(
    row: Mapping[str, Any], keys: Iterable[str], optional: Iterable[str], where: str
) -> None:
    names = list(keys)
    for key in row:
        if key not in names:
            raise _damaged(where, f"has a field {_short(key)} that tapes do not have", names)
    for key in names:
        if key not in row and key not in optional:
            raise _damaged(where, f"has no {key}")


def _check_references(document: Mapping[str, Any]) -> None:
    """Raise RecordingError for an id that two ops have, or that no op has."""
    ids: set[str] = set()
    for k, op in enumerate(document["ops"]):
        if op["id"] in ids:
            raise _damaged(f"ops[{k}].id", f"is {op['id']!r}, as another op's")
        ids.add(op["id"])
    for table, keys in _REFERENCES.items():
        for k, row in enumerate(document.get(table, ())):
            for key in keys:
                named = row[key] if isinstance(row[key], list) else [row[key]]
                if missing := [name for name in named if name not in ids]:
                    raise _damaged(f"{table}[{k}].{key}", f"is {missing[0]!r}, which no op is")


def _has_shape(value: Recorded, shape: tuple[int, ...]) -> bool:
    if isinstance(value, Summary):
        return value.shape == shape
    if not isinstance(value, tuple):
        return shape == ()
    return shape[:1] == (len(value),) and all(_has_shape(item, shape[1:]) for item in value)


# -- fields ----------------------------------------------------------------------------------


def _object(value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        _mismatch(value, where, "an object")
    return value


def _array(value: Any, where: str) -> list[Any] | tuple[Any, ...]:
    if not isinstance(value, (list, tuple)):
        _mismatch(value, where, "a list")
    return value


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str):
        _mismatch(value, where, "a text")
    return value


def _boolean(value: Any, where: str) -> bool:
    if not isinstance(value, bool):
        _mismatch(value, where, "true or false")
    return value


def _count(value: Any, where: str) -> int:
    if type(value) is not int or value < 0:
        _mismatch(value, where, "a whole number from 0")
    return value


def _value(value: Any, where: str) -> Any:
    """A number, a string for a non-finite one, or a list of such: nested tuples of floats."""
    if isinstance(value, (list, tuple)):
        try:
            return tuple(_value(item, f"{where}[{k}]") for k, item in enumerate(value))
        except RecursionError:
            raise _damaged(where, "is nested too deeply") from None
    if type(value) in (int, float):
        try:
            return float(value)
        except OverflowError:
            raise _damaged(where, "is larger than any float") from None
    if isinstance(value, str) and value in _NON_FINITE:
        return _NON_FINITE[value]
    _mismatch(value, where, "a number or a list of numbers")


def _recorded(value: Any, where: str) -> Any:
    """Numbers as in `_value`, or the summary of a tensor."""
    if not isinstance(value, Mapping):
        return _value(value, where)
    names = [field.name for field in fields(Summary)]
    _check_keys(value, names, (), where)
    return Summary(
        _text(value["kind"], f"{where}.kind"),
        tuple(_count(side, f"{where}.shape") for side in _array(value["shape"], f"{where}.shape")),
        _number(value["norm"], f"{where}.norm"),
        _number(value["low"], f"{where}.low"),
        _number(value["high"], f"{where}.high"),
        _value(value["sample"], f"{where}.sample"),
    )


def _number(value: Any, where: str) -> float:
    number = _value(value, where)
    if not isinstance(number, float):
        _mismatch(value, where, "a number")
    return number


def _optional(read: Callable[[Any, str], Any]) -> Callable[[Any, str], Any]:
    return lambda value, where: None if value is None else read(value, where)


def _tuple_of(read: Callable[[Any, str], Any]) -> Callable[[Any, str], Any]:
    return lambda value, where: tuple(
        read(item, f"{where}[{k}]") for k, item in enumerate(_array(value, where))
    )


_READERS: dict[str, Callable[[Any, str], Any]] = {
    **dict.fromkeys(
        ("id", "name", "op", "dtype", "call", "module", "source", "target", "node", "leaf", "kind",
         "path"), _text,
    ),
    **dict.fromkeys(("value", "contribution", "gradient", "before", "after"), _optional(_recorded)),
    "local": _optional(_number),
    **dict.fromkeys(("is_leaf", "requires_grad"), _boolean),
    **dict.fromkeys(("slot", "order", "parent", "parameters"), _count),
    **dict.fromkeys(("line", "backward"), _optional(_count)),
    **dict.fromkeys(("inputs", "ops"), _tuple_of(_text)),
    "shape": _tuple_of(_count),
    "grad_fn": _optional(_text),
}  # fmt: skip


def _mismatch(value: Any, where: str, expected: str) -> NoReturn:
    raise _damaged(where, f"is {_short(value)}; {expected} is expected")


def _damaged(where: str, what: str, valid: Iterable[str] = ()) -> RecordingError:
    return RecordingError(
        f"this is not a tape: {where} {what}.",
        hint="docs/tape.md describes the fields of a tape.",
        valid=valid,
    )


def _short(value: Any) -> str:
    """A value as text of at most 60 characters, for a message."""
    try:
        text = repr(value)
    except (RecursionError, ValueError):  # a nested list, or an integer of too many digits
        return f"a {type(value).__name__}"
    return text if len(text) <= 60 else text[:60] + "…"


def _encode(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_encode(item) for item in value]
    if isinstance(value, Summary):
        return {field.name: _encode(getattr(value, field.name)) for field in fields(Summary)}
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value
