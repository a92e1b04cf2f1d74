"""How a user names a function of their own: `path.py:function`, or `path.py` if it holds one."""

from __future__ import annotations

import re
from pathlib import Path

from gradreel.errors import UsageError

_IN_FILE = re.compile(r"(?P<path>.+\.py)(?::(?P<name>\w*))?")


def parse_source_ref(text: str) -> tuple[Path, str] | None:
    """Path and name ("" if none is given), or None where the text names no file."""
    found = _IN_FILE.fullmatch(text.strip())
    return (Path(found["path"]), found["name"] or "") if found else None


def require_file(path: Path) -> Path:
    """The path itself; a UsageError that lists the files beside it if there is none."""
    if not path.is_file():
        near = sorted(str(file) for file in path.parent.glob("*.py"))[:20]
        raise UsageError(f"there is no file {path}.", hint="Give its path.", valid=near)
    return path
