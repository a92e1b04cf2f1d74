"""Whether an updater takes dt, found once for each function.

Manim looks at the signature of every updater in every frame; that takes longer than most updaters.
A function's parameters do not change, so the answer is kept for as long as the function lives.
"""

from __future__ import annotations

import inspect
from types import FunctionType
from typing import Any
from weakref import WeakKeyDictionary

from manim.mobject import mobject

_known: WeakKeyDictionary[Any, inspect.Signature] = WeakKeyDictionary()


def install() -> None:
    """Let Manim's mobjects ask here."""
    vars(mobject)["inspect"] = _Inspect()


class _Inspect:
    """The module inspect, with a memory for the signatures of plain functions."""

    def __getattr__(self, name: str) -> Any:
        return getattr(inspect, name)

    def signature(self, function: Any, **options: Any) -> inspect.Signature:
        """As inspect.signature."""
        if type(function) is not FunctionType or options or hasattr(function, "__signature__"):
            return inspect.signature(function, **options)
        found = _known.get(function)
        if found is None:
            found = _known[function] = inspect.signature(function)
        return found
