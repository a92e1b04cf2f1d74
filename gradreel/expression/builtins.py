"""The functions and constants that a formula may use."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable


def _sigmoid(x: float) -> float:
    return 0.5 * (1 + math.tanh(x / 2))


FUNCTIONS: dict[str, Callable[[float], float]] = {
    "exp": math.exp, "log": math.log, "ln": math.log, "log2": math.log2, "log10": math.log10,
    "sqrt": math.sqrt, "sin": math.sin, "cos": math.cos, "tan": math.tan,
    "asin": math.asin, "acos": math.acos, "atan": math.atan,
    "sinh": math.sinh, "cosh": math.cosh, "tanh": math.tanh,
    "sigmoid": _sigmoid, "relu": lambda x: max(x, 0.0), "abs": abs,
}  # fmt: skip
CONSTANTS = {"pi": math.pi, "e": math.e}


def names_in(tree: ast.AST) -> set[str]:
    """The names of variables and constants in a formula: every name that is not called."""
    functions = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    return {
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and id(node) not in functions
    }
