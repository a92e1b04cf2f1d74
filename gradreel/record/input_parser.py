"""Inputs as text: 2.5, [1, 2], [[1, 2], [3, 4]], randn(2, 3), fixed(...), int(...), plain(...).

The text is never run: it is parsed, and only numbers, lists and the words below are known.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable
from typing import Any, NoReturn

import torch
from torch import Tensor

from gradreel.errors import UsageError, unknown_name
from gradreel.record.input_specs import fixed, is_numbers, plain

_MAKERS: dict[str, Callable[[tuple[int, ...], torch.Generator], Tensor]] = {
    "randn": lambda size, chance: torch.randn(size, generator=chance, dtype=torch.float64),
    "rand": lambda size, chance: torch.rand(size, generator=chance, dtype=torch.float64),
    "zeros": lambda size, _: torch.zeros(size, dtype=torch.float64),
    "ones": lambda size, _: torch.ones(size, dtype=torch.float64),
    "eye": lambda size, _: torch.eye(*size, dtype=torch.float64),
    "arange": lambda size, _: torch.arange(*size, dtype=torch.float64),
}
WORDS = (*_MAKERS, "fixed", "int", "plain")
LARGEST = 1_000_000
_HINT = "Write 2.5, [1, 2], [[1, 2], [3, 4]], randn(2, 3), fixed(2.0), int([0, 3]) or plain(3)."


def split_inputs(text: str) -> dict[str, str]:
    """`"x=2, w=[1, 2]; n=plain(3)"` as {"x": "2", "w": "[1, 2]", "n": "plain(3)"}."""
    found: dict[str, str] = {}
    for part in re.split(r"[;,]\s*(?=[A-Za-z_]\w*\s*=)", text.strip().strip(";,")):
        name, sign, value = part.partition("=")
        name = name.strip()
        if not part.strip():
            continue
        if not sign or not name.isidentifier():
            raise UsageError(f"{part.strip()!r} is no input", hint='Write "x=2, w=[1, 2]".')
        if name in found:
            raise UsageError(f"{name} is given twice", where=text)
        found[name] = value.strip()
    return found


def input_from(text: str, name: str, chance: torch.Generator) -> Any:
    """One input, ready for `record`; `chance` is the source of randn and rand."""
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        _refuse(name, text)
    return _value(tree, name, text, chance)


def _value(tree: ast.expr, name: str, text: str, chance: torch.Generator) -> Any:
    if isinstance(tree, ast.Call):
        return _made(tree, name, text, chance)
    try:
        value = ast.literal_eval(tree)
    except (ValueError, TypeError, MemoryError, RecursionError):
        _refuse(name, text)
    value = list(value) if isinstance(value, tuple) else value
    if type(value) not in (int, float) and not is_numbers(value):
        _refuse(name, text)
    return value


def _made(tree: ast.Call, name: str, text: str, chance: torch.Generator) -> Any:
    if not isinstance(tree.func, ast.Name) or tree.keywords:
        _refuse(name, text)
    word = tree.func.id
    if word not in WORDS:
        raise unknown_name("word for an input", word, WORDS, where=f"{name}={text}")
    if word in _MAKERS:
        return _filled(word, _whole_numbers(tree, name, text), name, text, chance)
    if len(tree.args) != 1:
        _refuse(name, text)
    inner = _value(tree.args[0], name, text, chance)
    if word == "plain":
        return plain(inner)
    if word == "fixed":
        return fixed(inner)
    return torch.as_tensor(inner).long()


def _filled(
    word: str, size: tuple[int, ...], name: str, text: str, chance: torch.Generator
) -> Tensor:
    if not 0 < math.prod(size) <= LARGEST or (word in ("eye", "arange") and len(size) > 2):
        raise UsageError(f"{word} of size {size} is not possible", where=f"{name}={text}")
    return _MAKERS[word](size, chance).requires_grad_()


def _whole_numbers(tree: ast.Call, name: str, text: str) -> tuple[int, ...]:
    sizes = [arg.value for arg in tree.args if isinstance(arg, ast.Constant)]
    if not sizes or len(sizes) < len(tree.args) or any(type(s) is not int for s in sizes):
        raise UsageError(f"{name}={text}: a size is a list of whole numbers", hint=_HINT)
    return tuple(int(str(size)) for size in sizes)


def _refuse(name: str, text: str) -> NoReturn:
    raise UsageError(f"{name}={text} is no number, vector or matrix.", hint=_HINT)
