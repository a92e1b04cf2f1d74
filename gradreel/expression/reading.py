"""From text to a tree, by a white list: what is not arithmetic is refused by name and place."""

from __future__ import annotations

import ast
import difflib
import keyword
import math
import re
import warnings
from collections.abc import Callable, Iterable, Sequence
from typing import NoReturn

from gradreel.errors import ExpressionError
from gradreel.expression.expression import Expression
from gradreel.expression.tree import Binary, Call, Name, Negative, Node, Number, children


def _sigmoid(x: float) -> float:
    return 0.5 * (1 + math.tanh(x / 2))


FUNCTIONS: dict[str, Callable[[float], float]] = {
    "exp": math.exp, "log": math.log, "log2": math.log2, "log10": math.log10, "sqrt": math.sqrt,
    "sin": math.sin, "cos": math.cos, "tan": math.tan,
    "asin": math.asin, "acos": math.acos, "atan": math.atan,
    "sinh": math.sinh, "cosh": math.cosh, "tanh": math.tanh,
    "sigmoid": _sigmoid, "relu": lambda x: max(x, 0.0), "abs": abs,
    "softplus": lambda x: max(x, 0.0) + math.log1p(math.exp(-abs(x))),
}  # fmt: skip
CONSTANTS = {"pi": math.pi, "e": math.e}
ALIASES = {"ln": "log", "arcsin": "asin", "arccos": "acos", "arctan": "atan"}

SIGNS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**"}
LONGEST, DEEPEST, LARGEST, STEEPEST = 400, 40, 1e12, 100
WRITTEN_OTHERWISE = {
    "²": "Write x**2.", "³": "Write x**3.", "×": "Write *.", "·": "Write *.", "÷": "Write /.",
    "−": "Write an ordinary minus, -.", "π": "Write pi.", "√": "Write sqrt(x).",
    "#": "A formula has no comments.",
}  # fmt: skip

_REFUSED = {
    ast.Attribute: "an attribute", ast.Subscript: "an index", ast.Lambda: "a lambda",
    ast.ListComp: "a comprehension", ast.SetComp: "a comprehension",
    ast.DictComp: "a comprehension", ast.GeneratorExp: "a comprehension",
    ast.JoinedStr: "a string", ast.Compare: "a comparison", ast.BoolOp: "a logical operation",
    ast.IfExp: "a condition", ast.List: "a list", ast.Tuple: "a list", ast.Dict: "a dictionary",
    ast.Set: "a set", ast.NamedExpr: "an assignment", ast.Starred: "a star",
    ast.Await: "an await",
}  # fmt: skip


def parse(text: str, variables: Sequence[str] | None = ("x",)) -> Expression:
    """Read a formula in `variables`; with None, every name that is neither constant nor function.

    Raises ExpressionError, with the culprit and its place, for everything but numbers, variables,
    pi, e, + - * / ** and the functions in FUNCTIONS.
    """
    clean = " ".join(text.split())
    if variables is not None:
        _check_names(variables)
    tree = _Reader(clean, variables).tree()
    used = [name for name in _names(tree) if name not in CONSTANTS or name in (variables or ())]
    return Expression(clean, tuple(used if variables is None else variables), tree)


def _names(tree: Node) -> list[str]:
    found = [tree.id] if isinstance(tree, Name) else []
    for child in children(tree):
        found += _names(child)
    return list(dict.fromkeys(found))


def _check_names(variables: Sequence[str]) -> None:
    for name in variables:
        if not name.isidentifier() or keyword.iskeyword(name) or name in FUNCTIONS:
            raise ExpressionError(f"{name!r} cannot be the name of a variable")


class _Reader:
    """One reading: keeps the text, to point into it."""

    def __init__(self, text: str, variables: Sequence[str] | None) -> None:
        self.text, self.variables = text, variables

    def tree(self) -> Node:
        if not self.text:
            self._refuse("the formula is empty", 0, hint="Write one such as x**2 + 1.")
        if len(self.text) > LONGEST:
            self._refuse(f"the formula is longer than {LONGEST} characters", LONGEST)
        for place, letter in enumerate(self.text):
            if letter in WRITTEN_OTHERWISE:
                self._refuse(f"{letter!r} cannot be read", place, WRITTEN_OTHERWISE[letter])
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                body = ast.parse(self.text, mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            self._refuse_syntax(error)
        tree = self._node(body, 0)
        self._constant(tree, body)
        return tree

    # -- nodes -------------------------------------------------------------------------------

    def _node(self, node: ast.expr, depth: int) -> Node:
        if depth > DEEPEST:
            self._refuse(f"the formula is nested more than {DEEPEST} deep", node)
        if isinstance(node, ast.Constant):
            return self._number(node)
        if isinstance(node, ast.Name):
            return self._name(node)
        if isinstance(node, ast.UnaryOp):
            return self._unary(node, depth)
        if isinstance(node, ast.BinOp):
            return self._binary(node, depth)
        if isinstance(node, ast.Call):
            return self._call(node, depth)
        return self._refuse(f"{_REFUSED.get(type(node), 'this')} has no place in a formula", node)

    def _number(self, node: ast.Constant) -> Node:
        value = node.value
        if type(value) not in (int, float):
            kind = "a string" if isinstance(value, (str, bytes)) else repr(value)
            self._refuse(f"{kind} is not a number", node)
        if abs(value) > LARGEST:
            self._refuse(f"a number larger than {LARGEST:g}", node)
        return Number(float(value), self._piece(node))

    def _name(self, node: ast.Name) -> Node:
        known = CONSTANTS if self.variables is None else (*self.variables, *CONSTANTS)
        name = node.id
        if name in FUNCTIONS or name in ALIASES:
            self._refuse(f"{name} is a function", node, f"Write {name}(...).")
        if self.variables is None and name not in CONSTANTS:
            if name.startswith("_") or keyword.iskeyword(name):
                self._refuse(f"{name!r} cannot be the name of a variable", node)
        elif name not in known:
            self._refuse(f"unknown name {name!r}", node, _near(name, known), known)
        return Name(name)

    def _unary(self, node: ast.UnaryOp, depth: int) -> Node:
        if isinstance(node.op, ast.UAdd):
            return self._node(node.operand, depth + 1)
        if not isinstance(node.op, ast.USub):
            self._refuse("the only signs before a value are + and -", node)
        return Negative(self._node(node.operand, depth + 1))

    def _binary(self, node: ast.BinOp, depth: int) -> Node:
        sign = SIGNS.get(type(node.op))
        if isinstance(node.op, ast.BitXor):
            self._refuse("^ is not a power in Python", node, "Write ** for a power: x**2.")
        if sign is None:
            self._refuse("unknown operation", node, "There are + - * / **.")
        left, right = self._node(node.left, depth + 1), self._node(node.right, depth + 1)
        for side, written in ((left, node.left), (right, node.right)):
            value = self._constant(side, written)
            if sign == "**" and side is right and value is not None and abs(value) > STEEPEST:
                self._refuse(f"a power higher than {STEEPEST}", written)
        return Binary(sign, left, right)

    def _call(self, node: ast.Call, depth: int) -> Node:
        if not isinstance(node.func, ast.Name):
            self._node(node.func, depth + 1)
            self._refuse("only the functions below can be called", node.func, valid=FUNCTIONS)
        name = ALIASES.get(node.func.id, node.func.id)
        if name not in FUNCTIONS:
            if name in (self.variables or ()) or name in CONSTANTS:
                self._refuse(f"{name} is not a function", node.func, f"Write {name}*(...).")
            hint = _near(name, FUNCTIONS)
            self._refuse(f"unknown function {name!r}", node.func, hint, FUNCTIONS)
        if len(node.args) != 1 or node.keywords or isinstance(node.args[0], ast.Starred):
            self._refuse(f"{name} takes one value", node)
        return Call(name, self._node(node.args[0], depth + 1))

    # -- limits and messages -----------------------------------------------------------------

    def _constant(self, tree: Node, written: ast.expr) -> float | None:
        """The value of a part without variables; refused when it is none or far too large."""
        if any(name not in CONSTANTS or name in (self.variables or ()) for name in _names(tree)):
            return None
        try:
            value = constant_value(tree)
        except (ValueError, ArithmeticError, TypeError):
            value = math.nan
        if isinstance(value, complex) or not abs(value) <= LARGEST:
            self._refuse(f"{self._piece(written)} has no value that could be used", written)
        return value

    def _refuse_syntax(self, error: BaseException) -> NoReturn:
        place = (getattr(error, "offset", None) or 1) - 1
        hint = "Write it as Python does: 2*x, x**2, sin(x)."
        if re.search(r"[^=<>!]=[^=]", self.text):
            hint = "Write only what stands right of the =."
        elif re.search(r"\d\s*[A-Za-z(]|\)\s*[\w(]", self.text):
            hint = "A product needs its sign: 2*x, 3*(x + 1)."
        self._refuse("this is not a formula", place, hint)

    def _piece(self, node: ast.expr) -> str:
        return ast.get_source_segment(self.text, node) or "this"

    def _refuse(
        self, what: str, at: ast.expr | int, hint: str = "", valid: Iterable[str] = ()
    ) -> NoReturn:
        if isinstance(at, ast.expr):
            place = len(self.text.encode()[: at.col_offset].decode(errors="ignore"))
            what = f"{what}: {self._piece(at)}" if self._piece(at) not in what else what
        else:
            place = min(at, len(self.text))
        where = f"{self.text[: LONGEST + 1]!r}, character {place + 1}"
        raise ExpressionError(f"{what}.", where=where, hint=hint, valid=tuple(valid))


def constant_value(tree: Node) -> float:
    """The value of a part without variables, in floats so that no power can run away."""
    if isinstance(tree, Number):
        return tree.value
    if isinstance(tree, Name):
        return CONSTANTS[tree.id]
    if isinstance(tree, Negative):
        return -constant_value(tree.inner)
    if isinstance(tree, Call):
        return float(FUNCTIONS[tree.function](constant_value(tree.argument)))
    left, right = constant_value(tree.left), constant_value(tree.right)
    if tree.sign in "+-":
        return left + right if tree.sign == "+" else left - right
    if tree.sign == "**":
        return float(math.pow(left, right))
    return left * right if tree.sign == "*" else left / right


def _near(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, tuple(known), n=2)
    return "Did you mean " + " or ".join(near) + "?" if near else ""
