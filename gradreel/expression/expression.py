"""A formula that has been read: immutable, ready to be evaluated, typeset or taken apart."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from gradreel.errors import ExpressionError
from gradreel.expression import decompose
from gradreel.expression.builtins import CONSTANTS, names_in
from gradreel.expression.typst_printer import to_typst


@dataclass(frozen=True)
class Expression:
    """A formula in `variables`; make one with `parse`.

    `name` is what its value is called where it is a link of a chain, else "".
    """

    text: str
    variables: tuple[str, ...]
    key: str = field(repr=False)
    tree: ast.expr = field(repr=False, compare=False)
    name: str = ""

    @property
    def used(self) -> tuple[str, ...]:
        """The variables that really occur, in the order in which they were declared."""
        found = names_in(self.tree)
        return tuple(name for name in self.variables if name in found)

    def typst(self, names: Mapping[str, str] | None = None) -> str:
        """Typst math markup; `names` replaces variables by other markup."""
        return to_typst(self.tree, names or {})

    def links(self) -> tuple[Expression, ...]:
        """The chain of functions that this formula is composed of, the innermost first.

        Each link is an Expression in the variable of the link before, named u, v, ... and y at the
        end. Where the variable occurs in two branches, the whole of these is one link.
        """
        return _links(self)

    def _taken_apart(self) -> tuple[Expression, ...]:
        used = self.used
        if len(used) != 1:
            found = ", ".join(used) or "none"
            raise ExpressionError(
                f"a chain has one variable; this formula has {found}", where=repr(self.text)
            )
        links, before = [], used[0]
        for name, tree in decompose.decompose(self.tree, used[0]):
            links.append(Expression(ast.unparse(tree), (before,), ast.dump(tree), tree, name))
            before = name
        return tuple(links)

    def evaluate(
        self, values: Mapping[str, Any], call: Callable[[str, Any], Any], number: Any = float
    ) -> Any:
        """The value for `values`; `call(name, argument)` applies a function, `number` a constant.

        Works for anything that has + - * / and **: floats, tensors, arrays.
        """
        return _evaluate(self.tree, values, call, number)


def _evaluate(
    node: ast.expr, values: Mapping[str, Any], call: Callable[[str, Any], Any], number: Any
) -> Any:
    def inner(part: ast.expr) -> Any:
        return _evaluate(part, values, call, number)

    match node:
        case ast.Constant():
            return number(node.value)
        case ast.Name():
            return values[node.id] if node.id in values else number(CONSTANTS[node.id])
        case ast.UnaryOp():
            return -inner(node.operand) if isinstance(node.op, ast.USub) else inner(node.operand)
        case ast.Call(func=ast.Name(id=name)):
            return call(name, inner(node.args[0]))
        case ast.BinOp():
            return _joined(node.op, inner(node.left), inner(node.right))
    raise TypeError(f"a formula holds no {type(node).__name__}")


def _joined(sign: ast.operator, left: Any, right: Any) -> Any:
    match sign:
        case ast.Add():
            return left + right
        case ast.Sub():
            return left - right
        case ast.Mult():
            return left * right
        case ast.Div():
            return left / right
    return left**right


# A drawing asks for the links at every frame.
@lru_cache(maxsize=64)
def _links(whole: Expression) -> tuple[Expression, ...]:
    return whole._taken_apart()
