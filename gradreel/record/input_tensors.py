"""Tensors in the text of an input: randn(2, 3), arange(1, 5), randint(0, 10, 4), int([0, 3])."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from gradreel.errors import UsageError
from gradreel.record.input_specs import is_numbers, shape_of

MAX_INPUT_ELEMENTS = 1_000_000
_FLOAT = torch.float64
_BY_SHAPE: dict[str, Callable[[Sequence[int], torch.Generator], Tensor]] = {
    "randn": lambda size, generator: torch.randn(size, generator=generator, dtype=_FLOAT),
    "rand": lambda size, generator: torch.rand(size, generator=generator, dtype=_FLOAT),
    "zeros": lambda size, _: torch.zeros(size, dtype=_FLOAT),
    "ones": lambda size, _: torch.ones(size, dtype=_FLOAT),
    "eye": lambda size, _: torch.eye(*size, dtype=_FLOAT),
}
TENSOR_WORDS = (*_BY_SHAPE, "arange", "randint")
"""The words that make a tensor of whole numbers: a shape, a range, or limits and a shape."""


def make_tensor(
    word: str, arguments: Sequence[Any], generator: torch.Generator, where: str
) -> Tensor:
    """The tensor of a call of one of TENSOR_WORDS.

    It is a float64 leaf that requires a gradient; randint gives whole numbers, which have none.
    Raises UsageError, at `where`, for arguments that do not make one.
    """
    if not arguments or any(type(number) is not int for number in arguments):
        raise UsageError("a size is a list of whole numbers", where=where, hint=_usage(word))
    if word == "arange":
        return _arange(arguments, where).requires_grad_()
    if word == "randint":
        return _randint(arguments, generator, where)
    if word == "eye" and len(arguments) > 2:
        raise UsageError("eye makes a matrix", where=where, hint=_usage(word))
    _check_shape(word, arguments, where)
    return _BY_SHAPE[word](arguments, generator).requires_grad_()


def _usage(word: str) -> str:
    examples = {"arange": "arange(4) or arange(1, 5)", "eye": "eye(3) or eye(2, 3)",
                "randint": "randint(0, 10, 4): limits, then a shape"}  # fmt: skip
    return f"Write {examples.get(word, f'{word}(3) or {word}(2, 3)')}."


def _check_shape(word: str, shape: Sequence[int], where: str) -> None:
    if any(size < 1 for size in shape) or len(shape) > 16:
        raise UsageError(
            f"{word} of shape {tuple(shape)} is not possible", where=where,
            hint="Each size is 1 or more.",
        )  # fmt: skip
    _check_count(
        word, shape[0] ** 2 if word == "eye" and len(shape) == 1 else math.prod(shape), where
    )


def _check_count(word: str, count: int, where: str) -> None:
    if count > MAX_INPUT_ELEMENTS:
        raise UsageError(
            f"{word} of {count:.3g} numbers is not possible" if count < 10**300 else
            f"{word} of so many numbers is not possible",
            where=where, hint=f"An input has up to {MAX_INPUT_ELEMENTS} numbers.",
        )  # fmt: skip


def _arange(arguments: Sequence[int], where: str) -> Tensor:
    if len(arguments) > 3 or arguments[2:] == [0]:
        raise UsageError(
            "arange takes a start, an end and a step", where=where, hint=_usage("arange")
        )
    numbers = range(*arguments)
    if not numbers or any(abs(number) > 2**53 for number in arguments):
        raise UsageError(
            f"{numbers} has no numbers" if not numbers else "numbers beyond 2**53",
            where=where, hint=_usage("arange"),
        )  # fmt: skip
    _check_count("arange", len(numbers), where)
    return torch.tensor(list(numbers), dtype=_FLOAT)


def _randint(arguments: Sequence[int], generator: torch.Generator, where: str) -> Tensor:
    if len(arguments) < 3:
        raise UsageError("randint takes limits and a shape", where=where, hint=_usage("randint"))
    low, high, *shape = arguments
    if not low < high or not _fits_int64(low) or not _fits_int64(high):
        raise UsageError(
            f"there is no whole number from {low} up to, not including, {high}", where=where,
            hint=_usage("randint"),
        )  # fmt: skip
    _check_shape("randint", shape, where)
    return torch.randint(low, high, tuple(shape), generator=generator)


def whole_numbers(value: Any, where: str) -> Tensor:
    """A whole number, or nested lists of them, as a tensor of integers, such as an index.

    Raises UsageError, at `where`, for other values and for numbers that do not fit into 64 bits.
    """
    if isinstance(value, Tensor):
        value = value.tolist()
    if type(value) not in (int, float) and not is_numbers(value):
        raise UsageError("int() takes a whole number or a list of them", where=where)
    shape_of(value, where)
    for number in _flat(value):
        if not _fits_int64(number):
            raise UsageError(
                f"{number} is not a whole number from -2**63 to 2**63 - 1", where=where,
                hint="int() makes indices, such as int([0, 3]).",
            )  # fmt: skip
    return torch.tensor(value, dtype=torch.int64)


def _fits_int64(number: int | float) -> bool:
    return float(number).is_integer() and -(2**63) <= number < 2**63


def _flat(value: Any) -> list[int | float]:
    if not isinstance(value, (list, tuple)):
        return [value]
    return [number for item in value for number in _flat(item)]
