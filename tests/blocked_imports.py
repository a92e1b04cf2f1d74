"""Makes packages look as if they were not installed, in a program and all its child processes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

# SciPy and svgelements, which the extra names too, are installed with Manim.
LECTURE_PACKAGES = ("torch", "pydantic", "grandalf", "sympy")

SITECUSTOMIZE = '''"""Written by a test: imports of some packages fail."""
import sys

BLOCKED = {packages!r}


class _Blocker:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name.partition(".")[0] in BLOCKED:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)


sys.meta_path.insert(0, _Blocker)
'''


def block_imports(folder: Path, packages: Sequence[str]) -> Path:
    """Write a `sitecustomize` that blocks `packages` to `folder`, which goes on PYTHONPATH."""
    (folder / "sitecustomize.py").write_text(SITECUSTOMIZE.format(packages=tuple(packages)))
    return folder
