"""Scene classes of a lecture: beats with captions, code walkthroughs, backward passes.

    from gradreel.lecture import LectureScene

The classes are imported on first use: the walkthrough alone needs the modules that draw a trace.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gradreel.lecture.backprop_scene import BackpropScene
    from gradreel.lecture.beat import Beat
    from gradreel.lecture.lecture_scene import LectureScene
    from gradreel.lecture.walkthrough_scene import CodeWalkthroughScene

__all__ = ["BackpropScene", "Beat", "CodeWalkthroughScene", "LectureScene"]

_MODULES = {
    "BackpropScene": "backprop_scene",
    "Beat": "beat",
    "CodeWalkthroughScene": "walkthrough_scene",
    "LectureScene": "lecture_scene",
}


def __getattr__(name: str) -> Any:
    """Import a class of this package on first use."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
