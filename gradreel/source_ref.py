"""References to programs in a user's file: `path.py:name`, or `path.py` if it has only one."""

from __future__ import annotations

import re
from pathlib import Path

from gradreel.errors import UsageError

_PATTERN = re.compile(r"(?P<path>.+\.py)(?::(?P<name>\w*(?:\.\w+)*))?")


def parse_source_ref(text: str) -> tuple[Path, str] | None:
    """Path and function name ("" if there is none), or None if `text` does not name a file."""
    match = _PATTERN.fullmatch(text.strip())
    return (Path(match["path"]), match["name"] or "") if match else None


def require_file(path: Path) -> Path:
    """`path` itself; raises UsageError, with the Python files of its folder, if it is missing."""
    try:
        found, files = path.is_file(), sorted(str(file) for file in path.parent.glob("*.py"))[:20]
    except (OSError, ValueError) as error:  # a name of more than 255 bytes, or with a null byte
        raise UsageError(
            f"{str(path)[:80]} cannot be read: {error}.", hint="Give its path."
        ) from None
    if not found:
        raise UsageError(f"there is no file {path}.", hint="Give its path.", valid=files)
    return path
