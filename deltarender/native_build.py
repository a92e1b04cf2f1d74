"""Checks that the C extension is built, and from the C sources that are installed.

`setup.py` runs this file by itself, so it imports nothing of this package.
"""

from __future__ import annotations

import hashlib
from importlib.metadata import packages_distributions
from importlib.util import find_spec
from pathlib import Path

MODULE = "deltarender._native"
_SOURCES = Path(__file__).parent / "_native"


def build_hint() -> str:
    """How the extension is built: by make in a checkout, else by pip."""
    command = "make setup"
    if not (Path(__file__).parents[1] / "Makefile").is_file():
        package = MODULE.partition(".")[0]
        (distribution, *_) = packages_distributions().get(package, [package])
        command = f"pip install --force-reinstall --no-deps {distribution}"
    return f"Install the package again, which builds it: {command}"


def source_digest() -> str:
    """The SHA-256 digest of all C sources, in hexadecimal; the extension contains it as text."""
    total = hashlib.sha256()
    for path in sorted(p for p in _SOURCES.rglob("*") if p.suffix in (".c", ".h")):
        name = path.relative_to(_SOURCES).as_posix()
        total.update(name.encode() + b"\0" + path.read_bytes())
    return total.hexdigest()


def build_problem() -> str:
    """What is wrong with the C extension, in words; "" if it can be used."""
    spec = find_spec(MODULE)
    if spec is None or spec.origin is None:
        return "the C extension of the renderer has not been built"
    if source_digest().encode() not in Path(spec.origin).read_bytes():
        return "the C extension of the renderer was built from other sources"
    return ""
