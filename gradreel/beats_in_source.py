"""The names of a scene's beats, read from its source without importing it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TypeGuard

from deltarender.beat_names import PLACEHOLDER


def beats_of_class(scene: ast.ClassDef, tree: ast.Module) -> list[str]:
    """The beats of `construct` and of the methods it calls, in order; else all of the file."""
    methods = {n.name: n for n in scene.body if isinstance(n, ast.FunctionDef)}
    played = list(_calls_in("construct", methods, ())) if "construct" in methods else []
    calls = played or [node for node in ast.walk(tree) if _is_beat(node)]
    return [_name_of(call.args[0]) for call in calls]


def _calls_in(
    method: str, methods: dict[str, ast.FunctionDef], outer: tuple[str, ...]
) -> Iterator[ast.Call]:
    """The calls of `beat` in a method and, where it calls them, in other methods of the class."""
    for node in _in_source_order(methods[method]):
        if _is_beat(node):
            yield node
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            called = node.attr if node.value.id == "self" else ""
            if called in methods and called not in (method, *outer):
                yield from _calls_in(called, methods, (*outer, method))


def _in_source_order(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        yield child
        yield from _in_source_order(child)


def _is_beat(node: ast.AST) -> TypeGuard[ast.Call]:
    return (
        isinstance(node, ast.Call)
        and bool(node.args)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "beat"
    )


def _name_of(name: ast.expr) -> str:
    if isinstance(name, ast.Constant):
        return str(name.value)
    if isinstance(name, ast.JoinedStr):
        parts = (p.value if isinstance(p, ast.Constant) else PLACEHOLDER for p in name.values)
        return "".join(str(part) for part in parts)
    return PLACEHOLDER
