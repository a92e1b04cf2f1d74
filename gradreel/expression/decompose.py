"""Takes a composition apart: (3x+1)**2 is u = 3x+1, then y = u**2."""

from __future__ import annotations

import ast
import copy
import itertools

from gradreel.expression.builtins import names_in

_LINK_NAMES = "uvwpqrstabcdghkmn"


def decompose(tree: ast.expr, variable: str) -> list[tuple[str, ast.expr]]:
    """The links of the composition `tree` in `variable`, innermost first: name and formula.

    Each is a formula in the name of the one before it; the last is called y (z, if y is taken).
    """
    layers = _layers(tree, variable)
    result, before = [], variable
    for (top, inside), name in zip(layers, _names(len(layers), variable), strict=True):
        link = copy.deepcopy(top) if inside is None else _replaced(top, inside, before)
        result.append((name, link))
        before = name
    return result


def _layers(tree: ast.expr, variable: str) -> list[tuple[ast.expr, ast.expr | None]]:
    """Pairs of a subtree and the part of it that is the link before, innermost first."""
    path = _path(tree, variable)
    tops = [path[0]]
    for outer, inner in itertools.pairwise(path):
        if not _belong_together(outer, inner, variable):
            tops.append(inner)
    return list(reversed(list(zip(tops, [*tops[1:], None], strict=True))))


def _path(tree: ast.expr, variable: str) -> list[ast.expr]:
    """The nodes from the root down, as long as only one branch holds the variable."""
    path = [tree]
    while True:
        holding = [part for part in _parts(path[-1]) if variable in names_in(part)]
        if len(holding) != 1 or isinstance(holding[0], ast.Name):
            return path
        path.append(holding[0])


def _belong_together(outer: ast.expr, inner: ast.expr, variable: str) -> bool:
    """Is `outer` drawn into one link with `inner`: a sign with anything, sums with products."""
    if isinstance(outer, ast.UnaryOp):
        return True
    # The sign of the bare variable counts as linear: 2*(-x) + 1 is one link.
    bare_sign = isinstance(inner, ast.UnaryOp) and not _parts(inner.operand)
    return _is_linear(outer, variable) and (bare_sign or _is_linear(inner, variable))


def _is_linear(node: ast.expr, variable: str) -> bool:
    """Adding or multiplying a constant, on a single branch."""
    if not isinstance(node, ast.BinOp):
        return False
    both = variable in names_in(node.left) and variable in names_in(node.right)
    if both:
        return False
    if isinstance(node.op, (ast.Add, ast.Sub, ast.Mult)):
        return True
    return isinstance(node.op, ast.Div) and variable in names_in(node.left)


def _replaced(tree: ast.expr, part: ast.expr, name: str) -> ast.expr:
    """A copy of `tree` in which `part` is a variable called `name`."""
    if tree is part:
        return ast.Name(id=name, ctx=ast.Load())
    clone = copy.copy(tree)
    if isinstance(clone, ast.BinOp):
        clone.left = _replaced(clone.left, part, name)
        clone.right = _replaced(clone.right, part, name)
    elif isinstance(clone, ast.UnaryOp):
        clone.operand = _replaced(clone.operand, part, name)
    elif isinstance(clone, ast.Call):
        clone.args = [_replaced(clone.args[0], part, name)]
    return clone


def _parts(node: ast.expr) -> list[ast.expr]:
    match node:
        case ast.BinOp():
            return [node.left, node.right]
        case ast.UnaryOp():
            return [node.operand]
        case ast.Call():
            return list(node.args)
    return []


def _names(count: int, variable: str) -> list[str]:
    last = "y" if variable != "y" else "z"
    free = [name for name in _LINK_NAMES if name not in (variable, last)]
    while len(free) < count:
        free.append(f"u{len(free)}")
    return [*free[: count - 1], last]
