"""What a render depends on here: versions, the project's own code, fonts. As JSON on stdout.

This file is sent to a worker as text and run by the worker's Python before anything else is, so it
imports nothing beyond the standard library at the top and nothing of this project.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import json
import os
import platform
from pathlib import Path

LIBRARIES = (
    "manim", "torch", "numpy", "scipy", "typst", "av", "pycairo", "manimpango", "pillow",
    "pydantic", "grandalf", "skia-pathops", "svgelements", "mapbox-earcut", "distributed",
)  # fmt: skip
SAMPLE = "Hamburgefonstiv 0123456789 ∂Σ→"


def environment_report() -> dict[str, str]:
    """Facts by name; two machines with the same facts draw the same frames."""
    facts = {"python": platform.python_version(), "machine": platform.machine()}
    for name in LIBRARIES:
        try:
            facts[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            facts[name] = "absent"
    return {**facts, "gradreel": code(), "fonts": fonts(), "manim.cfg at home": _home_settings()}


def code() -> str:
    """One digest for all source files of the package, whatever folder it lies in."""
    spec = importlib.util.find_spec("gradreel")
    if spec is None or not spec.origin:
        return "absent"
    home = Path(spec.origin).parent
    total = hashlib.sha256()
    for path in sorted(
        p for p in home.rglob("*") if p.suffix in (".py", ".c", ".h", ".html", ".typ")
    ):
        total.update(path.relative_to(home).as_posix().encode() + b"\0" + path.read_bytes())
    return total.hexdigest()[:12]


def fonts() -> str:
    """The families Pango finds and the outlines of a sample, as one digest."""
    try:
        import manimpango

        families = "\n".join(sorted(manimpango.list_fonts()))
    except Exception as error:  # what is missing must be told, whatever it is
        return f"unknown ({type(error).__name__})"
    return hashlib.sha256((families + _outlines()).encode()).hexdigest()[:12]


def _outlines() -> str:
    """A text set by Pango in its default font, as SVG: the same name may hide another font."""
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
    print(json.dumps(environment_report()))
