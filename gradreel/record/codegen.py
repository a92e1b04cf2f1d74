"""From a formula to the PyTorch program that a reader would write for it, one operation a line."""

from __future__ import annotations

import ast
import itertools
import linecache
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch

from gradreel.errors import ExpressionError
from gradreel.expression import CONSTANTS, Expression
from gradreel.expression.builtins import names_in

_TORCH = {"ln": "log"}
_STEPS = "abcdghkmnpqrstuvw"
_LIBRARIES = ("torch", "math")
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
    of variables are avoided. Raises ExpressionError for a variable called torch or math.
    """
    lines = _lines_of(formula)
    text = _text(lines)
    filename = f"<formula {next(_numbers)}>"
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    names: dict[str, Any] = {"torch": torch, "math": math}
    # The tree is compiled, not its text: it was made here of plain arithmetic.
    exec(compile(_module(lines), filename, "exec"), names)  # noqa: S102
    program: Callable[..., Any] = names["program"]
    return program


def source_of(formula: Expression | Sequence[Expression]) -> str:
    """The text of `program_from(formula)`."""
    return _text(_lines_of(formula))


def _lines_of(formula: Expression | Sequence[Expression]) -> list[ast.stmt]:
    """The program as statements: its head (a function without a body), then a line each."""
    if isinstance(formula, Expression):
        return _Writer(formula.variables).program(((formula, "z"),))
    links = tuple(formula)
    taken = {*links[0].variables, *(link.name for link in links)}
    return _Writer(links[0].variables, taken).program(tuple((link, link.name) for link in links))


def _text(lines: list[ast.stmt]) -> str:
    head, *body = (ast.unparse(line).replace(" ** ", "**") for line in lines)
    return "\n    ".join((head, *body)) + "\n"


def _module(lines: list[ast.stmt]) -> ast.Module:
    """The lines as one function, each node with the number of its line in `_text`."""
    for number, line in enumerate(lines, start=1):
        for node in ast.walk(line):
            if isinstance(node, (ast.expr, ast.stmt, ast.arg)):
                node.lineno = node.end_lineno = number
                node.col_offset = node.end_col_offset = 0
    head, *body = lines
    assert isinstance(head, ast.FunctionDef)
    head.body = body
    return ast.Module(body=[head], type_ignores=[])


class _Writer:
    """Writes three-address code: every operation gets a line and a name of its own."""

    def __init__(self, variables: Sequence[str], taken: set[str] | None = None) -> None:
        for name in variables:
            if name in _LIBRARIES:
                raise ExpressionError(
                    f"{name!r} cannot be the name of a variable: the program written from the"
                    " formula uses the library of that name.",
                    where=f"the variable {name}",
                    hint="Call it otherwise, such as t.",
                )
        self.variables = tuple(variables)
        self.taken = {*self.variables, *(taken or ())}
        self.names = self._free()
        self.lines: list[ast.stmt] = []

    def program(self, parts: Sequence[tuple[Expression, str]]) -> list[ast.stmt]:
        """A function `program` that computes the parts one after the other."""
        result: ast.expr = ast.Constant(None)
        for number, (expression, name) in enumerate(parts):
            last = number == len(parts) - 1
            wished = self._result_name(name) if last and len(parts) == 1 else name
            result = self._part(expression.tree, wished, keep=not last)
        taken = ast.arguments(
            posonlyargs=[], args=[ast.arg(name) for name in self.variables], kwonlyargs=[],
            kw_defaults=[], defaults=[],
        )  # fmt: skip
        head = ast.FunctionDef(name="program", args=taken, body=[], decorator_list=[], lineno=1)
        return [head, *self.lines, ast.Return(result)]

    def _part(self, tree: ast.expr, name: str, *, keep: bool) -> ast.expr:
        operation = self._operation(tree)
        if operation is not None:
            return self._named(operation, name)
        return self._named(self._operand(tree), name) if keep else self._operand(tree)

    def _operation(self, node: ast.expr) -> ast.expr | None:
        """One operation on named operands; None for a name or a constant."""
        if self._is_constant(node):
            return None
        match node:
            case ast.BinOp():
                left, right = self._operand(node.left), self._operand(node.right)
                return ast.BinOp(left, node.op, right)
            case ast.UnaryOp(op=ast.USub()):
                return ast.UnaryOp(ast.USub(), self._operand(node.operand))
            case ast.UnaryOp():
                return self._operation(node.operand)
            case ast.Call(func=ast.Name(id=name)):
                function = _attribute("torch", _TORCH.get(name, name))
                return ast.Call(function, [self._operand(node.args[0])], [])
        return None

    def _operand(self, node: ast.expr) -> ast.expr:
        operation = self._operation(node)
        if operation is not None:
            return self._named(operation, next(self.names))
        if self._is_constant(node):
            return _constant(node)
        if isinstance(node, ast.UnaryOp):  # +x
            return self._operand(node.operand)
        assert isinstance(node, ast.Name)
        return _name(node.id)

    def _is_constant(self, node: ast.expr) -> bool:
        used = names_in(node)
        return used <= set(CONSTANTS) and not used & set(self.variables)

    def _named(self, value: ast.expr, name: str) -> ast.expr:
        self.lines.append(ast.Assign([ast.Name(name, ast.Store())], value, lineno=1))
        return _name(name)

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


# -- constants -------------------------------------------------------------------------------


def _constant(node: ast.expr) -> ast.expr:
    """A constant as Python reckons it, where that is what tensors give; else only its value."""
    value = float(Expression("", (), "", node).evaluate({}, torch_call, as_tensor))
    if math.isfinite(value) and math.isclose(_plain(node), value, rel_tol=1e-14):
        return _as_written(node)
    return _literal(value)


def _plain(node: ast.expr) -> float:
    """The value in plain Python: it raises where tensors give inf or NaN, or becomes complex."""
    try:
        value = Expression("", (), "", node).evaluate({}, _called, lambda number: number)
    except (ArithmeticError, ValueError, TypeError):
        return math.nan
    return float(value) if isinstance(value, (int, float)) else math.nan


def _called(name: str, argument: Any) -> float:
    return float(torch_call(name, as_tensor(argument)))


def _as_written(node: ast.expr) -> ast.expr:
    """`node` with math.pi for pi and with the value in place of a call."""
    match node:
        case ast.Name():
            return _attribute("math", node.id)
        case ast.Call():
            return _literal(float(Expression("", (), "", node).evaluate({}, torch_call, as_tensor)))
        case ast.BinOp():
            return ast.BinOp(_as_written(node.left), node.op, _as_written(node.right))
        case ast.UnaryOp(op=ast.UAdd()):
            return _as_written(node.operand)
        case ast.UnaryOp():
            return ast.UnaryOp(node.op, _as_written(node.operand))
        case ast.Constant():
            return ast.Constant(node.value)
    raise TypeError(f"a formula holds no {type(node).__name__}")


def _literal(value: float) -> ast.expr:
    """A float as an expression; the sign apart, because `-2**2` is not `(-2)**2`."""
    if math.copysign(1.0, value) < 0 and not math.isnan(value):
        return ast.UnaryOp(ast.USub(), _literal(-value))
    return ast.Constant(value) if math.isfinite(value) else _attribute("math", str(value))


def _attribute(library: str, name: str) -> ast.expr:
    return ast.Attribute(_name(library), name, ast.Load())


def _name(name: str) -> ast.expr:
    return ast.Name(name, ast.Load())
