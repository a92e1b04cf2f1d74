"""Prints a formula as Typst math: fractions, powers, and only the parentheses that are needed."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping

# Precedence levels, from the loosest binding to the tightest.
_SUM, _PRODUCT, _POWER, _ATOM = range(4)
_GREEK = frozenset(
    (
        "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa",
        "lambda", "mu", "nu", "xi", "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi",
        "omega",
    )
)  # fmt: skip
_FUNCTIONS = {
    "log": "ln", "ln": "ln", "log2": "log_2", "log10": "log_10",
    "asin": "arcsin", "acos": "arccos", "atan": "arctan",
    "sigmoid": "sigma", "relu": 'op("relu")', "sqrt": "sqrt", "abs": "abs",
}  # fmt: skip


def to_typst(tree: ast.expr, names: Mapping[str, str]) -> str:
    """Typst math for the tree of a parsed formula; `names` maps variables to their markup."""
    return _TypstPrinter(names).operand(tree, _SUM)


class _TypstPrinter:
    """Methods that print a node return its markup and the precedence of that markup."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = names

    def operand(self, node: ast.expr, least: int) -> str:
        """The markup of `node`, in parentheses if its precedence is below `least`."""
        text, precedence = self.node(node)
        return text if precedence >= least else f"({text})"

    def node(self, node: ast.expr) -> tuple[str, int]:
        match node:
            case ast.Constant():
                text = _number(node.value)
                return text, _PRODUCT if " dot " in text else _ATOM
            case ast.Name():
                return self.names.get(node.id, name_markup(node.id)), _ATOM
            case ast.UnaryOp(op=ast.USub()):
                return f"-{self.operand(node.operand, _PRODUCT)}", _SUM
            case ast.UnaryOp():
                return self.node(node.operand)
            case ast.Call(func=ast.Name(id=name)):
                return self.call(name, node.args[0])
            case ast.BinOp():
                return self.binary(node)
        raise TypeError(f"a formula cannot contain {type(node).__name__}")

    def call(self, name: str, argument: ast.expr) -> tuple[str, int]:
        inner = self.operand(argument, _SUM)
        if name == "exp":
            return f"e^({inner})" if len(inner) > 1 else f"e^{inner}", _POWER
        return f"{_FUNCTIONS.get(name, name)}({inner})", _ATOM

    def binary(self, node: ast.BinOp) -> tuple[str, int]:
        match node.op:
            case ast.Add():
                right = self.operand(node.right, _SUM)
                right = f"({right})" if right.startswith("-") else right
                return f"{self.operand(node.left, _SUM)} + {right}", _SUM
            case ast.Sub():
                right = self.operand(node.right, _PRODUCT)
                return f"{self.operand(node.left, _SUM)} - {right}", _SUM
            case ast.Mult():
                return self.product(node), _PRODUCT
            case ast.Div():
                above, below = self.operand(node.left, _SUM), self.operand(node.right, _SUM)
                return f"frac({above}, {below})", _PRODUCT
        exponent = self.operand(node.right, _SUM)
        exponent = exponent if len(exponent) == 1 else f"({exponent})"
        return f"{self.operand(node.left, _ATOM)}^{exponent}", _POWER

    def product(self, node: ast.BinOp) -> str:
        left, right = self.operand(node.left, _PRODUCT), self.operand(node.right, _PRODUCT)
        # Two factors may stand side by side unless the second begins with a digit (2 3, x 2) or
        # would look like a part of the function before it (sin(x) x).
        dot = right[0].isdigit() or right.startswith(("frac(", "-"))
        if isinstance(node.left, ast.Call) and not left.startswith("e^"):
            dot = dot or isinstance(node.right, ast.Name)
        return f"{left} dot {right}" if dot else f"{left} {right}"


def name_markup(name: str) -> str:
    """Typst math for a variable's name: x, x_1, theta, or upright text for a word."""
    match = re.fullmatch(r"([A-Za-z]+)_?(\d+)", name)
    if match:
        subscript = match[2] if len(match[2]) == 1 else f"({match[2]})"
        return f"{name_markup(match[1])}_{subscript}"
    if len(name) == 1 or name.lower() in _GREEK:
        return name
    return f'#"{name}"'


def _number(value: object) -> str:
    text = repr(value)
    if "e" in text:
        mantissa, exponent = text.split("e")
        return f"{mantissa} dot 10^({int(exponent)})"
    return text.removesuffix(".0")
