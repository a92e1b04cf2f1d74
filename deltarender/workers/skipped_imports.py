"""What Manim imports and a worker does without.

Manim imports IPython to offer its magic in notebooks, where the kernel has loaded it already; a
worker is never a notebook, and IPython is a tenth of the time that `import manim` takes.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from typing import Any

SKIPPED = "IPython"


class _SkippingFinder(MetaPathFinder):
    """Says to the module `manim`, and to no other, that IPython is not installed."""

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> None:
        """Raise ModuleNotFoundError for what is skipped; leave the rest to other finders."""
        if fullname == SKIPPED and _importer() == "manim":
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)


def _importer() -> str:
    """The name of the module whose import is under way: the nearest frame outside importlib."""
    frame = sys._getframe(2)
    while frame.f_back and frame.f_globals.get("__name__", "").startswith("importlib"):
        frame = frame.f_back
    return str(frame.f_globals.get("__name__", ""))


@contextmanager
def manim_without_ipython() -> Iterator[None]:
    """While it lasts, `import manim` goes without IPython, as where that is not installed."""
    finder = _SkippingFinder()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
