"""Reads formulas by a white list: what is not arithmetic is refused, by name and place."""

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

LONGEST, DEEPEST, LARGEST, STEEPEST = 300, 40, 1e15, 100
_SIGNS = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow)
_LETTERS = {
    "²": "x**2", "³": "x**3", "×": "*", "·": "*", "÷": "/", "−": "an ordinary -", "π": "pi",
    "√": "sqrt(x)",
}  # fmt: skip
_REFUSED: dict[type[ast.AST], str] = {
    ast.Attribute: "an attribute", ast.Subscript: "an index", ast.Lambda: "a lambda",
    ast.ListComp: "a comprehension", ast.SetComp: "a comprehension",
    ast.DictComp: "a comprehension", ast.GeneratorExp: "a comprehension",
    ast.JoinedStr: "a string", ast.Compare: "a comparison", ast.BoolOp: "and/or",
    ast.IfExp: "if/else", ast.NamedExpr: "an assignment", ast.List: "a list",
    ast.Tuple: "a list", ast.Dict: "a dictionary", ast.Set: "a set", ast.Starred: "a star",
    ast.Await: "await",
}  # fmt: skip


def parse(text: str, variables: Sequence[str] | None = ("x",)) -> Expression:
    """Read a formula in `variables`; with None, in the names that it uses, as they come.

    Raises ExpressionError, with the culprit and its place, for everything but numbers, variables,
    pi, e, + - * / ** and the functions in FUNCTIONS.
    """
    for name in variables or ():
        if not name.isidentifier() or keyword.iskeyword(name) or name in (*FUNCTIONS, *CONSTANTS):
            raise ExpressionError(f"{name!r} cannot be the name of a variable.")
    clean = text.strip()
    tree = _Reader(clean, variables).tree()
    if variables is None:
        free = [n for n in ast.walk(tree) if isinstance(n, ast.Name) and _is_free(n)]
        variables = list(dict.fromkeys(n.id for n in sorted(free, key=lambda n: n.col_offset)))
    return Expression(clean, tuple(variables), ast.dump(tree), tree)


def _is_free(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id not in (*FUNCTIONS, *CONSTANTS)


class _Reader:
    """One reading: keeps the text, to point into it."""

    def __init__(self, text: str, variables: Sequence[str] | None) -> None:
        self.text, self.variables = text, variables

    def tree(self) -> ast.expr:
        if not self.text:
            self._refuse("the formula is empty", 0, "Write one such as x**2 + 1.")
        if len(self.text) > LONGEST:
            self._refuse(f"the formula has more than {LONGEST} characters", LONGEST)
        for place, letter in enumerate(self.text):
            if letter in _LETTERS:
                self._refuse(f"{letter!r} cannot be read", place, f"Write {_LETTERS[letter]}.")
        if "#" in self.text:
            self._refuse("a formula has no comments", self.text.index("#"))
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree = ast.parse(self.text, mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            self._refuse_syntax(error)
        self._check(tree, 0)
        return tree

    def _check(self, node: ast.expr, depth: int) -> None:
        if depth > DEEPEST:
            self._refuse(f"the formula is too large: more than {DEEPEST} levels", node)
        match node:
            case ast.Constant():
                self._check_number(node)
            case ast.Name():
                self._check_name(node)
            case ast.UnaryOp(op=ast.USub() | ast.UAdd()):
                self._check(node.operand, depth + 1)
            case ast.BinOp():
                self._check_pair(node, depth)
            case ast.Call():
                self._check_call(node, depth)
            case _:
                what = _REFUSED.get(type(node), "this")
                self._refuse(f"{what} has no place in a formula: {self._piece(node)}", node)

    def _check_number(self, node: ast.Constant) -> None:
        value = node.value
        if type(value) not in (int, float):
            self._refuse(f"{self._piece(node)} is not a number", node)
        if abs(float(str(value))) > LARGEST:
            self._refuse(f"a number over {LARGEST:g}: {self._piece(node)}", node)

    def _check_name(self, node: ast.Name) -> None:
        name = node.id
        if name in FUNCTIONS:
            self._refuse(f"{name} is a function", node, f"Write it with its argument: {name}(x).")
        if self.variables is None and not name.startswith("_"):
            return
        known = (*(self.variables or ()), *CONSTANTS)
        if name not in known:
            self._refuse(f"the name {name!r} is not known", node, _near(name, known), known)

    def _check_pair(self, node: ast.BinOp, depth: int) -> None:
        piece = self._piece(node)
        if isinstance(node.op, ast.BitXor):
            self._refuse(
                f"^ does not raise to a power: {piece}", node, "Write ** for powers: x**2."
            )
        if not isinstance(node.op, _SIGNS):
            self._refuse(f"an operator other than + - * / **: {piece}", node)
        self._check(node.left, depth + 1)
        if isinstance(node.op, ast.Pow):
            self._check_power(node.right)
            self._check_size(node)
        self._check(node.right, depth + 1)

    def _check_size(self, node: ast.BinOp) -> None:
        """A power of constants stays a number that every float can hold with ease."""
        if any(_is_free(part) for part in ast.walk(node)):
            return
        self._check(node.right, 0)
        try:
            size = abs(Expression("", (), "", node).evaluate({}, _call))
        except (ArithmeticError, ValueError, TypeError):
            return  # such as 0**-1: inf or NaN when it is evaluated as tensors
        if size > LARGEST:
            self._refuse(f"a number over {LARGEST:g}: {self._piece(node)}", node)

    def _check_power(self, node: ast.expr) -> None:
        """A constant exponent has a value, and not one that runs away: 9**9**9."""
        if any(_is_free(part) for part in ast.walk(node)):
            return
        self._check(node, 0)
        try:
            value = Expression("", (), "", node).evaluate({}, _call)
        except (ArithmeticError, ValueError, TypeError):  # sin of a complex root
            self._refuse(f"the exponent {self._piece(node)} has no value", node)
        if isinstance(value, complex) or not abs(value) <= STEEPEST:
            hint = f"Exponents go to {STEEPEST}."
            self._refuse(f"the exponent {self._piece(node)} is too large", node, hint)

    def _check_call(self, node: ast.Call, depth: int) -> None:
        if not isinstance(node.func, ast.Name):
            self._check(node.func, depth + 1)
            self._refuse(f"{self._piece(node.func)} is not a function", node.func)
        name = node.func.id
        if name not in FUNCTIONS:
            known = name in (*(self.variables or ()), *CONSTANTS)
            hint = f"Write {name}*(...)." if known else _near(name, FUNCTIONS)
            self._refuse(f"{name!r} is not a function that is known", node.func, hint, FUNCTIONS)
        if len(node.args) != 1 or node.keywords or isinstance(node.args[0], ast.Starred):
            self._refuse(f"{name} takes one argument: {self._piece(node)}", node)
        self._check(node.args[0], depth + 1)

    # -- messages ----------------------------------------------------------------------------

    def _refuse_syntax(self, error: BaseException) -> NoReturn:
        place = (getattr(error, "offset", None) or 1) - 1
        hint = "Write it as Python does: 2*x, x**2, sin(x)."
        if re.search(r"[^=<>!:]=[^=]", self.text):
            hint = "Write only what stands right of the =."
        elif re.search(r"\d\s*[A-Za-z(]|\)\s*[\w(]", self.text):
            hint = "A product needs its sign: 2*x, 3*(x + 1)."
        self._refuse("the formula cannot be read", place, hint)

    def _piece(self, node: ast.expr) -> str:
        return ast.get_source_segment(self.text, node) or "this"

    def _refuse(
        self, what: str, at: ast.expr | int, hint: str = "", valid: Iterable[str] = ()
    ) -> NoReturn:
        place = at if isinstance(at, int) else at.col_offset
        place = len(self.text.encode()[:place].decode(errors="ignore"))
        shown = self.text if len(self.text) <= 80 else self.text[:80] + "..."
        raise ExpressionError(
            f"{what}.", where=f"{shown!r}, column {place + 1}", hint=hint, valid=valid
        )


def _call(name: str, argument: float) -> float:
    return FUNCTIONS[name](argument)


def _near(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(known), n=2)
    return "Did you mean " + " or ".join(near) + "?" if near else ""
