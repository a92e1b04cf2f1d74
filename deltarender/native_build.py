"""Checks that the C extension has been built from the present sources."""

from __future__ import annotations

import hashlib
from importlib.util import find_spec
from pathlib import Path

MODULE = "deltarender._native"
HINT = "Install the package again: pip install . (in a checkout: make setup)."
_SOURCES = Path(__file__).parent / "_native"


def source_digest() -> str:
    """SHA-256 of the names and contents of all C sources; the extension contains it as a string."""
    total = hashlib.sha256()
    for path in sorted(p for p in _SOURCES.rglob("*") if p.suffix in (".c", ".h")):
        name = path.relative_to(_SOURCES).as_posix()
        total.update(name.encode() + b"\0" + path.read_bytes())
    return total.hexdigest()


def build_problem() -> str:
    """Why the C extension cannot be used; "" if it can. Does not load it."""
    spec = find_spec(MODULE)
    if spec is None or spec.origin is None:
        return "the renderer's C extension has not been built"
    if source_digest().encode() not in Path(spec.origin).read_bytes():
        return "the renderer's C extension was built from other sources"
    return ""
