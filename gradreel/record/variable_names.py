"""Which variable of the program holds which tensor, and which line is running.

Names are read out of the frames of the program while it runs: before each operation from the
innermost frame, and from every frame at the moment it returns. Frames of torch and of the standard
library are not the program's.
"""

from __future__ import annotations

import itertools
import linecache
import os
import sys
import sysconfig
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any, Self

import torch
from torch import Tensor, nn

from gradreel.record.value_nodes import ValueNode

_STRANGERS = tuple(
    os.path.join(os.path.realpath(path), "")
    for path in (
        os.path.dirname(torch.__file__),
        os.path.dirname(__file__),
        sysconfig.get_paths()["stdlib"],
        sysconfig.get_paths()["purelib"],
        sysconfig.get_paths()["platlib"],
    )
)
_BETWEEN = frozenset(
    source.__file__ or ""
    for source in (torch.overrides, torch.nn.functional, torch.functional, torch._tensor,
                   torch.autograd, torch._jit_internal)
)  # fmt: skip
_SHORT, _LONGEST = 32, 4096


class Names:
    """Binds variable names to entries; `find` gives the entry of a tensor, or None."""

    def __init__(self, find: Callable[[Tensor], ValueNode | None], modules: ModuleNames) -> None:
        self._find = find
        self._modules = modules
        self._depths: dict[FrameType, int] = {}
        self._seen_lists: dict[int, tuple[Any, int]] = {}
        self._previous: Any = None
        self._own: dict[str, bool] = {}
        self.program_file = ""

    def __enter__(self) -> Self:
        self._previous = sys.gettrace()
        sys.settrace(self._on_call)
        return self

    def __exit__(self, *_: object) -> None:
        sys.settrace(self._previous)
        self._depths.clear()

    def frame(self) -> FrameType | None:
        """The innermost frame of the program that is now running."""
        frame: FrameType | None = sys._getframe(1)
        while frame is not None and frame not in self._depths:
            frame = frame.f_back
        return frame

    def read(self, frame: FrameType | None) -> None:
        """Take the names that `frame` has for tensors and modules just now."""
        if frame is None:
            return
        depth = self._depths.get(frame, 0)
        for name, value in frame.f_locals.items():
            if isinstance(value, Tensor):
                self._bind(value, name, depth)
            elif isinstance(value, nn.Module) and name not in frame.f_code.co_varnames[:1]:
                # The first argument of a method calls every module by the same name, self.
                self._modules.add(value, name)
            elif isinstance(value, (list, tuple, dict)):
                self._read_items(name, value, depth)

    def find_module(self, module: nn.Module) -> None:
        """Learn the name that the program has for `module`: of a local, closure or global."""
        frame = self.frame()
        self.read(frame)
        if frame is None or self._modules.knows(module):
            return
        for name, value in frame.f_globals.items():
            if value is module:
                self._modules.add(module, name)
                return

    def is_written_by_program(self, frame: FrameType | None) -> bool:
        """Was a torch call made by the program itself, not by torch's own modules?

        `frame` made the call; torch.nn.functional and the like stand between and are passed over.
        """
        while frame is not None and frame.f_code.co_filename in _BETWEEN:
            frame = frame.f_back
        return frame is not None and frame in self._depths

    def _read_items(self, name: str, items: Any, depth: int) -> None:
        if len(items) > _LONGEST or name.startswith("."):
            return
        start = 0
        if len(items) > _SHORT:
            # A long list that grows in a loop is read on from where it ended, not from its start.
            held, done = self._seen_lists.get(id(items), (items, 0))
            start = done if held is items and done <= len(items) else 0
            self._seen_lists[id(items)] = (items, len(items))
        for label, value in _labelled(name, items, start):
            if isinstance(value, Tensor):
                self._bind(value, label, depth)

    def _bind(self, tensor: Tensor, name: str, depth: int) -> None:
        entry = self._find(tensor)
        # The outermost frame that holds a value knows best what it is called.
        if entry is not None and depth < entry.depth and not name.startswith("."):
            entry.name, entry.depth = name, depth

    def _on_call(self, frame: FrameType, event: str, _: object) -> Any:
        if not self._is_own(frame.f_code.co_filename):
            return None
        frame.f_trace_lines = False
        outer = frame.f_back
        while outer is not None and outer not in self._depths:
            outer = outer.f_back
        self._depths[frame] = 0 if outer is None else self._depths[outer] + 1
        return self._on_return

    def _on_return(self, frame: FrameType, event: str, _: object) -> Any:
        if event == "return":
            self.read(frame)
            self._depths.pop(frame, None)
        return self._on_return

    def _is_own(self, filename: str) -> bool:
        if filename not in self._own:
            known = filename == self.program_file
            if filename.startswith("<"):  # an interpreter's cell, a formula: not a namedtuple's
                known = known or filename in linecache.cache
                self._own[filename] = known
                return known
            path = os.path.realpath(filename)
            strange = path.startswith(_STRANGERS)
            self._own[filename] = known or not strange
        return self._own[filename]


class ModuleNames:
    """Names of modules and of their parameters, as in `fc1` and `fc1.weight`."""

    def __init__(self) -> None:
        self._modules: dict[int, tuple[nn.Module, str]] = {}
        self._parameters: dict[int, tuple[Tensor, str]] = {}

    def add(self, module: nn.Module, prefix: str) -> None:
        """Know `module` and everything inside it; the first name given stays."""
        if id(module) in self._modules:
            return
        for path, inner in module.named_modules(prefix=prefix):
            self._modules.setdefault(id(inner), (inner, path))
        for path, tensor in (
            *module.named_parameters(prefix=prefix),
            *module.named_buffers(prefix=prefix),
        ):
            self._parameters.setdefault(id(tensor), (tensor, path))

    def knows(self, module: nn.Module) -> bool:
        """Has `module` a name?"""
        return id(module) in self._modules

    def of_module(self, module: nn.Module) -> str:
        """The path of a module; its class name where nobody has named it."""
        if id(module) not in self._modules:
            self.add(module, type(module).__name__.lower())
        return self._modules[id(module)][1]

    def of_parameter(self, tensor: Tensor) -> str:
        """The path of a parameter or buffer, or ""."""
        return self._parameters.get(id(tensor), (None, ""))[1]


def _labelled(name: str, items: Any, start: int) -> Iterator[tuple[str, Any]]:
    if isinstance(items, dict):
        for key, value in itertools.islice(items.items(), start, None):
            yield f"{name}[{key!r}]", value
        return
    for number in range(start, len(items)):
        yield f"{name}[{number}]", items[number]
