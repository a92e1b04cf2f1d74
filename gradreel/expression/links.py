"""Taking a composition apart: sin(3*x + 1)**2 is u = 3*x + 1, v = sin(u), y = v**2."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count

from gradreel.errors import ExpressionError
from gradreel.expression.tree import (
    Binary,
    Name,
    Negative,
    Node,
    children,
    names_in,
    replaced,
)

LETTERS = "uvwstpqr"


def cut(text: str, tree: Node, used: Sequence[str]) -> list[tuple[str, Node]]:
    """The links, innermost first, each with the name of its variable."""
    if len(used) != 1:
        found = "no variable" if not used else "the variables " + " and ".join(used)
        raise ExpressionError(
            f"a chain runs through one variable, and this has {found}.",
            where=text,
            hint="Try one such as (3*x + 1)**2 or sin(exp(x)).",
        )
    variable = used[0]
    layers = list(_layers(tree, variable)) or [(tree, None)]
    parts = _merged(layers)
    names = fresh_names(LETTERS, (variable, "y"))
    links = []
    name = variable
    for outer, inner in reversed(parts):
        links.append((name, outer if inner is None else replaced(outer, inner, Name(name))))
        name = next(names)
    return links


def fresh_names(letters: str, taken: Sequence[str]) -> Iterator[str]:
    """Single letters that are not taken, then the first of them numbered."""
    yield from (letter for letter in letters if letter not in taken)
    yield from (f"{letters[0]}{number}" for number in count(1) if letters[0] not in taken)


def _layers(tree: Node, variable: str) -> Iterator[tuple[Node, Node | None]]:
    """From the outside in: each operation with its one operand that holds the variable."""
    while not isinstance(tree, Name):
        holding = [child for child in children(tree) if variable in names_in(child)]
        if len(holding) != 1:
            yield tree, None
            return
        yield tree, holding[0]
        tree = holding[0]


def _merged(layers: list[tuple[Node, Node | None]]) -> list[tuple[Node, Node | None]]:
    """Neighbouring layers that only scale and shift are one link: 3*x + 1, not 3*x and then + 1."""
    parts: list[tuple[Node, Node | None]] = []
    straight = False
    for outer, inner in layers:
        if straight and _is_straight(outer, inner):
            parts[-1] = (parts[-1][0], inner)
        else:
            parts.append((outer, inner))
        straight = _is_straight(outer, inner)
    if parts and isinstance(parts[-1][1], Name):
        parts[-1] = (parts[-1][0], None)
    return parts


def _is_straight(outer: Node, inner: Node | None) -> bool:
    if inner is None:
        return False
    if isinstance(outer, Negative):
        return True
    if not isinstance(outer, Binary):
        return False
    return outer.sign in "+-*" or (outer.sign == "/" and outer.left is inner)
