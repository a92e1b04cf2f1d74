"""Generates the PyTorch source of a formula, with one operation per line, and compiles it."""

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

_TORCH_NAMES = {"ln": "log"}
_INTERMEDIATE_NAMES = "abcdghkmnpqrstuvw"
_RESULT_NAME = "z"
_MODULES = ("torch", "math")
_program_numbers = itertools.count(1)


def torch_call(name: str, argument: Any) -> Any:
    """Apply the function `name` of a formula to a tensor."""
    return getattr(torch, _TORCH_NAMES.get(name, name))(argument)


def as_tensor(number: float) -> torch.Tensor:
    """A constant as a float64 tensor, so that division by zero gives inf or NaN, not an error."""
    return torch.tensor(float(number), dtype=torch.float64)


def program_from(formula: Expression | Sequence[Expression]) -> Callable[..., Any]:
    """A PyTorch function that computes a formula, or the links of a chain under their own names.

    `inspect.getsource` returns its text. Intermediates are named a, b, c ..., the result z; names
    of variables are avoided. Raises ExpressionError for a variable called torch or math.
    """
    statements = _statements(formula)
    text = _unparse(statements)
    filename = f"<formula {next(_program_numbers)}>"
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    names: dict[str, Any] = {"torch": torch, "math": math}
    # Safe to run: the tree was built in this module, of arithmetic and calls of torch alone.
    exec(compile(_module(statements), filename, "exec"), names)  # noqa: S102
    program: Callable[..., Any] = names["program"]
    return program


def source_of(formula: Expression | Sequence[Expression]) -> str:
    """The source text of `program_from(formula)`."""
    return _unparse(_statements(formula))


def _statements(formula: Expression | Sequence[Expression]) -> list[ast.stmt]:
    """The program: a function without a body, then one statement per operation."""
    if isinstance(formula, Expression):
        return _ProgramWriter(formula.variables).statements_for(((formula, _RESULT_NAME),))
    links = tuple(formula)
    reserved = {*links[0].variables, *(link.name for link in links)}
    writer = _ProgramWriter(links[0].variables, reserved)
    return writer.statements_for(tuple((link, link.name) for link in links))


def _unparse(statements: list[ast.stmt]) -> str:
    head, *body = (ast.unparse(statement).replace(" ** ", "**") for statement in statements)
    return "\n    ".join((head, *body)) + "\n"


def _module(statements: list[ast.stmt]) -> ast.Module:
    """The statements as one function; each node has the number of its line in `_unparse`."""
    for number, statement in enumerate(statements, start=1):
        for node in ast.walk(statement):
            if isinstance(node, (ast.expr, ast.stmt, ast.arg)):
                node.lineno = node.end_lineno = number
                node.col_offset = node.end_col_offset = 0
    head, *body = statements
    assert isinstance(head, ast.FunctionDef)
    head.body = body
    return ast.Module(body=[head], type_ignores=[])


class _ProgramWriter:
    """Writes three-address code: each operation is an assignment to a name of its own."""

    def __init__(self, variables: Sequence[str], reserved: set[str] | None = None) -> None:
        for name in variables:
            if name in _MODULES:
                raise ExpressionError(
                    f"{name!r} cannot be the name of a variable: the program written from the"
                    " formula uses the library of that name.",
                    where=f"the variable {name}",
                    hint="Use another name, such as t.",
                )
        self.variables = tuple(variables)
        self.reserved = {*self.variables, *(reserved or ())}
        self.free_names = self._free_names()
        self.assignments: list[ast.stmt] = []

    def statements_for(self, parts: Sequence[tuple[Expression, str]]) -> list[ast.stmt]:
        """A function `program` that computes the parts in order, each under its name."""
        result: ast.expr = ast.Constant(None)
        for number, (expression, name) in enumerate(parts):
            is_last = number == len(parts) - 1
            part_name = self._result_name(name) if is_last and len(parts) == 1 else name
            result = self._part(expression.tree, part_name, always_assign=not is_last)
        parameters = ast.arguments(
            posonlyargs=[], args=[ast.arg(name) for name in self.variables], kwonlyargs=[],
            kw_defaults=[], defaults=[],
        )  # fmt: skip
        head = ast.FunctionDef(
            name="program", args=parameters, body=[], decorator_list=[], lineno=1
        )
        return [head, *self.assignments, ast.Return(result)]

    def _part(self, tree: ast.expr, name: str, *, always_assign: bool) -> ast.expr:
        operation = self._operation(tree)
        if operation is not None:
            return self._assign(operation, name)
        operand = self._operand(tree)
        return self._assign(operand, name) if always_assign else operand

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
                function = _attribute("torch", _TORCH_NAMES.get(name, name))
                return ast.Call(function, [self._operand(node.args[0])], [])
        return None

    def _operand(self, node: ast.expr) -> ast.expr:
        """A name or a constant; an operation is assigned to a free name first."""
        operation = self._operation(node)
        if operation is not None:
            return self._assign(operation, next(self.free_names))
        if self._is_constant(node):
            return _constant(node)
        if isinstance(node, ast.UnaryOp):  # +x
            return self._operand(node.operand)
        assert isinstance(node, ast.Name)
        return _name(node.id)

    def _is_constant(self, node: ast.expr) -> bool:
        used = names_in(node)
        return used <= set(CONSTANTS) and not used & set(self.variables)

    def _assign(self, value: ast.expr, name: str) -> ast.expr:
        self.assignments.append(ast.Assign([ast.Name(name, ast.Store())], value, lineno=1))
        return _name(name)

    def _result_name(self, name: str) -> str:
        if name not in self.variables:
            self.reserved.add(name)
            return name
        return next(self.free_names)

    def _free_names(self) -> Iterator[str]:
        numbered = (f"a{number}" for number in itertools.count(1))
        for name in itertools.chain(_INTERMEDIATE_NAMES, numbered):
            if name not in self.reserved and name != _RESULT_NAME:
                yield name


# -- constants -------------------------------------------------------------------------------


def _constant(node: ast.expr) -> ast.expr:
    """A constant as a Python expression, if it has the value that tensors give; else that value."""
    value = _tensor_value(node)
    if math.isfinite(value) and math.isclose(_python_value(node), value, rel_tol=1e-14):
        return _as_python(node)
    return _literal(value)


def _tensor_value(node: ast.expr) -> float:
    return float(Expression("", (), "", node).evaluate({}, torch_call, as_tensor))


def _python_value(node: ast.expr) -> float:
    """The value by Python's arithmetic; NaN where that raises or gives a complex number."""
    try:
        value = Expression("", (), "", node).evaluate({}, _float_call, lambda number: number)
    except (ArithmeticError, ValueError, TypeError):
        return math.nan
    return float(value) if isinstance(value, (int, float)) else math.nan


def _float_call(name: str, argument: Any) -> float:
    return float(torch_call(name, as_tensor(argument)))


def _as_python(node: ast.expr) -> ast.expr:
    """`node` with math.pi in place of pi, and with the value in place of a call."""
    match node:
        case ast.Name():
            return _attribute("math", node.id)
        case ast.Call():
            return _literal(_tensor_value(node))
        case ast.BinOp():
            return ast.BinOp(_as_python(node.left), node.op, _as_python(node.right))
        case ast.UnaryOp(op=ast.UAdd()):
            return _as_python(node.operand)
        case ast.UnaryOp():
            return ast.UnaryOp(node.op, _as_python(node.operand))
        case ast.Constant():
            return ast.Constant(node.value)
    raise TypeError(f"a formula has no {type(node).__name__}")


def _literal(value: float) -> ast.expr:
    """A float as an expression; the sign is an operation, because `-2**2` is not `(-2)**2`."""
    if math.copysign(1.0, value) < 0 and not math.isnan(value):
        return ast.UnaryOp(ast.USub(), _literal(-value))
    return ast.Constant(value) if math.isfinite(value) else _attribute("math", str(value))


def _attribute(module: str, name: str) -> ast.expr:
    return ast.Attribute(_name(module), name, ast.Load())


def _name(name: str) -> ast.expr:
    return ast.Name(name, ast.Load())
