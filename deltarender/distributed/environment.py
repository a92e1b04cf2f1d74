"""What a machine draws with: versions, source code, fonts. Printed as JSON.

This file is sent to a worker as text and run by the worker's Python before anything else, so it
imports only the standard library at the top, and no other file of this project.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import json
import os
import platform
import sys
from collections.abc import Sequence
from pathlib import Path

SAMPLE = "Hamburgefonstiv 0123456789 ∂Σ→"


def environment_report(libraries: Sequence[str], packages: Sequence[str]) -> dict[str, str]:
    """Facts by name: two machines with the same facts draw the same frames.

    `libraries` are distributions whose versions matter, `packages` those whose source matters.
    """
    facts = {"python": platform.python_version(), "machine": platform.machine()}
    for name in libraries:
        try:
            facts[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            facts[name] = "absent"
    facts |= {f"code of {name}": code_digest(name) for name in packages}
    return {**facts, "fonts": fonts(), "manim.cfg at home": _home_settings()}


def code_digest(package: str) -> str:
    """One digest of all source files of a package, whatever folder it lies in."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.origin:
        return "absent"
    root = Path(spec.origin).parent
    suffixes = (".py", ".c", ".h", ".html", ".typ")
    paths = [
        Path(parent, name)
        for parent, _, names in os.walk(root, followlinks=True)
        for name in names
        if name.endswith(suffixes)
    ]
    total = hashlib.sha256()
    for path in sorted(paths):
        total.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return total.hexdigest()[:12]


def fonts() -> str:
    """One digest of the font families that Pango finds and of the outlines of a sample."""
    try:
        import manimpango

        families = "\n".join(sorted(manimpango.list_fonts()))
    except Exception as error:  # reported as a fact, whatever it is
        return f"unknown ({type(error).__name__})"
    return hashlib.sha256((families + _outlines()).encode()).hexdigest()[:12]


def _outlines() -> str:
    """A text in Pango's default font, as SVG: fonts of one name may differ."""
    import tempfile

    import manimpango

    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "sample.svg")
        manimpango.MarkupUtils.text2svg(
            SAMPLE, "", "NORMAL", "NORMAL", 48, 1, False, path, 0, 0, 1000, 100
        )
        return Path(path).read_text()


def _home_settings() -> str:
    """A digest of the user's own Manim settings."""
    try:
        raw = Path("~/.config/manim/manim.cfg").expanduser().read_bytes()
    except (OSError, RuntimeError):
        return "none"
    return hashlib.sha256(raw).hexdigest()[:12]


if __name__ == "__main__":
    print(json.dumps(environment_report(*json.loads(sys.argv[1]))))
