"""Whether the part in C has been built, and from the sources that are here now."""

from __future__ import annotations

import hashlib
from importlib.util import find_spec
from pathlib import Path

MODULE = "deltarender._native"
HINT = "Install the package again: pip install . (in a checkout: make setup)."
_SOURCES = Path(__file__).parent / "_native"


def digest() -> str:
    """One digest for all sources in C; whatever is built from them has it within."""
    total = hashlib.sha256()
    for path in sorted(p for p in _SOURCES.rglob("*") if p.suffix in (".c", ".h")):
        total.update(path.name.encode() + b"\0" + path.read_bytes())
    return total.hexdigest()


def build_problem() -> str:
    """What is wrong with the part in C, in words; "" if nothing is."""
    spec = find_spec(MODULE)
    if spec is None or spec.origin is None:
        return "the C extension of the renderer has not been built"
    if digest().encode() not in Path(spec.origin).read_bytes():
        return "the C extension of the renderer was built from other sources"
    return ""
