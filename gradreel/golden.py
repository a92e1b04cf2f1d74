"""The numbers of every scene, kept on file: a test of scenes that needs no rendering.

`check` tells each difference by scene, beat and number; `update` writes the file anew.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from deltarender.atomic_files import as_json, atomic_write, ensure_writable
from gradreel.errors import UsageError

FOLDER = Path("tests") / "golden"
RELATIVE, ABSOLUTE = 1e-9, 1e-12


def extract_values(score: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a scene's score that the golden file keeps: all but times and captions."""
    return {
        "scene": score["scene"],
        "inputs": score["inputs"],
        "beats": [
            {"name": beat["name"], "numbers": beat["numbers"]} for beat in score["beats"]
        ],
        "tape": score["tape"],
    }  # fmt: skip


def find_differences(name: str, values: Mapping[str, Any], folder: Path = FOLDER) -> list[str]:
    """What differs between `values` and the golden file `name`, one sentence a difference."""
    path = folder / f"{name}.json"
    try:
        golden = json.loads(path.read_text())
    except FileNotFoundError:
        return [f"{name}: there is no {path}; write it with: values {name} --update"]
    except ValueError as error:
        return [f"{name}: {path} is no JSON ({error}); write it anew with: values {name} --update"]
    # Through JSON once, so that tuples and non-finite numbers read as they do in the file.
    return list(_differences(golden, json.loads(json.dumps(_lasting(values))), name))


def write_golden_file(name: str, values: Mapping[str, Any], folder: Path = FOLDER) -> Path:
    """Write the golden file `name`, whole or not at all; gives its path."""
    path = check_golden_path(name, folder)
    ensure_writable(folder)
    atomic_write(path, as_json(_lasting(values)))
    return path


def check_golden_path(name: str, folder: Path = FOLDER) -> Path:
    """The path of a golden file. Raises UsageError if something else is there."""
    path = folder / f"{name}.json"
    if os.path.lexists(path) and not _is_golden(path):
        raise UsageError(
            "it is not a golden file and would be replaced.", where=str(path), hint="Move it away."
        )
    return path


def _is_golden(path: Path) -> bool:
    """Whether a golden file is there, by what it holds: no record travels with a repository."""
    if path.is_symlink() or not path.is_file():
        return False
    try:
        found = json.loads(path.read_text())
    except (OSError, ValueError):
        return False
    return isinstance(found, dict) and {"scene", "inputs", "beats", "tape"} <= found.keys()


def _lasting(values: Mapping[str, Any]) -> dict[str, Any]:
    """`values` without the lines of a program's steps: one more import would move them all."""
    tape = values["tape"]
    if tape is not None:
        ops = [{key: op[key] for key in op if key != "line"} for op in tape["ops"]]
        tape = {**tape, "ops": ops}
    return {**values, "tape": tape}


def _differences(golden: Any, now: Any, where: str) -> Iterator[str]:
    if isinstance(golden, dict) and isinstance(now, dict):
        for key in dict.fromkeys([*golden, *now]):
            yield from _of_key(golden, now, key, where)
    elif isinstance(golden, list) and isinstance(now, list):
        yield from _of_lists(golden, now, where)
    elif not _same(golden, now):
        yield f"{where}: {now!r} instead of {golden!r}"


def _of_key(golden: dict[str, Any], now: dict[str, Any], key: str, where: str) -> Iterator[str]:
    place = where if key in ("beats", "numbers") else f"{where}, {key}"
    if key not in golden:
        yield f"{place}: new"
    elif key not in now:
        yield f"{place}: gone"
    else:
        yield from _differences(golden[key], now[key], place)


def _of_lists(golden: list[Any], now: list[Any], where: str) -> Iterator[str]:
    if len(golden) != len(now):
        yield f"{where}: {len(now)} entries instead of {len(golden)}"
    for index, (old, new) in enumerate(zip(golden, now, strict=False)):
        yield from _differences(old, new, f"{where}, {_name_of(old, index)}")


def _name_of(row: Any, index: int) -> str:
    """An entry by its name where it has one: a beat, a number, an op of the tape."""
    if isinstance(row, dict):
        if "numbers" in row:
            return f"beat {row['name']!r}"
        if "text" in row:
            return f"number {index + 1} ({row.get('source', '')})"
        if row.get("id") or row.get("name"):
            return str(row.get("id") or row["name"])
    return f"entry {index + 1}"


def _same(golden: Any, now: Any) -> bool:
    numbers = all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in (golden, now))
    if not numbers:
        return type(golden) is type(now) and bool(golden == now)
    if math.isnan(golden) or math.isnan(now):
        return math.isnan(golden) and math.isnan(now)
    return math.isclose(golden, now, rel_tol=RELATIVE, abs_tol=ABSOLUTE)
