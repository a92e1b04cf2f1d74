"""Converts a tape to JSON-ready data and back.

JSON has no NaN and no infinity: they are written as the strings "NaN", "Infinity" and "-Infinity".
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from gradreel.errors import RecordingError
from gradreel.tape.records import Edge, HookCall, LeafGrad, Op, Seed, Step

if TYPE_CHECKING:
    from gradreel.tape.tape import Tape

SCHEMA_VERSION = 1

_NUMERIC_FIELDS = ("value", "gradient", "before", "after", "local", "contribution")
_TABLES: dict[str, type] = {
    "ops": Op,
    "edges": Edge,
    "steps": Step,
    "grads": LeafGrad,
    "seeds": Seed,
    "hooks": HookCall,
}
_OPTIONAL_TABLES = ("seeds", "hooks")  # a document of an older version 1 has none
_COLUMNS = {table: [field.name for field in fields(kind)] for table, kind in _TABLES.items()}
_KEY_OF_FIELD = {"source": "from", "target": "to"}
_FIELD_OF_KEY = {key: name for name, key in _KEY_OF_FIELD.items()}


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
    return data


def from_data(data: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of Tape.

    Raises RecordingError for another schema version or a damaged document.
    """
    if data.get("version") != SCHEMA_VERSION:
        raise RecordingError(
            f"this tape has schema version {data.get('version')!r}",
            hint=f"This gradreel reads version {SCHEMA_VERSION}; record the program again.",
        )
    try:
        arguments: dict[str, Any] = {
            "program": data["program"],
            "inputs": {name: _decode_numbers(value) for name, value in data["inputs"].items()},
        }
        for table, kind in _TABLES.items():
            rows = data.get(table, ()) if table in _OPTIONAL_TABLES else data[table]
            arguments[table] = tuple(_decode_row(kind, row) for row in rows)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise RecordingError(
            f"this is not a tape: {type(error).__name__} {error}",
            hint="docs/tape.md describes the fields of a tape.",
        ) from error
    return arguments


def _decode_row(kind: type, row: Mapping[str, Any]) -> Any:
    return kind(
        **{
            _FIELD_OF_KEY.get(key, key): (
                _decode_numbers(value) if key in _NUMERIC_FIELDS else _as_tuple(value)
            )
            for key, value in row.items()
        }
    )


def _encode(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_encode(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value


def _decode_numbers(value: Any) -> Any:
    """Nested lists of numbers, or of the strings for non-finite ones, as nested tuples."""
    if isinstance(value, (list, tuple)):
        return tuple(_decode_numbers(item) for item in value)
    return None if value is None else float(value)


def _as_tuple(value: Any) -> Any:
    return tuple(_as_tuple(item) for item in value) if isinstance(value, list) else value
