"""Arithmetic in the text of an input: + - * / // % ** of numbers, with limits on their size."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from gradreel.errors import UsageError

CONSTANTS: Mapping[str, float] = MappingProxyType(
    {"pi": math.pi, "e": math.e, "inf": math.inf, "nan": math.nan, "π": math.pi}
)
"""The names of numbers in the text of an input."""
MAX_BITS = 1100  # of a whole number: a float holds numbers of up to 1024 bits
_OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul,
    ast.Div: operator.truediv, ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod,
    ast.Pow: operator.pow, ast.USub: operator.neg, ast.UAdd: operator.pos,
}  # fmt: skip


def arithmetic(kind: ast.AST, numbers: Sequence[int | float], where: str) -> int | float:
    """The result of one operator of Python's syntax for one or two numbers.

    Raises UsageError, at `where`, for an operator that is not in the list above and for a result
    that is not a real number or too large for a float.
    """
    function = _OPERATORS.get(type(kind))
    if function is None:
        raise UsageError("an operator other than + - * / // % **", where=where)
    try:
        if isinstance(kind, ast.Pow) and _bits_of_power(*numbers) > MAX_BITS:
            raise OverflowError
        result = function(*numbers)
    except ZeroDivisionError:
        raise UsageError("a division by zero", where=where, hint="Write inf or nan.") from None
    except OverflowError:
        raise UsageError("a number too large for a float", where=where) from None
    if isinstance(result, complex):
        raise UsageError("a root of a negative number is not real", where=where)
    return result  # type: ignore[no-any-return]


def _bits_of_power(base: int | float, exponent: int | float) -> float:
    """About the bits of base**exponent of whole numbers; 0 for others, which are bounded."""
    if isinstance(base, float) or isinstance(exponent, float) or exponent < 0:
        return 0
    return max(base.bit_length() - 1, 0) * exponent
