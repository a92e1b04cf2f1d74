"""The tree of a formula: five kinds of node, frozen, equal when they look alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Union


@dataclass(frozen=True, slots=True)
class Number:
    """A literal; `text` is how the user wrote it."""

    value: float
    text: str


@dataclass(frozen=True, slots=True)
class Name:
    """A variable, or one of the constants pi and e."""

    id: str


@dataclass(frozen=True, slots=True)
class Negative:
    """-inner"""

    inner: Node


@dataclass(frozen=True, slots=True)
class Binary:
    """left sign right; the sign is one of + - * / **"""

    sign: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Call:
    """function(argument)"""

    function: str
    argument: Node


Node = Union[Number, Name, Negative, Binary, Call]

BINDING = {"+": 1, "-": 1, "*": 2, "/": 2, "**": 4}
NEGATIVE, ATOM = 3, 9


def binding(node: Node) -> int:
    """How strongly a node holds together; a weaker one inside a stronger one needs parentheses."""
    if isinstance(node, Binary):
        return BINDING[node.sign]
    return NEGATIVE if isinstance(node, Negative) else ATOM


def children(node: Node) -> tuple[Node, ...]:
    """The operands, left to right."""
    if isinstance(node, Binary):
        return (node.left, node.right)
    if isinstance(node, Negative):
        return (node.inner,)
    return (node.argument,) if isinstance(node, Call) else ()


def names_in(node: Node) -> tuple[str, ...]:
    """Every name, in the order of first use."""
    if isinstance(node, Name):
        return (node.id,)
    return tuple(dict.fromkeys(name for child in children(node) for name in names_in(child)))


def replaced(node: Node, old: Node, new: Node) -> Node:
    """The same formula with the object `old` (that very node, not its equals) put for `new`."""
    if node is old:
        return new
    if isinstance(node, Binary):
        left, right = replaced(node.left, old, new), replaced(node.right, old, new)
        return Binary(node.sign, left, right)
    if isinstance(node, Negative):
        return Negative(replaced(node.inner, old, new))
    if isinstance(node, Call):
        return Call(node.function, replaced(node.argument, old, new))
    return node


def python(node: Node, words: Mapping[str, str] | None = None) -> str:
    """Python source with no more parentheses than needed.

    `words` maps functions and constants to what they are called there ("sin" -> "torch.sin").
    """
    words = words or {}
    if isinstance(node, Number):
        return node.text
    if isinstance(node, Name):
        return words.get(node.id, node.id)
    if isinstance(node, Call):
        return f"{words.get(node.function, node.function)}({python(node.argument, words)})"
    if isinstance(node, Negative):
        return "-" + _held(node.inner, NEGATIVE, words)
    strength = BINDING[node.sign]
    # ** binds to the right, and a minus is allowed bare in its exponent: x**-2.
    left = _held(node.left, strength + (node.sign == "**"), words)
    right_needs = NEGATIVE if node.sign == "**" else strength + 1
    right = _held(node.right, right_needs, words)
    if isinstance(node.right, Negative) and node.sign != "**":
        right = f"({python(node.right, words)})"
    return f"{left}**{right}" if node.sign == "**" else f"{left} {node.sign} {right}"


def _held(node: Node, needed: int, words: Mapping[str, str]) -> str:
    text = python(node, words)
    return text if binding(node) >= needed else f"({text})"
