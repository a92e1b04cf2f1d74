"""From a formula to the PyTorch program that a reader would write for it, one operation a line."""

from __future__ import annotations

import ast
import itertools
import linecache
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch

from gradreel.expression import CONSTANTS, Expression
from gradreel.expression.builtins import names_in

_TORCH = {"ln": "log"}
_STEPS = "abcdghkmnpqrstuvw"
_SIGNS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**"}
_numbers = itertools.count(1)


def torch_call(name: str, argument: Any) -> Any:
    """Function `name` of a formula, applied to a tensor."""
    return getattr(torch, _TORCH.get(name, name))(argument)


def as_tensor(number: float) -> torch.Tensor:
    """A constant that divides by zero as tensors do: to inf or NaN, without an exception."""
    return torch.tensor(float(number), dtype=torch.float64)


def program_from(formula: Expression | Sequence[Expression]) -> Callable[..., Any]:
    """A plain PyTorch function for a formula, or for the links of a chain under their own names.

    `inspect.getsource` gives its text. Intermediates are called a, b, c ..., the result z; names
    of variables are avoided.
    """
    text = source_of(formula)
    filename = f"<formula {next(_numbers)}>"
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    names: dict[str, Any] = {"torch": torch, "math": math}
    # The text was written here from a tree of plain arithmetic; nothing typed is run.
    exec(compile(text, filename, "exec"), names)  # noqa: S102
    program: Callable[..., Any] = names["program"]
    return program


def source_of(formula: Expression | Sequence[Expression]) -> str:
    """The text of `program_from(formula)`."""
    if isinstance(formula, Expression):
        return _Writer(formula.variables).source(((formula, "z"),))
    links = tuple(formula)
    taken = {*links[0].variables, *(link.name for link in links)}
    return _Writer(links[0].variables, taken).source(tuple((link, link.name) for link in links))


class _Writer:
    """Writes three-address code: every operation gets a line and a name of its own."""

    def __init__(self, variables: Sequence[str], taken: set[str] | None = None) -> None:
        self.variables = tuple(variables)
        self.taken = {*self.variables, *(taken or ())}
        self.names = self._free()
        self.lines: list[str] = []

    def source(self, parts: Sequence[tuple[Expression, str]]) -> str:
        """A function `program` that computes the parts one after the other."""
        result = ""
        for number, (expression, name) in enumerate(parts):
            last = number == len(parts) - 1
            wished = self._result_name(name) if last and len(parts) == 1 else name
            result = self._part(expression.tree, wished, keep=not last)
        head = f"def program({', '.join(self.variables)}):"
        body = "\n".join(f"    {line}" for line in (*self.lines, f"return {result}"))
        return f"{head}\n{body}\n"

    def _part(self, tree: ast.expr, name: str, *, keep: bool) -> str:
        text = self._operation(tree)
        if text is None:
            return self._operand(tree) if not keep else self._named(self._operand(tree), name)
        return self._named(text, name)

    def _operation(self, node: ast.expr) -> str | None:
        """The text of one operation; None for a name or a constant."""
        if not names_in(node) - set(CONSTANTS) and not names_in(node) & set(self.variables):
            return None
        match node:
            case ast.BinOp():
                left, right = self._operand(node.left), self._operand(node.right)
                sign = _SIGNS[type(node.op)]
                return f"{left}**{right}" if sign == "**" else f"{left} {sign} {right}"
            case ast.UnaryOp(op=ast.USub()):
                return f"-{self._operand(node.operand)}"
            case ast.UnaryOp():
                return self._operation(node.operand)
            case ast.Call(func=ast.Name(id=name)):
                return f"torch.{_TORCH.get(name, name)}({self._operand(node.args[0])})"
        return None

    def _operand(self, node: ast.expr) -> str:
        text = self._operation(node)
        if text is not None:
            return self._named(text, next(self.names))
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.UAdd):
            return self._operand(node.operand)
        if isinstance(node, ast.Name) and (node.id not in CONSTANTS or node.id in self.variables):
            return node.id
        plain = _constant_text(node)
        simple = isinstance(node, (ast.Constant, ast.Name, ast.Call))
        return plain if simple else f"({plain})"

    def _named(self, text: str, name: str) -> str:
        self.lines.append(f"{name} = {text}")
        return name

    def _result_name(self, wished: str) -> str:
        if wished not in self.variables:
            self.taken.add(wished)
            return wished
        return next(self.names)

    def _free(self) -> Iterator[str]:
        plain = iter(_STEPS)
        numbered = (f"a{number}" for number in itertools.count(1))
        for name in itertools.chain(plain, numbered):
            if name not in self.taken and name != "z":
                yield name


def _constant_text(node: ast.expr) -> str:
    match node:
        case ast.Name():
            return f"math.{node.id}"
        case ast.Call():
            return repr(_constant(node))
        case ast.BinOp():
            sides = (_constant_text(part) for part in (node.left, node.right))
            left, right = (f"({side})" if " " in side else side for side in sides)
            return f"{left} {_SIGNS[type(node.op)]} {right}"
        case ast.UnaryOp():
            sign = "-" if isinstance(node.op, ast.USub) else ""
            return f"{sign}{_constant_text(node.operand)}"
    return ast.unparse(node)


def _constant(node: ast.expr) -> float:
    return float(Expression("", (), "", node).evaluate({}, torch_call, as_tensor))
