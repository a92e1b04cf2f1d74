"""Parser for inputs written as text: 2.5, 2*pi, [1, 2], {"w": 1}, True, randn(2, 3), fixed(...).

The text is parsed, never executed. It may hold numbers and arithmetic with them, True, False, None
and quoted texts, lists and dictionaries, and calls of the words in `WORDS`.
"""

from __future__ import annotations

import ast
import unicodedata
import warnings
from collections.abc import Iterable
from typing import Any, NoReturn

import torch

from gradreel.errors import UsageError, unknown_name
from gradreel.record.input_arithmetic import CONSTANTS, arithmetic
from gradreel.record.input_specs import InputSpec, as_argument, fixed, is_numbers, plain
from gradreel.record.input_tensors import TENSOR_WORDS, make_tensor, whole_numbers

WORDS = (*TENSOR_WORDS, "fixed", "int", "plain")
"""The functions that may be called in the text of an input."""
_HINT = (
    "Write 2.5, 1/3, 2*pi, 1+2j, [1, 2], [[1, 2], [3, 4]], randn(2, 3), fixed(2.0), int([0, 3]),"
    ' plain(3), True or {"w": 1}.'
)


def split_inputs(text: str) -> dict[str, str]:
    """`"x=2, w=[1, 2]; n=plain(3)"` as {"x": "2", "w": "[1, 2]", "n": "plain(3)"}."""
    values: dict[str, str] = {}
    for part in _split_at_names(text):
        name, sign, value = part.partition("=")
        # Python gives the letters of a name their compatible form, in a program's parameters too.
        name = unicodedata.normalize("NFKC", name.strip())
        if not sign or not name.isidentifier():
            raise UsageError(
                f"{_short(part.strip())!r} is not an input", hint='Write "x=2, w=[1, 2]".'
            )
        if name in values:
            raise UsageError(f"{name} is given twice", where=_short(text))
        values[name] = value.strip()
    return values


def _split_at_names(text: str) -> list[str]:
    """The parts of `text` between , or ; outside of brackets and quotes; no part is empty."""
    parts, depth, quote = [""], 0, ""
    for letter in text:
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"":
            quote = letter
        elif letter in "([{":
            depth += 1
        elif letter in ")]}":
            depth -= 1
        elif letter in ",;" and depth <= 0:
            parts.append("")
            continue
        parts[-1] += letter
    return [part for part in parts if part.strip()]


def parse_input(text: str, name: str, generator: torch.Generator) -> Any:
    """The value of the input `name`, ready for `record`; `generator` feeds randn, rand, randint.

    A number within a dictionary, or beside other things in a list, is a leaf of its own. Raises
    UsageError for text that is not in the language described above.
    """
    value = _Evaluator(name, text, generator).parse()
    as_argument(value, name)  # Raises UsageError for what could not be passed on.
    return value


def parse_setting(text: str, name: str, generator: torch.Generator) -> Any:
    """The value of a setting, such as an argument of a module's __init__; numbers stay numbers."""
    value = _Evaluator(name, text, generator, leaves=False).parse()
    return value.value if isinstance(value, InputSpec) else value


class _Evaluator:
    """Evaluates the text of one input; errors quote it."""

    def __init__(
        self, name: str, text: str, generator: torch.Generator, *, leaves: bool = True
    ) -> None:
        self.name, self.text, self.generator, self.leaves = name, text, generator, leaves
        self.where = f"{name}={_short(text)}"

    def parse(self) -> Any:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree = ast.parse(self.text.strip(), mode="eval").body
            return self.evaluate(tree)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            self.reject()

    def evaluate(self, node: ast.expr) -> Any:
        match node:
            case ast.Constant(value=bool() | int() | float() | complex() | str() | None):
                return node.value
            case ast.List() | ast.Tuple():
                items = [self.evaluate(item) for item in node.elts]
                return items if is_numbers(items) or not items else self.arguments(items)
            case ast.Dict():
                return self.dictionary(node)
            case ast.Name(id=name) if name in CONSTANTS:
                return CONSTANTS[name]
            case ast.UnaryOp() | ast.BinOp():
                return self.arithmetic(node)
            case ast.Call():
                return self.call(node)
        self.reject()

    def dictionary(self, node: ast.Dict) -> dict[Any, Any]:
        keys = [None if key is None else self.evaluate(key) for key in node.keys]
        if not all(type(key) in (str, int) for key in keys):
            raise UsageError("a key is a text or a whole number", where=self.where)
        return dict(zip(keys, self.arguments(map(self.evaluate, node.values)), strict=True))

    def arguments(self, items: Iterable[Any]) -> list[Any]:
        """The items of a container as the program gets them."""
        return [as_argument(item, self.name) if self.leaves else item for item in items]

    def arithmetic(self, node: ast.UnaryOp | ast.BinOp) -> int | float | complex:
        parts = [node.operand] if isinstance(node, ast.UnaryOp) else [node.left, node.right]
        numbers = [self.evaluate(part) for part in parts]
        if any(type(number) is complex for number in numbers):
            return self.complex_number(node, numbers)
        if not all(type(number) in (int, float) for number in numbers):
            raise UsageError("only numbers can be calculated with", where=self.where, hint=_HINT)
        return arithmetic(node.op, numbers, self.where)

    def complex_number(self, node: ast.UnaryOp | ast.BinOp, numbers: list[Any]) -> complex:
        """The value of 1 + 2j or -2j, of which Python's syntax makes a sum or a negation."""
        match node.op, numbers:
            case ast.Add(), [int() | float() as real, complex() as imaginary]:
                return real + imaginary
            case ast.Sub(), [int() | float() as real, complex() as imaginary]:
                return real - imaginary
            case ast.USub(), [complex() as number]:
                return -number
        self.reject()

    def call(self, node: ast.Call) -> Any:
        if not isinstance(node.func, ast.Name) or node.keywords:
            self.reject()
        word = node.func.id
        if word not in WORDS:
            raise unknown_name("word for an input", word, WORDS, where=self.where)
        arguments = [self.evaluate(argument) for argument in node.args]
        if word in TENSOR_WORDS:
            return make_tensor(word, arguments, self.generator, self.where)
        if len(arguments) != 1 or isinstance(arguments[0], InputSpec):
            raise UsageError(f"{word} takes one value", where=self.where, hint=_HINT)
        if word == "int":
            return whole_numbers(arguments[0], self.where)
        return plain(arguments[0]) if word == "plain" else fixed(arguments[0])

    def reject(self) -> NoReturn:
        raise UsageError(f"{self.where} is not a number, vector or matrix.", hint=_HINT)


def _short(text: str) -> str:
    shown = "".join(letter if letter.isprintable() else "?" for letter in text)
    return shown if len(shown) <= 80 else shown[:80] + "…"
