"""Decomposition of a formula into a composition: (3x+1)**2 is u = 3x+1, then y = u**2."""

from __future__ import annotations

import ast
import copy
import itertools

from gradreel.expression.builtins import names_in

_LETTERS = "uvwpqrstabcdghkmn"


def decompose(tree: ast.expr, variable: str) -> list[tuple[str, ast.expr]]:
    """The links of the composition `tree` in `variable`, innermost first: name and formula.

    Each formula is written in the name of the link before it. The last link is named y, or z where
    `variable` is y.
    """
    layers = _layers(tree, variable)
    links, previous = [], variable
    for (top, inner), name in zip(layers, _link_names(len(layers), variable), strict=True):
        link = copy.deepcopy(top) if inner is None else _substitute(top, inner, previous)
        links.append((name, link))
        previous = name
    return links


def _layers(tree: ast.expr, variable: str) -> list[tuple[ast.expr, ast.expr | None]]:
    """Pairs of a link's subtree and the part of it that is the previous link, innermost first."""
    path = _single_branch_path(tree, variable)
    tops = [path[0]]
    for outer, inner in itertools.pairwise(path):
        if not _in_one_link(outer, inner, variable):
            tops.append(inner)
    return list(reversed(list(zip(tops, [*tops[1:], None], strict=True))))


def _single_branch_path(tree: ast.expr, variable: str) -> list[ast.expr]:
    """The nodes from the root down, as long as exactly one operand contains the variable."""
    path = [tree]
    while True:
        branches = [part for part in _operands(path[-1]) if variable in names_in(part)]
        if len(branches) != 1 or isinstance(branches[0], ast.Name):
            return path
        path.append(branches[0])


def _in_one_link(outer: ast.expr, inner: ast.expr, variable: str) -> bool:
    """Whether `outer` and its operand `inner` form one link.

    A sign joins any link; linear steps (sums and products with constants) join each other.
    """
    if isinstance(outer, ast.UnaryOp):
        return True
    # The sign of the bare variable counts as linear: 2*(-x) + 1 is one link.
    bare_sign = isinstance(inner, ast.UnaryOp) and not _operands(inner.operand)
    return _is_linear(outer, variable) and (bare_sign or _is_linear(inner, variable))


def _is_linear(node: ast.expr, variable: str) -> bool:
    """Whether `node` adds a constant to, or multiplies by a constant, its one variable operand."""
    if not isinstance(node, ast.BinOp):
        return False
    both = variable in names_in(node.left) and variable in names_in(node.right)
    if both:
        return False
    if isinstance(node.op, (ast.Add, ast.Sub, ast.Mult)):
        return True
    return isinstance(node.op, ast.Div) and variable in names_in(node.left)


def _substitute(tree: ast.expr, part: ast.expr, name: str) -> ast.expr:
    """A copy of `tree` in which the subtree `part` is the variable `name`."""
    if tree is part:
        return ast.Name(id=name, ctx=ast.Load())
    clone = copy.copy(tree)
    if isinstance(clone, ast.BinOp):
        clone.left = _substitute(clone.left, part, name)
        clone.right = _substitute(clone.right, part, name)
    elif isinstance(clone, ast.UnaryOp):
        clone.operand = _substitute(clone.operand, part, name)
    elif isinstance(clone, ast.Call):
        clone.args = [_substitute(clone.args[0], part, name)]
    return clone


def _operands(node: ast.expr) -> list[ast.expr]:
    match node:
        case ast.BinOp():
            return [node.left, node.right]
        case ast.UnaryOp():
            return [node.operand]
        case ast.Call():
            return list(node.args)
    return []


def _link_names(count: int, variable: str) -> list[str]:
    last = "y" if variable != "y" else "z"
    free = [name for name in _LETTERS if name not in (variable, last)]
    while len(free) < count:
        free.append(f"u{len(free)}")
    return [*free[: count - 1], last]
