"""Functions, classes and modules of a notebook's cells as a file, which another process can load.

    write_code(lambda x: x**2, Path("media/.cache/notebook"))      'media/.cache/…/f_3c1a9e.py:f'

The file holds the source of the function or class, and of all that it uses from its cells: other
functions and classes, imports, and plain values. The weights of an instance of nn.Module lie beside
it. Equal code gives the same file.
"""

from __future__ import annotations

import ast
import builtins
import hashlib
import io
import linecache
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

from deltarender.atomic_files import atomic_write
from gradreel.errors import UsageError

_PLAIN = (bool, int, float, str, bytes, type(None))


def write_code(value: Any, folder: Path) -> str:
    """Write the code of `value` into `folder`, and return `path.py:name`.

    Raises UsageError for code whose source is not known, and for what it uses and no file can hold.
    """
    collected = _Collected()
    if isinstance(value, (FunctionType, type)):
        name = collected.add(value)
    else:
        name = _add_instance(value, collected, folder)
    text = collected.text()
    path = folder / f"{name}_{hashlib.sha256(text.encode()).hexdigest()[:12]}.py"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        atomic_write(path, text)
    return f"{path}:{name}"


def _add_instance(value: Any, collected: _Collected, folder: Path) -> str:
    """Add a module with its weights: it is pickled, with the classes of its cells found by name."""
    import torch

    if not isinstance(value, torch.nn.Module):
        raise UsageError(f"a {type(value).__name__} is neither a function nor a module.")
    own = [kind for kind in {type(m): 0 for m in value.modules()} if kind.__module__ == "__main__"]
    names = [collected.add(kind) for kind in own]
    folder.mkdir(parents=True, exist_ok=True)
    pickled = io.BytesIO()
    torch.save(value, pickled)
    weights = folder / f"{hashlib.sha256(pickled.getvalue()).hexdigest()[:12]}.pt"
    atomic_write(weights, pickled.getvalue())
    collected.imports |= {"import sys": None, "import torch": None}
    for name in names:
        collected.code.append(f'setattr(sys.modules["__main__"], "{name}", {name})')
    collected.code.append(f"module = torch.load({str(weights.resolve())!r}, weights_only=False)")
    return "module"


class _Collected:
    """Imports and definitions, each once, what is used before what uses it."""

    def __init__(self) -> None:
        self.imports: dict[str, None] = {}
        self.code: list[str] = []
        self._added: dict[str, Any] = {}

    def text(self) -> str:
        """The source of the file."""
        return "\n\n".join(["\n".join(self.imports), *self.code]).lstrip() + "\n"

    def add(self, value: FunctionType | type, name: str = "") -> str:
        """Add the definition of a function or class with all it uses; returns its name."""
        node = _definition(value)
        name = name or getattr(node, "name", "f")
        if name in self._added:
            return name
        self._added[name] = value
        scope = _scope_of(value)
        for used in dict.fromkeys(_names_used(node)):
            if used in scope and used not in self._added:
                self._add_value(used, scope[used])
        text = ast.unparse(node)
        self.code.append(f"{name} = {text}" if isinstance(node, ast.Lambda) else text)
        return name

    def _add_value(self, name: str, value: Any) -> None:
        if isinstance(value, ModuleType):
            self.imports[f"import {value.__name__} as {name}"] = None
        elif isinstance(value, (FunctionType, type)) and value.__module__ == "__main__":
            defined = self.add(value, name if getattr(value, "__name__", "") == "<lambda>" else "")
            if defined != name:
                self.code.append(f"{name} = {defined}")
        elif getattr(value, "__module__", None) and hasattr(value, "__qualname__"):
            origin = value.__qualname__.partition(".")[0]
            self.imports[f"from {value.__module__} import {origin} as {name}"] = None
        elif _is_plain(value):
            self.code.append(f"{name} = {value!r}")
        else:
            raise UsageError(
                f"{name} is a {type(value).__name__}, which cannot be written to a file.",
                hint=f"Make it inside of the function, or give {name} as a default of a number.",
            )
        self._added[name] = value


def _definition(value: FunctionType | type) -> ast.FunctionDef | ast.ClassDef | ast.Lambda:
    """The definition in the source of a cell. Raises UsageError if that is not known."""
    code = _code_of(value)
    lines = linecache.getlines(code.co_filename) if code is not None else []
    try:
        tree = ast.parse("".join(lines))
    except SyntaxError:
        tree = ast.Module([], [])
    for node in ast.walk(tree):
        if isinstance(node, ast.Lambda):
            if isinstance(value, FunctionType) and _is_same_lambda(node, value.__code__):
                return node
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.name == value.__name__:
            return node
    raise UsageError(f"the source of {value.__qualname__} is not known.")


def _code_of(value: FunctionType | type) -> CodeType | None:
    functions = [value] if isinstance(value, FunctionType) else vars(value).values()
    return next((f.__code__ for f in functions if isinstance(f, FunctionType)), None)


def _is_same_lambda(node: ast.Lambda, code: CodeType) -> bool:
    body = node.body
    place = (body.lineno, body.end_lineno, body.col_offset, body.end_col_offset)
    return code.co_name == "<lambda>" and place in code.co_positions()


def _names_used(node: ast.AST) -> Iterator[str]:
    return (
        n.id for n in ast.walk(node)
        if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load) and not hasattr(builtins, n.id)
    )  # fmt: skip


def _scope_of(value: FunctionType | type) -> Mapping[str, Any]:
    """The names that code can use: of its cells, and of the functions around it."""
    if isinstance(value, type):
        functions = [f for f in vars(value).values() if isinstance(f, FunctionType)]
        return {name: each for f in functions for name, each in _scope_of(f).items()}
    cells = zip(value.__code__.co_freevars, value.__closure__ or (), strict=True)
    around = {name: cell.cell_contents for name, cell in cells if name != "__class__"}
    return {**value.__globals__, **around}


def _is_plain(value: Any) -> bool:
    if isinstance(value, (list, tuple, set, frozenset)):
        return all(map(_is_plain, value))
    if isinstance(value, dict):
        return all(map(_is_plain, (*value, *value.values())))
    return type(value) in _PLAIN
