"""Numbers of NumPy as inputs: a ValueTracker's get_value gives one."""

from __future__ import annotations

import numpy as np
import pytest

from gradreel.record import fixed, record


@pytest.mark.parametrize("x", [np.float64(3), np.float32(3), np.int64(3), np.array(3.0)])
def test_a_number_of_numpy_is_a_leaf(x) -> None:
    tape = record(lambda x: x * x, x=x)
    assert tape.grad("x") == 6
    assert tape["x"].dtype == "float64"


@pytest.mark.parametrize("z", [np.array([1.0, 2.0]), [np.float64(1), np.float64(2)]])
def test_an_array_of_numpy_is_a_leaf(z) -> None:
    tape = record(lambda z: (z * z).sum(), z=z)
    assert [tape.grad("z", index=(k,)) for k in range(2)] == [2, 4]


def test_numbers_of_numpy_may_be_fixed() -> None:
    tape = record(lambda x, y: (x * y).sum(), x=2.0, y=fixed(np.array([1, 2])))
    assert not tape["y"].requires_grad
    assert tape.grad("x") == 3
