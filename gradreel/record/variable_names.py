"""VariableNames and ModuleNames: which variable of the program holds which tensor or module.

Names are read from the frames of the program while it runs: from the innermost frame before each
operation, and from every frame when it returns. Frames of torch and of the standard library do not
belong to the program.
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

_LIBRARY_FOLDERS = tuple(
    os.path.join(os.path.realpath(path), "")
    for path in (
        os.path.dirname(torch.__file__),
        os.path.dirname(__file__),
        sysconfig.get_paths()["stdlib"],
        sysconfig.get_paths()["purelib"],
        sysconfig.get_paths()["platlib"],
    )
)
_TORCH_WRAPPER_FILES = frozenset(
    source.__file__ or ""
    for source in (torch.overrides, torch.nn.functional, torch.functional, torch._tensor,
                   torch.autograd, torch._jit_internal)
)  # fmt: skip
_SHORT_LIST, _MAX_LIST = 32, 4096


class VariableNames:
    """Sets the names of value nodes; `find` gives the value node of a tensor, or None.

    While entered, a trace function (sys.settrace) follows the frames of the program.
    """

    def __init__(self, find: Callable[[Tensor], ValueNode | None], modules: ModuleNames) -> None:
        self._find = find
        self._modules = modules
        self._depths: dict[FrameType, int] = {}
        self._read_lengths: dict[int, tuple[Any, int]] = {}
        self._previous: Any = None
        self._is_program_file: dict[str, bool] = {}
        self.program_file = ""

    def __enter__(self) -> Self:
        self._previous = sys.gettrace()
        sys.settrace(self._on_call)
        return self

    def __exit__(self, *_: object) -> None:
        sys.settrace(self._previous)
        self._depths.clear()

    def current_frame(self) -> FrameType | None:
        """The innermost frame of the program that is running."""
        frame: FrameType | None = sys._getframe(1)
        while frame is not None and frame not in self._depths:
            frame = frame.f_back
        return frame

    def read_frame(self, frame: FrameType | None) -> None:
        """Read the names that `frame` has for tensors and modules at this moment."""
        if frame is None:
            return
        depth = self._depths.get(frame, 0)
        for name, value in frame.f_locals.items():
            if isinstance(value, Tensor):
                self._set_name(value, name, depth)
            elif isinstance(value, nn.Module) and name not in _first_argument(frame):
                # The first argument of a method has the same name for every module: self.
                self._add_module(value, name)
            elif isinstance(value, (list, tuple, dict)):
                self._read_items(name, value, depth)

    def _add_module(self, module: nn.Module, name: str) -> None:
        """Name a module, and those of its parameters that were used before it had a name."""
        if self._modules.has_name(module):
            return
        self._modules.add(module, name)
        for tensor in (*module.parameters(), *module.buffers()):
            value_node = self._find(tensor)
            if value_node is not None and value_node.op == "leaf" and not value_node.name:
                value_node.name = value_node.stem = self._modules.parameter_path(tensor)
                value_node.module = value_node.name.rpartition(".")[0]

    def find_module_name(self, module: nn.Module) -> None:
        """Add the name that the program has for `module` in a local, closure or global."""
        frame = self.current_frame()
        self.read_frame(frame)
        if frame is None or self._modules.has_name(module):
            return
        for name, value in frame.f_globals.items():
            if value is module:
                self._modules.add(module, name)
                return

    def is_called_by_program(self, frame: FrameType | None) -> bool:
        """Whether the program itself, not one of torch's modules, made the torch call in `frame`.

        Frames of torch.nn.functional and other wrappers are skipped.
        """
        while frame is not None and frame.f_code.co_filename in _TORCH_WRAPPER_FILES:
            frame = frame.f_back
        return frame is not None and frame in self._depths

    def _read_items(self, name: str, items: Any, depth: int) -> None:
        if len(items) > _MAX_LIST or name.startswith("."):
            return
        start = 0
        if len(items) > _SHORT_LIST:
            # A long list that grows in a loop is read on from its former end, for speed.
            known, length = self._read_lengths.get(id(items), (items, 0))
            start = length if known is items and length <= len(items) else 0
            self._read_lengths[id(items)] = (items, len(items))
        for label, value in _labelled_items(name, items, start):
            if isinstance(value, Tensor):
                self._set_name(value, label, depth)

    def _set_name(self, tensor: Tensor, name: str, depth: int) -> None:
        value_node = self._find(tensor)
        if self._modules.parameter_path(tensor):
            return  # a loop over the parameters does not rename them
        # The name in the outermost frame is preferred.
        if value_node is not None and depth < value_node.name_depth and not name.startswith("."):
            value_node.name, value_node.name_depth = name, depth

    def _on_call(self, frame: FrameType, event: str, _: object) -> Any:
        if not self._is_program(frame.f_code.co_filename):
            return None
        frame.f_trace_lines = False
        outer = frame.f_back
        while outer is not None and outer not in self._depths:
            outer = outer.f_back
        self._depths[frame] = 0 if outer is None else self._depths[outer] + 1
        return self._on_return

    def _on_return(self, frame: FrameType, event: str, _: object) -> Any:
        if event == "return":
            self.read_frame(frame)
            self._depths.pop(frame, None)
        return self._on_return

    def _is_program(self, filename: str) -> bool:
        if filename not in self._is_program_file:
            is_program = filename == self.program_file
            if filename.startswith("<"):
                # An interactive cell or a formula has its text in linecache; a namedtuple has not.
                is_program = is_program or filename in linecache.cache
            else:
                path = os.path.realpath(filename)
                is_program = is_program or not path.startswith(_LIBRARY_FOLDERS)
            self._is_program_file[filename] = is_program
        return self._is_program_file[filename]


class ModuleNames:
    """The paths of modules and of their parameters and buffers: `fc1`, `fc1.weight`."""

    def __init__(self) -> None:
        self._modules: dict[int, tuple[nn.Module, str]] = {}
        self._parameters: dict[int, tuple[Tensor, str]] = {}

    def add(self, module: nn.Module, prefix: str) -> None:
        """Name `module` and everything inside it; names that exist already are kept."""
        if id(module) in self._modules:
            return
        for path, inner in module.named_modules(prefix=prefix):
            self._modules.setdefault(id(inner), (inner, path))
        for path, tensor in (
            *module.named_parameters(prefix=prefix),
            *module.named_buffers(prefix=prefix),
        ):
            self._parameters.setdefault(id(tensor), (tensor, path))

    def has_name(self, module: nn.Module) -> bool:
        """Whether `module` has a name."""
        return id(module) in self._modules

    def module_path(self, module: nn.Module) -> str:
        """The path of a module; its class name in lower case if it has no name."""
        if id(module) not in self._modules:
            self.add(module, type(module).__name__.lower())
        return self._modules[id(module)][1]

    def parameter_path(self, tensor: Tensor) -> str:
        """The path of a parameter or buffer; "" for any other tensor."""
        return self._parameters.get(id(tensor), (None, ""))[1]


def _first_argument(frame: FrameType) -> tuple[str, ...]:
    code = frame.f_code
    return code.co_varnames[: min(code.co_argcount, 1)]


def _labelled_items(name: str, items: Any, start: int) -> Iterator[tuple[str, Any]]:
    if isinstance(items, dict):
        for key, value in itertools.islice(items.items(), start, None):
            yield f"{name}[{key!r}]", value
        return
    for number in range(start, len(items)):
        yield f"{name}[{number}]", items[number]
