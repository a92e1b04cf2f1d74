"""A parsed formula: immutable; it can be evaluated, printed as Typst, and decomposed."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from gradreel.errors import ExpressionError
from gradreel.expression.builtins import CONSTANTS, names_in
from gradreel.expression.decompose import decompose
from gradreel.expression.typst_printer import to_typst


@dataclass(frozen=True)
class Expression:
    """A formula in `variables`, made by `parse`.

    Two expressions are equal if their `text`, `variables`, `structure` (a dump of the syntax tree)
    and `name` are. `name` is the variable of the value where the formula is a link of a
    composition, else "".
    """

    text: str
    variables: tuple[str, ...]
    structure: str = field(repr=False)
    tree: ast.expr = field(repr=False, compare=False)
    name: str = ""

    @property
    def used_variables(self) -> tuple[str, ...]:
        """The variables that occur in the formula, in the order of their declaration."""
        names = names_in(self.tree)
        return tuple(name for name in self.variables if name in names)

    def typst(self, names: Mapping[str, str] | None = None) -> str:
        """Typst math markup; `names` maps variables to the markup to print for them."""
        return to_typst(self.tree, names or {})

    def links(self) -> tuple[Expression, ...]:
        """The functions that this formula is a composition of, innermost first.

        Each link is an Expression in the variable of the link before; links are named u, v, ... and
        the last one y. The branches of a node in which the variable occurs twice are one link.
        Raises ExpressionError if the formula has no variable or several.
        """
        return _links(self)

    def evaluate(
        self, values: Mapping[str, Any], call: Callable[[str, Any], Any], number: Any = float
    ) -> Any:
        """The value of the formula for the variables' `values`.

        `call(name, argument)` applies a function and `number` converts a constant. Values may be of
        any type with + - * / and **: floats, tensors, arrays.
        """
        return _evaluate(self.tree, values, call, number)


def _evaluate(
    node: ast.expr, values: Mapping[str, Any], call: Callable[[str, Any], Any], number: Any
) -> Any:
    def recurse(part: ast.expr) -> Any:
        return _evaluate(part, values, call, number)

    match node:
        case ast.Constant():
            return number(node.value)
        case ast.Name():
            return values[node.id] if node.id in values else number(CONSTANTS[node.id])
        case ast.UnaryOp():
            operand = recurse(node.operand)
            return -operand if isinstance(node.op, ast.USub) else operand
        case ast.Call(func=ast.Name(id=name)):
            return call(name, recurse(node.args[0]))
        case ast.BinOp():
            return _apply_operator(node.op, recurse(node.left), recurse(node.right))
    raise TypeError(f"a formula cannot contain {type(node).__name__}")


def _apply_operator(operator: ast.operator, left: Any, right: Any) -> Any:
    match operator:
        case ast.Add():
            return left + right
        case ast.Sub():
            return left - right
        case ast.Mult():
            return left * right
        case ast.Div():
            return left / right
    return left**right


# Cached because drawings ask for the links on every frame.
@lru_cache(maxsize=64)
def _links(expression: Expression) -> tuple[Expression, ...]:
    used = expression.used_variables
    if len(used) != 1:
        names = ", ".join(used) or "none"
        raise ExpressionError(
            f"a chain has one variable; this formula has {names}", where=repr(expression.text)
        )
    links, previous = [], used[0]
    for name, tree in decompose(expression.tree, used[0]):
        links.append(Expression(ast.unparse(tree), (previous,), ast.dump(tree), tree, name))
        previous = name
    return tuple(links)
