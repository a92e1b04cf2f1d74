"""Texts of numbers that differ in late digits only."""

from __future__ import annotations

import pytest

from gradreel.trace.script_trace import Variable
from gradreel.trace.value_format import distinguishing_texts


def numbers(dtype: str = "float64", **values: float) -> dict[str, Variable]:
    return {k: Variable(k, "Tensor", "", v, dtype, ()) for k, v in values.items()}


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ({"here": 12.0, "there": 12.00000070000001}, {"here": "12", "there": "12.0000007"}),
        ({"slope": 7.0000000816, "exact": 7.0}, {"slope": "7.00000008", "exact": "7"}),
        ({"a": 0.33331, "b": 0.33334}, {"a": "0.33331", "b": "0.33334"}),
        ({"a": 1.23456e-9, "b": 1.23459e-9}, {"a": "1.23456e-9", "b": "1.23459e-9"}),
        ({"a": 0.1 + 0.2, "b": 0.3}, {}),  # rounding
        ({"a": 1.5, "b": 2.5}, {}),
        ({"a": 5.0, "b": 5.0}, {}),
        ({"a": float("nan"), "b": float("nan"), "c": float("inf")}, {}),
    ],
)
def test_as_many_digits_as_show_the_difference(
    values: dict[str, float], texts: dict[str, str]
) -> None:
    assert distinguishing_texts(numbers(**values)) == texts


def test_digits_beyond_the_precision_of_float32_are_rounding() -> None:
    assert distinguishing_texts(numbers("float32", a=1.1, b=1.100000023841858)) == {}
