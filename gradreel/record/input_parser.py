"""Parser for inputs written as text: 2.5, [1, 2], randn(2, 3), fixed(...), int(...), plain(...).

The text is parsed, never executed. Only numbers, lists and the words in `WORDS` are accepted.
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

_FACTORIES: dict[str, Callable[[tuple[int, ...], torch.Generator], Tensor]] = {
    "randn": lambda size, generator: torch.randn(size, generator=generator, dtype=torch.float64),
    "rand": lambda size, generator: torch.rand(size, generator=generator, dtype=torch.float64),
    "zeros": lambda size, _: torch.zeros(size, dtype=torch.float64),
    "ones": lambda size, _: torch.ones(size, dtype=torch.float64),
    "eye": lambda size, _: torch.eye(*size, dtype=torch.float64),
    "arange": lambda size, _: torch.arange(*size, dtype=torch.float64),
}
WORDS = (*_FACTORIES, "fixed", "int", "plain")
"""The functions that may be called in the text of an input."""
MAX_INPUT_ELEMENTS = 1_000_000
_HINT = "Write 2.5, [1, 2], [[1, 2], [3, 4]], randn(2, 3), fixed(2.0), int([0, 3]) or plain(3)."


def split_inputs(text: str) -> dict[str, str]:
    """`"x=2, w=[1, 2]; n=plain(3)"` as {"x": "2", "w": "[1, 2]", "n": "plain(3)"}."""
    values: dict[str, str] = {}
    for part in re.split(r"[;,]\s*(?=[A-Za-z_]\w*\s*=)", text.strip().strip(";,")):
        name, sign, value = part.partition("=")
        name = name.strip()
        if not part.strip():
            continue
        if not sign or not name.isidentifier():
            raise UsageError(f"{part.strip()!r} is not an input", hint='Write "x=2, w=[1, 2]".')
        if name in values:
            raise UsageError(f"{name} is given twice", where=text)
        values[name] = value.strip()
    return values


def parse_input(text: str, name: str, generator: torch.Generator) -> Any:
    """The value of the input `name`, ready for `record`; `generator` feeds randn and rand.

    Raises UsageError for text that is not a number, vector, matrix or call of one of `WORDS`.
    """
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        _reject(name, text)
    return _evaluate(tree, name, text, generator)


def _evaluate(tree: ast.expr, name: str, text: str, generator: torch.Generator) -> Any:
    if isinstance(tree, ast.Call):
        return _evaluate_call(tree, name, text, generator)
    try:
        value = ast.literal_eval(tree)
    except (ValueError, TypeError, MemoryError, RecursionError):
        _reject(name, text)
    value = list(value) if isinstance(value, tuple) else value
    if type(value) not in (int, float) and not is_numbers(value):
        _reject(name, text)
    return value


def _evaluate_call(tree: ast.Call, name: str, text: str, generator: torch.Generator) -> Any:
    if not isinstance(tree.func, ast.Name) or tree.keywords:
        _reject(name, text)
    word = tree.func.id
    if word not in WORDS:
        raise unknown_name("word for an input", word, WORDS, where=f"{name}={text}")
    if word in _FACTORIES:
        return _make_tensor(word, _sizes(tree, name, text), name, text, generator)
    if len(tree.args) != 1:
        _reject(name, text)
    argument = _evaluate(tree.args[0], name, text, generator)
    if word == "plain":
        return plain(argument)
    if word == "fixed":
        return fixed(argument)
    return torch.as_tensor(argument).long()


def _make_tensor(
    word: str, size: tuple[int, ...], name: str, text: str, generator: torch.Generator
) -> Tensor:
    fits = 0 < math.prod(size) <= MAX_INPUT_ELEMENTS
    if not fits or (word in ("eye", "arange") and len(size) > 2):
        raise UsageError(f"{word} of size {size} is not possible", where=f"{name}={text}")
    return _FACTORIES[word](size, generator).requires_grad_()


def _sizes(tree: ast.Call, name: str, text: str) -> tuple[int, ...]:
    sizes = [arg.value for arg in tree.args if isinstance(arg, ast.Constant)]
    if not sizes or len(sizes) < len(tree.args) or any(type(s) is not int for s in sizes):
        raise UsageError(f"{name}={text}: a size is a list of whole numbers", hint=_HINT)
    return tuple(int(str(size)) for size in sizes)


def _reject(name: str, text: str) -> NoReturn:
    raise UsageError(f"{name}={text} is not a number, vector or matrix.", hint=_HINT)
