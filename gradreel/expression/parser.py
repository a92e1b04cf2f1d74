"""A parser of formulas that allows arithmetic only: a whitelist of Python's syntax nodes."""

from __future__ import annotations

import ast
import difflib
import keyword
import re
import warnings
from collections.abc import Iterable, Sequence
from typing import NoReturn

from gradreel.errors import ExpressionError
from gradreel.expression.builtins import CONSTANTS, FUNCTIONS
from gradreel.expression.expression import Expression

MAX_LENGTH, MAX_DEPTH, MAX_NUMBER, MAX_EXPONENT = 300, 40, 1e15, 100
_OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow)
_REPLACEMENTS = {
    "²": "x**2", "³": "x**3", "×": "*", "·": "*", "÷": "/", "−": "an ordinary -", "π": "pi",
    "√": "sqrt(x)",
}  # fmt: skip
_REJECTED_NODES: dict[type[ast.AST], str] = {
    ast.Attribute: "an attribute", ast.Subscript: "an index", ast.Lambda: "a lambda",
    ast.ListComp: "a comprehension", ast.SetComp: "a comprehension",
    ast.DictComp: "a comprehension", ast.GeneratorExp: "a comprehension",
    ast.JoinedStr: "a string", ast.Compare: "a comparison", ast.BoolOp: "and/or",
    ast.IfExp: "if/else", ast.NamedExpr: "an assignment", ast.List: "a list",
    ast.Tuple: "a list", ast.Dict: "a dictionary", ast.Set: "a set", ast.Starred: "a star",
    ast.Await: "await",
}  # fmt: skip


def parse(text: str, variables: Sequence[str] | None = ("x",)) -> Expression:
    """Parse a formula in `variables`; None takes the names it uses, in order of appearance.

    Raises ExpressionError, with the offending part and its column, for everything but numbers,
    variables, pi, e, + - * / ** and the functions in FUNCTIONS.
    """
    for name in variables or ():
        if not name.isidentifier() or keyword.iskeyword(name) or name in (*FUNCTIONS, *CONSTANTS):
            raise ExpressionError(f"{name!r} cannot be the name of a variable.")
    stripped = text.strip()
    tree = _Parser(stripped, variables).parse()
    if variables is None:
        free = [n for n in ast.walk(tree) if isinstance(n, ast.Name) and _is_free(n)]
        variables = list(dict.fromkeys(n.id for n in sorted(free, key=lambda n: n.col_offset)))
    return Expression(stripped, tuple(variables), ast.dump(tree), tree)


def _is_free(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id not in (*FUNCTIONS, *CONSTANTS)


def _is_constant(tree: ast.AST) -> bool:
    return not any(_is_free(node) for node in ast.walk(tree))


class _Parser:
    """Parses and checks one text; errors quote the text and the column."""

    def __init__(self, text: str, variables: Sequence[str] | None) -> None:
        self.text, self.variables = text, variables

    def parse(self) -> ast.expr:
        self._check_text()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree = ast.parse(self.text, mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            self._reject_syntax(error)
        self._check(tree, 0)
        return tree

    def _check_text(self) -> None:
        if not self.text:
            self._reject("the formula is empty", 0, "Write one such as x**2 + 1.")
        if len(self.text) > MAX_LENGTH:
            self._reject(f"the formula has more than {MAX_LENGTH} characters", MAX_LENGTH)
        for column, letter in enumerate(self.text):
            if letter in _REPLACEMENTS:
                self._reject(
                    f"{letter!r} cannot be read", column, f"Write {_REPLACEMENTS[letter]}."
                )
        if "#" in self.text:
            self._reject("a formula has no comments", self.text.index("#"))

    def _check(self, node: ast.expr, depth: int) -> None:
        if depth > MAX_DEPTH:
            self._reject(f"the formula is too large: more than {MAX_DEPTH} levels", node)
        match node:
            case ast.Constant():
                self._check_number(node)
            case ast.Name():
                self._check_name(node)
            case ast.UnaryOp(op=ast.USub() | ast.UAdd()):
                self._check(node.operand, depth + 1)
            case ast.BinOp():
                self._check_binary(node, depth)
            case ast.Call():
                self._check_call(node, depth)
            case _:
                kind = _REJECTED_NODES.get(type(node), "this")
                self._reject(f"{kind} is not allowed in a formula: {self._source(node)}", node)

    def _check_number(self, node: ast.Constant) -> None:
        value = node.value
        if type(value) not in (int, float):
            self._reject(f"{self._source(node)} is not a number", node)
        if abs(float(str(value))) > MAX_NUMBER:
            self._reject(f"a number over {MAX_NUMBER:g}: {self._source(node)}", node)

    def _check_name(self, node: ast.Name) -> None:
        name = node.id
        if name in FUNCTIONS:
            self._reject(f"{name} is a function", node, f"Write it with its argument: {name}(x).")
        if self.variables is None and not name.startswith("_"):
            return
        known = (*(self.variables or ()), *CONSTANTS)
        if name not in known:
            self._reject(f"the name {name!r} is not known", node, _suggestion(name, known), known)

    def _check_binary(self, node: ast.BinOp, depth: int) -> None:
        source = self._source(node)
        if isinstance(node.op, ast.BitXor):
            self._reject(
                f"^ does not raise to a power: {source}", node, "Write ** for powers: x**2."
            )
        if not isinstance(node.op, _OPERATORS):
            self._reject(f"an operator other than + - * / **: {source}", node)
        self._check(node.left, depth + 1)
        if isinstance(node.op, ast.Pow):
            self._check_exponent(node.right)
            self._check_constant_power(node)
        self._check(node.right, depth + 1)

    def _check_constant_power(self, node: ast.BinOp) -> None:
        """Reject a power of constants that exceeds MAX_NUMBER, which every float can hold."""
        if not _is_constant(node):
            return
        self._check(node.right, 0)
        try:
            size = abs(Expression("", (), "", node).evaluate({}, _call))
        except (ArithmeticError, ValueError, TypeError):
            return  # such as 0**-1: inf or NaN when it is evaluated as tensors
        if size > MAX_NUMBER:
            self._reject(f"a number over {MAX_NUMBER:g}: {self._source(node)}", node)

    def _check_exponent(self, node: ast.expr) -> None:
        """Reject a constant exponent without a real value, or over MAX_EXPONENT as in 9**9**9."""
        if not _is_constant(node):
            return
        self._check(node, 0)
        try:
            value = Expression("", (), "", node).evaluate({}, _call)
        except (ArithmeticError, ValueError, TypeError):  # such as sin of a complex root
            self._reject(f"the exponent {self._source(node)} has no value", node)
        if isinstance(value, complex) or not abs(value) <= MAX_EXPONENT:
            hint = f"Exponents go to {MAX_EXPONENT}."
            self._reject(f"the exponent {self._source(node)} is too large", node, hint)

    def _check_call(self, node: ast.Call, depth: int) -> None:
        if not isinstance(node.func, ast.Name):
            self._check(node.func, depth + 1)
            self._reject(f"{self._source(node.func)} is not a function", node.func)
        name = node.func.id
        if name not in FUNCTIONS:
            is_number = name in (*(self.variables or ()), *CONSTANTS)
            hint = f"Write {name}*(...)." if is_number else _suggestion(name, FUNCTIONS)
            self._reject(f"{name!r} is not a known function", node.func, hint, FUNCTIONS)
        if len(node.args) != 1 or node.keywords or isinstance(node.args[0], ast.Starred):
            self._reject(f"{name} takes one argument: {self._source(node)}", node)
        self._check(node.args[0], depth + 1)

    def _reject_syntax(self, error: BaseException) -> NoReturn:
        column = (getattr(error, "offset", None) or 1) - 1
        hint = "Write it as Python does: 2*x, x**2, sin(x)."
        if re.search(r"[^=<>!:]=[^=]", self.text):
            hint = "Write only the part to the right of the =."
        elif re.search(r"\d\s*[A-Za-z(]|\)\s*[\w(]", self.text):
            hint = "A product needs its sign: 2*x, 3*(x + 1)."
        self._reject("the formula cannot be read", column, hint)

    def _source(self, node: ast.expr) -> str:
        return ast.get_source_segment(self.text, node) or "this"

    def _reject(
        self, problem: str, at: ast.expr | int, hint: str = "", valid: Iterable[str] = ()
    ) -> NoReturn:
        """Raise an ExpressionError that points at a node, or at a byte offset of the text."""
        offset = at if isinstance(at, int) else at.col_offset
        column = len(self.text.encode()[:offset].decode(errors="ignore"))
        quoted = self.text if len(self.text) <= 80 else self.text[:80] + "..."
        raise ExpressionError(
            f"{problem}.", where=f"{quoted!r}, column {column + 1}", hint=hint, valid=valid
        )


def _call(name: str, argument: float) -> float:
    return FUNCTIONS[name](argument)


def _suggestion(name: str, known: Iterable[str]) -> str:
    matches = difflib.get_close_matches(name, list(known), n=2)
    return "Did you mean " + " or ".join(matches) + "?" if matches else ""
