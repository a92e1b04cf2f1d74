"""A formula as Typst math: fractions, raised powers, products without a sign where that reads."""

from __future__ import annotations

import re
from collections.abc import Mapping

from gradreel.expression.tree import ATOM, Binary, Call, Name, Negative, Node, Number, binding

OPERATORS = {
    "log": "ln", "log2": "log_2", "log10": "log_10", "asin": "arcsin", "acos": "arccos",
    "atan": "arctan", "sigmoid": "sigma", "relu": 'op("ReLU")', "softplus": 'op("softplus")',
}  # fmt: skip
GREEK = frozenset(
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi rho sigma tau phi chi"
    " psi omega pi".split()
)


def typst(tree: Node, names: Mapping[str, str] | None = None) -> str:
    """Typst math of `tree`; `names` gives the markup of variables."""
    return _Setter(names or {}).set(tree, raised=False)


def name_markup(name: str) -> str:
    """A variable as mathematicians write it: x, theta, w_1, "loss"."""
    if len(name) == 1 or name in GREEK:
        return name
    numbered = re.fullmatch(r"([A-Za-z]+?)_?(\d+)", name)
    if numbered and (len(numbered[1]) == 1 or numbered[1] in GREEK):
        return f"{numbered[1]}_{numbered[2]}"
    return f'"{name}"'


class _Setter:
    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = names

    def set(self, node: Node, raised: bool) -> str:
        """Markup of a node; inside an exponent (`raised`) fractions lie flat."""
        if isinstance(node, Number):
            return _number(node)
        if isinstance(node, Name):
            return self.names.get(node.id, name_markup(node.id))
        if isinstance(node, Negative):
            return "-" + self._held(node.inner, 2, raised)
        if isinstance(node, Call):
            return self._call(node, raised)
        if node.sign == "/":
            return self._quotient(node, raised)
        if node.sign == "**":
            base = self._held(node.left, ATOM, raised)
            return f"{base}^({self.set(node.right, raised=True)})"
        if node.sign == "*":
            return self._product(node, raised)
        left = self._held(node.left, 1, raised)
        right = self._held(node.right, 1 if node.sign == "+" else 2, raised)
        return f"{left} {node.sign} {self._signed(node.right, right)}"

    def _call(self, node: Call, raised: bool) -> str:
        if node.function == "exp":
            return f"e^({self.set(node.argument, raised=True)})"
        name = OPERATORS.get(node.function, node.function)
        return f"{name}({self.set(node.argument, raised)})"

    def _quotient(self, node: Binary, raised: bool) -> str:
        if not raised:
            return f"frac({self.set(node.left, raised)}, {self.set(node.right, raised)})"
        left, right = self._held(node.left, 2, raised), self._held(node.right, 3, raised)
        return f"{left} \\/ {self._signed(node.right, right)}"

    def _product(self, node: Binary, raised: bool) -> str:
        left, right = self._held(node.left, 2, raised), self._held(node.right, 2, raised)
        right = self._signed(node.right, right)
        return f"{left} {'dot ' if _needs_dot(node, right, raised) else ''}{right}"

    def _held(self, node: Node, needed: int, raised: bool) -> str:
        strength = binding(node)
        if isinstance(node, Binary) and node.sign == "/" and not raised and needed < ATOM:
            strength = ATOM
        if isinstance(node, Call) and node.function == "exp" and needed == ATOM:
            strength = 4
        text = self.set(node, raised)
        return text if strength >= needed else f"({text})"

    def _signed(self, node: Node, text: str) -> str:
        """A minus sign does not follow another sign."""
        return f"({text})" if text.startswith("-") else text


def _needs_dot(node: Binary, right: str, raised: bool) -> bool:
    """2 x and x sin(x) read as products; 2 3, sin(x) x and 2 1/2 do not."""
    last, first = _last_factor(node.left), _first_factor(node.right)
    if right[0].isdigit() or (raised and isinstance(first, Binary) and first.sign == "/"):
        return True
    if isinstance(last, Call) and not isinstance(first, Call) and not right.startswith("("):
        return True
    return isinstance(last, Number) and isinstance(first, Binary) and first.sign == "/"


def _last_factor(node: Node) -> Node:
    while isinstance(node, Binary) and node.sign == "*":
        node = node.right
    return node


def _first_factor(node: Node) -> Node:
    while isinstance(node, Binary) and node.sign == "*":
        node = node.left
    return node


def _number(node: Number) -> str:
    text = node.text.lower().replace("_", "")
    if "e" not in text or text.startswith("0x"):
        return text if not text.startswith("0x") else f"{node.value:g}"
    digits, power = text.split("e")
    shift = f"10^({int(power)})"
    return shift if digits in ("1", "1.", "1.0") else f"{digits} dot {shift}"
