"""Reads and writes golden files, one JSON document per scene."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deltarender.atomic_files import as_json, atomic_write, ensure_writable
from gradreel.errors import UsageError
from gradreel.golden.differences import Difference, Tolerance, compare

GOLDEN_DIR = Path("tests") / "golden"
DEFAULT_TOLERANCE = Tolerance()


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


def find_differences(
    name: str,
    values: Mapping[str, Any],
    folder: Path = GOLDEN_DIR,
    tolerance: Tolerance = DEFAULT_TOLERANCE,
) -> list[Difference] | None:
    """The differences of `values` from the golden file `name`; None if there is no such file.

    Raises UsageError for a file that is not a golden file.
    """
    golden = read_golden_file(folder / f"{name}.json")
    if golden is None:
        return None
    # A round trip through JSON makes tuples and non-finite numbers equal to those in the file.
    return compare(golden, json.loads(json.dumps(_without_lines(values))), tolerance)


def read_golden_file(path: Path) -> dict[str, Any] | None:
    """The document of a golden file, or None if there is no file. Raises UsageError."""
    if not os.path.lexists(path):
        return None
    try:
        return _parse(path)
    except (OSError, ValueError) as error:
        raise UsageError(
            f"this is not a golden file ({error}).", where=str(path),
            hint="Move it away, and let it be written again.",
        ) from None  # fmt: skip


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
    if path.is_symlink():
        return False
    try:
        return bool(_parse(path))
    except (OSError, ValueError):
        return False


def _parse(path: Path) -> dict[str, Any]:
    """The document of a golden file. Raises OSError, or ValueError for another kind of file."""
    data = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(data, dict):
        raise ValueError("it is not a JSON object")
    if missing := {"scene", "inputs", "beats", "tape"} - data.keys():
        raise ValueError(f"it has no {', '.join(sorted(missing))}")
    return data


def _without_lines(values: Mapping[str, Any]) -> dict[str, Any]:
    """`values` without the line numbers of ops, which change with every added import."""
    tape = values["tape"]
    if tape is not None:
        ops = [{key: op[key] for key in op if key != "line"} for op in tape["ops"]]
        tape = {**tape, "ops": ops}
    return {**values, "tape": tape}
