"""A tape as JSON-ready data and back.

JSON has no NaN and no infinity: they are written as the texts "NaN", "Infinity" and "-Infinity".
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from gradreel.errors import RecordingError
from gradreel.tape.records import Edge, LeafGrad, Op, Step

if TYPE_CHECKING:
    from gradreel.tape.tape import Tape

SCHEMA_VERSION = 1

_NUMBERS = ("value", "gradient", "before", "after", "local", "contribution")
_TABLES: dict[str, type] = {"ops": Op, "edges": Edge, "steps": Step, "grads": LeafGrad}
_COLUMNS = {table: [field.name for field in fields(kind)] for table, kind in _TABLES.items()}
_WRITTEN_AS = {"source": "from", "target": "to"}
_READ_AS = {"from": "source", "to": "target"}


def to_data(tape: Tape) -> dict[str, Any]:
    """The tape as dicts, lists, numbers and texts; the schema is in docs/tape.md."""
    data: dict[str, Any] = {
        "version": tape.version,
        "program": tape.program,
        "inputs": {name: _written(value) for name, value in tape.inputs.items()},
    }
    for table, columns in _COLUMNS.items():
        data[table] = [
            {_WRITTEN_AS.get(name, name): _written(getattr(row, name)) for name in columns}
            for row in getattr(tape, table)
        ]
    return data


def from_data(data: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of Tape. Raises RecordingError for another version or a damaged document."""
    if data.get("version") != SCHEMA_VERSION:
        raise RecordingError(
            f"this tape has schema version {data.get('version')!r}",
            hint=f"This gradreel reads version {SCHEMA_VERSION}; record the program again.",
        )
    try:
        found: dict[str, Any] = {
            "program": data["program"],
            "inputs": {name: _read(value) for name, value in data["inputs"].items()},
        }
        for table, kind in _TABLES.items():
            found[table] = tuple(_row(kind, row) for row in data[table])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise RecordingError(
            f"this is no tape: {type(error).__name__} {error}",
            hint="docs/tape.md describes what one holds.",
        ) from error
    return found


def _row(kind: type, row: Mapping[str, Any]) -> Any:
    return kind(
        **{
            _READ_AS.get(name, name): _read(value) if name in _NUMBERS else _frozen(value)
            for name, value in row.items()
        }
    )


def _written(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_written(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value


def _read(value: Any) -> Any:
    """Numbers, or texts in the place of a number, in nested lists."""
    if isinstance(value, (list, tuple)):
        return tuple(_read(item) for item in value)
    return None if value is None else float(value)


def _frozen(value: Any) -> Any:
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value
