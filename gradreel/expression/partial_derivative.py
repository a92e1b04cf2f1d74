"""The partial derivative of a formula that is one operation, in the form a textbook gives it."""

from __future__ import annotations

import ast

from gradreel.expression.builtins import names_in
from gradreel.expression.expression import Expression
from gradreel.expression.parser import parse

_OF_FUNCTIONS = {
    "exp": "exp({0})", "log": "1/{0}", "ln": "1/{0}", "sqrt": "1/(2*sqrt({0}))",
    "sin": "cos({0})", "cos": "-sin({0})", "tan": "1 + tan({0})**2", "tanh": "1 - tanh({0})**2",
    "sinh": "cosh({0})", "cosh": "sinh({0})", "sigmoid": "sigmoid({0})*(1 - sigmoid({0}))",
    "atan": "1/(1 + {0}**2)",
}  # fmt: skip
_OF_OPERATORS: dict[type[ast.operator], tuple[str, str]] = {
    ast.Add: ("1", "1"), ast.Sub: ("1", "-1"), ast.Mult: ("{1}", "{0}"),
    ast.Div: ("1/{1}", "-({0}/{1}**2)"),
}  # fmt: skip


def partial_derivative(formula: Expression, variable: str) -> Expression | None:
    """The derivative of `formula` with respect to `variable`: of x**2 it is 2*x.

    None if the formula is more than one operation on names and numbers, if `variable` is not one
    operand of it, or if the derivative has no short form: abs(x), x**y with respect to y.
    """
    text = _derivative(formula.tree, variable)
    return parse(text, variables=formula.variables) if text else None


def _derivative(tree: ast.expr, variable: str) -> str | None:
    if isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.USub):
        return "-1" if _atoms(tree.operand) == [variable] else None
    if isinstance(tree, ast.Call):
        (argument,) = operands = _atoms(*tree.args) or [""]
        assert isinstance(tree.func, ast.Name)
        rule = _OF_FUNCTIONS.get(tree.func.id)
        return rule.format(*operands) if rule and argument == variable else None
    if not isinstance(tree, ast.BinOp):
        return None
    operands = _atoms(tree.left, tree.right)
    if operands.count(variable) != 1:
        return None
    if isinstance(tree.op, ast.Pow):
        return _of_power(variable, tree.right) if operands[0] == variable else None
    return _OF_OPERATORS[type(tree.op)][operands.index(variable)].format(*operands)


def _atoms(*parts: ast.expr) -> list[str]:
    """The operands of an operation as text; none if one of them is an operation itself."""
    are_atoms = all(isinstance(_without_sign(part), ast.Constant | ast.Name) for part in parts)
    return [_in_parentheses(part) for part in parts] if are_atoms else []


def _without_sign(part: ast.expr) -> ast.expr:
    # Only of numbers: the sign of a variable is an operation, which has a derivative.
    is_signed = isinstance(part, ast.UnaryOp) and not names_in(part)
    return part.operand if isinstance(part, ast.UnaryOp) and is_signed else part


def _in_parentheses(part: ast.expr) -> str:
    return f"({ast.unparse(part)})" if isinstance(part, ast.UnaryOp) else ast.unparse(part)


def _of_power(base: str, exponent: ast.expr) -> str | None:
    """n x^(n-1) for a whole number n above 1."""
    number = exponent.value if isinstance(exponent, ast.Constant) else None
    if not isinstance(number, int | float) or number != int(number) or number < 2:
        return None
    n = int(number)
    return f"{n}*{base}" if n == 2 else f"{n}*{base}**{n - 1}"
