"""Golden files: the numbers of every scene, for tests of scenes without rendering.

`find_differences` compares a scene with its file; `write_golden_file` replaces the file.
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

GOLDEN_DIR = Path("tests") / "golden"
REL_TOL, ABS_TOL = 1e-9, 1e-12


def extract_values(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a scene's manifest that its golden file holds: no times and no captions."""
    return {
        "scene": manifest["scene"],
        "inputs": manifest["inputs"],
        "beats": [
            {"name": beat["name"], "numbers": beat["numbers"]} for beat in manifest["beats"]
        ],
        "tape": manifest["tape"],
    }  # fmt: skip


def find_differences(name: str, values: Mapping[str, Any], folder: Path = GOLDEN_DIR) -> list[str]:
    """The differences of `values` from the golden file `name`, one sentence for each.

    Each says the scene, beat and number. Floats may differ by REL_TOL or ABS_TOL.
    """
    path = folder / f"{name}.json"
    try:
        golden = json.loads(path.read_text())
    except FileNotFoundError:
        return [f"{name}: there is no {path}; write it with: values {name} --update"]
    except ValueError as error:
        return [
            f"{name}: {path} is not valid JSON ({error}); rewrite it with: values {name} --update"
        ]
    # A round trip through JSON makes tuples and non-finite numbers equal to those in the file.
    return list(_compare(golden, json.loads(json.dumps(_without_lines(values))), name))


def write_golden_file(name: str, values: Mapping[str, Any], folder: Path = GOLDEN_DIR) -> Path:
    """Write the golden file `name` atomically and return its path."""
    path = check_golden_path(name, folder)
    ensure_writable(folder)
    atomic_write(path, as_json(_without_lines(values)))
    return path


def check_golden_path(name: str, folder: Path = GOLDEN_DIR) -> Path:
    """The path of the golden file `name`; raises UsageError if another kind of file is there."""
    path = folder / f"{name}.json"
    if os.path.lexists(path) and not _is_golden(path):
        raise UsageError(
            "it is not a golden file and would be replaced.", where=str(path), hint="Move it away."
        )
    return path


def _is_golden(path: Path) -> bool:
    """Whether `path` is a golden file, judged by its keys."""
    if path.is_symlink() or not path.is_file():
        return False
    try:
        data = json.loads(path.read_text())
    except (OSError, ValueError):
        return False
    return isinstance(data, dict) and {"scene", "inputs", "beats", "tape"} <= data.keys()


def _without_lines(values: Mapping[str, Any]) -> dict[str, Any]:
    """`values` without the line numbers of ops, which change with every added import."""
    tape = values["tape"]
    if tape is not None:
        ops = [{key: op[key] for key in op if key != "line"} for op in tape["ops"]]
        tape = {**tape, "ops": ops}
    return {**values, "tape": tape}


def _compare(golden: Any, now: Any, where: str) -> Iterator[str]:
    if isinstance(golden, dict) and isinstance(now, dict):
        for key in dict.fromkeys([*golden, *now]):
            yield from _compare_key(golden, now, key, where)
    elif isinstance(golden, list) and isinstance(now, list):
        yield from _compare_lists(golden, now, where)
    elif not _equal(golden, now):
        yield f"{where}: {now!r} instead of {golden!r}"


def _compare_key(
    golden: dict[str, Any], now: dict[str, Any], key: str, where: str
) -> Iterator[str]:
    path = where if key in ("beats", "numbers") else f"{where}, {key}"
    if key not in golden:
        yield f"{path}: new"
    elif key not in now:
        yield f"{path}: gone"
    else:
        yield from _compare(golden[key], now[key], path)


def _compare_lists(golden: list[Any], now: list[Any], where: str) -> Iterator[str]:
    if len(golden) != len(now):
        yield f"{where}: {len(now)} entries instead of {len(golden)}"
    for index, (old, new) in enumerate(zip(golden, now, strict=False)):
        yield from _compare(old, new, f"{where}, {_row_name(old, index)}")


def _row_name(row: Any, index: int) -> str:
    """A description of an entry: the name of a beat or an op, the number of other entries."""
    if isinstance(row, dict):
        if "numbers" in row:
            return f"beat {row['name']!r}"
        if "text" in row:
            return f"number {index + 1} ({row.get('source', '')})"
        if row.get("id") or row.get("name"):
            return str(row.get("id") or row["name"])
    return f"entry {index + 1}"


def _equal(golden: Any, now: Any) -> bool:
    numbers = all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in (golden, now))
    if not numbers:
        return type(golden) is type(now) and bool(golden == now)
    if math.isnan(golden) or math.isnan(now):
        return math.isnan(golden) and math.isnan(now)
    return math.isclose(golden, now, rel_tol=REL_TOL, abs_tol=ABS_TOL)
