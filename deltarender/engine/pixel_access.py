"""Whether a scene's code may write into the pixels of its camera.

Manim draws every frame anew and so erases what was written before. Here a frame keeps what did not
change, and writing to an array leaves no trace.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import CodeType, FunctionType, ModuleType
from typing import Any

PIXELS = "pixel_array"
OWNERS = {"camera", "renderer"}
_NOT_OF_SCENES = ("manim.", "deltarender.")


def may_write_pixels(scene_class: type) -> bool:
    """Whether a function of the modules that define a scene names its camera's pixels."""
    modules = {cls.__module__ for cls in scene_class.__mro__}
    for name in modules:
        module = sys.modules.get(name)
        if module is not None and not f"{name}.".startswith(_NOT_OF_SCENES):
            for function in _functions(module):
                names = set(_names(function.__code__))
                if PIXELS in names and names & OWNERS:
                    return True
    return False


def _functions(module: ModuleType) -> Iterator[FunctionType]:
    """The functions of a module and of its classes, and those that it imports from the project."""
    for value in list(vars(module).values()):
        members: list[Any] = list(vars(value).values()) if isinstance(value, type) else [value]
        for member in members:
            function = getattr(member, "__func__", member)
            is_function = isinstance(function, FunctionType)
            if is_function and not f"{function.__module__}.".startswith(_NOT_OF_SCENES):
                yield function


def _names(code: CodeType) -> Iterator[str]:
    """The attributes and globals that a function names, with those of functions inside it."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)
