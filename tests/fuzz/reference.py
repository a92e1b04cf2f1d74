"""An independent evaluator of formulas and of Typst markup: values and slopes in mpmath.

It does not import gradreel. A formula is parsed by Python's `ast`, markup by a grammar written from
Typst's documentation; derivatives are computed with dual numbers of 40 digits.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import mpmath

mp = mpmath.mp.clone()
mp.dps = 40


class NoValue(Exception):
    """The formula has no finite real value or slope there, or is at a corner of abs or relu."""


@dataclass(frozen=True)
class Dual:
    """A value with its partial derivatives; `size` is the largest intermediate.

    `varies` is true of what is written with a variable, also where all slopes are 0.
    """

    value: Any
    slopes: tuple[Any, ...]
    size: Any = 0
    varies: bool = False

    def apply(self, value: Any, rate: Any) -> Dual:
        """The dual number of f(self), where `value` is f and `rate` its derivative."""
        return checked(value, tuple(rate * s for s in self.slopes), self.size, self.varies)


def checked(value: Any, slopes: tuple[Any, ...], size: Any, varies: bool) -> Dual:
    numbers = (value, *slopes)
    if any(isinstance(n, mp.mpc) and n.imag != 0 or not mp.isfinite(n) for n in numbers):
        raise NoValue
    largest = max(size, *map(abs, numbers))
    if largest > 1e12:
        raise NoValue
    return Dual(mp.re(value), tuple(mp.re(s) for s in slopes), largest, varies)


def combine(sign: str, a: Dual, b: Dual) -> Dual:
    size, pairs = max(a.size, b.size), tuple(zip(a.slopes, b.slopes, strict=True))
    varies = a.varies or b.varies
    if sign == "+":
        return checked(a.value + b.value, tuple(p + q for p, q in pairs), size, varies)
    if sign == "-":
        return checked(a.value - b.value, tuple(p - q for p, q in pairs), size, varies)
    if sign == "*":
        slopes = tuple(p * b.value + a.value * q for p, q in pairs)
        return checked(a.value * b.value, slopes, size, varies)
    if sign == "/":
        if abs(b.value) < 1e-9:
            raise NoValue
        slopes = tuple((p * b.value - a.value * q) / b.value**2 for p, q in pairs)
        return checked(a.value / b.value, slopes, size, varies)
    return power(a, b)


def power(a: Dual, b: Dual) -> Dual:
    pairs, size = tuple(zip(a.slopes, b.slopes, strict=True)), max(a.size, b.size)
    if abs(a.value) < 1e-9 or abs(b.value) > 100:
        raise NoValue
    if b.varies and a.value < 0:  # defined only where the exponent happens to be an integer
        raise NoValue
    value = a.value**b.value
    rate = mp.log(a.value) * value if any(b.slopes) else mp.mpf(0)
    slopes = tuple(b.value * a.value ** (b.value - 1) * p + rate * q for p, q in pairs)
    return checked(value, slopes, size, a.varies or b.varies)


def sigmoid(x: Any) -> Any:
    return 1 / (1 + mp.exp(-x))


FUNCTIONS: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "exp": (mp.exp, mp.exp),
    "log": (mp.log, lambda x: 1 / x),
    "ln": (mp.log, lambda x: 1 / x),
    "log2": (lambda x: mp.log(x, 2), lambda x: 1 / (x * mp.log(2))),
    "log10": (mp.log10, lambda x: 1 / (x * mp.log(10))),
    "sqrt": (mp.sqrt, lambda x: 1 / (2 * mp.sqrt(x))),
    "sin": (mp.sin, mp.cos),
    "cos": (mp.cos, lambda x: -mp.sin(x)),
    "tan": (mp.tan, lambda x: 1 / mp.cos(x) ** 2),
    "asin": (mp.asin, lambda x: 1 / mp.sqrt(1 - x * x)),
    "acos": (mp.acos, lambda x: -1 / mp.sqrt(1 - x * x)),
    "atan": (mp.atan, lambda x: 1 / (1 + x * x)),
    "sinh": (mp.sinh, mp.cosh),
    "cosh": (mp.cosh, mp.sinh),
    "tanh": (mp.tanh, lambda x: 1 / mp.cosh(x) ** 2),
    "sigmoid": (sigmoid, lambda x: sigmoid(x) * (1 - sigmoid(x))),
    "relu": (lambda x: x if x > 0 else mp.mpf(0), lambda x: mp.mpf(int(x > 0))),
    "abs": (abs, mp.sign),
}


def call(name: str, a: Dual) -> Dual:
    function, derivative = FUNCTIONS[name]
    if name in ("relu", "abs", "sqrt", "log", "ln", "log2", "log10") and abs(a.value) < 1e-9:
        raise NoValue
    if a.size > 1e6 or abs(a.value) > 500:  # rounding errors would hide a bug
        raise NoValue
    if name in ("asin", "acos") and abs(abs(a.value) - 1) < 1e-9:
        raise NoValue
    value, slope = function(a.value), derivative(a.value)
    if isinstance(value, mp.mpc):
        raise NoValue
    return a.apply(value, slope)


class Reference:
    """Evaluates formulas and markup for the variables' values `at`."""

    def __init__(self, at: Mapping[str, float]) -> None:
        self.at = {
            name: Dual(mp.mpf(x), tuple(mp.mpf(int(other == name)) for other in at), abs(x), True)
            for name, x in at.items()
        }
        self.zero_slopes = tuple(mp.mpf(0) for _ in at)

    def number(self, value: Any) -> Dual:
        return Dual(mp.mpf(value), self.zero_slopes, abs(mp.mpf(value)))

    def name(self, name: str) -> Dual:
        constants = {"pi": mp.pi, "e": mp.e}
        return self.at[name] if name in self.at else self.number(+constants[name])

    def evaluate(self, text: str) -> Dual:
        """The formula `text`, with the precedence of Python."""
        try:
            return self._node(ast.parse(text.strip(), mode="eval").body)
        except (ZeroDivisionError, ValueError, OverflowError, TypeError):
            raise NoValue from None

    def _node(self, node: ast.expr) -> Dual:
        signs = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**"}
        match node:
            case ast.Constant(value=value):
                return self.number(value)
            case ast.Name(id=name):
                return self.name(name)
            case ast.UnaryOp(op=ast.USub()):
                operand = self._node(node.operand)
                return operand.apply(-operand.value, -1)
            case ast.UnaryOp():
                return self._node(node.operand)
            case ast.Call(func=ast.Name(id=name)):
                return call(name, self._node(node.args[0]))
            case ast.BinOp():
                return combine(signs[type(node.op)], self._node(node.left), self._node(node.right))
        raise AssertionError(ast.dump(node))

    def evaluate_markup(self, markup: str) -> Dual:
        """Typst math markup; AssertionError if it is not in the grammar."""
        return _MarkupParser(markup, self).parse()


_WORDS = {"ln": "ln", "log_2": "log2", "log_10": "log10", "arcsin": "asin", "arccos": "acos",
          "arctan": "atan", "sigma": "sigmoid", 'op("relu")': "relu"}  # fmt: skip
_TOKEN = re.compile(r'\s*(log_10|log_2|op\("relu"\)|[\d.]+|[A-Za-z]+\d*|"\w+"|[-+^(),])')


class _MarkupParser:
    """sum = [-] product {+- product}; product = power {[dot] power}; power = atom [^ atom]."""

    def __init__(self, markup: str, reference: Reference) -> None:
        self.tokens, position, self.reference = [], 0, reference
        while position < len(markup.rstrip()):
            match = _TOKEN.match(markup, position)
            assert match, f"unknown token in {markup!r} at {position}"
            self.tokens.append(match[1])
            position = match.end()
        self.tokens.append("")

    def parse(self) -> Dual:
        result = self.sum()
        assert self.tokens == [""], f"{self.tokens} is left over"
        return result

    def expect(self, token: str) -> None:
        assert self.tokens.pop(0) == token, f"{token} expected before {self.tokens}"

    def sum(self) -> Dual:
        if self.tokens[0] == "-":
            self.tokens.pop(0)
            first = self.product()
            total = first.apply(-first.value, -1)
        else:
            total = self.product()
        while self.tokens[0] in ("+", "-"):
            total = combine(self.tokens.pop(0), total, self.product())
        return total

    def product(self) -> Dual:
        total = self.power()
        while self.tokens[0] not in ("", "+", "-", ")", ",", "^"):
            dot = self.tokens[0] == "dot"
            if dot:
                self.tokens.pop(0)
            assert dot or not self.tokens[0][0].isdigit(), "no dot before a digit"
            total = combine("*", total, self.power())
        return total

    def power(self) -> Dual:
        base = self.atom()
        if self.tokens[0] != "^":
            return base
        self.tokens.pop(0)
        exponent = self.atom()
        assert self.tokens[0] != "^", "a power of a power without parentheses"
        return combine("**", base, exponent)

    def parenthesized(self) -> Dual:
        self.expect("(")
        result = self.sum()
        self.expect(")")
        return result

    def atom(self) -> Dual:
        token = self.tokens[0]
        if token == "(":
            return self.parenthesized()
        self.tokens.pop(0)
        if token[0].isdigit():
            return self.reference.number(token)
        if token == "frac":
            self.expect("(")
            above = self.sum()
            self.expect(",")
            below = self.sum()
            self.expect(")")
            return combine("/", above, below)
        name = _WORDS.get(token, token)
        if name in FUNCTIONS:
            return call(name, self.parenthesized())
        return self.reference.name(name.replace("_", "").strip('"'))
