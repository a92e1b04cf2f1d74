"""compare_detach against values and slopes by SymPy."""

from __future__ import annotations

import pytest
import sympy

from gradreel.functions.function import Function
from gradreel.scenes.control.detach_comparison_experiment import compare_detach


def by_sympy(function: str, x: float) -> tuple[float, float]:
    """The value of f, and the part of the slope of x * f(x) that comes through f."""
    symbol = sympy.Symbol("x")
    f = sympy.sympify(function)
    at = {symbol: sympy.Float(x, 30)}
    return float(f.subs(at)), float((symbol * sympy.diff(f, symbol)).subs(at))


@pytest.mark.parametrize(
    ("function", "x", "node"),
    [
        ("x**2", 3.0, "PowBackward0"),
        ("x*sin(x)", -2.5, "MulBackward0"),
        ("exp(x)", 0.5, "ExpBackward0"),
        ("x**2+3*x", 0.0, "AddBackward0"),
    ],
)
def test_attributes_gradients_and_storage(function: str, x: float, node: str) -> None:
    found = compare_detach(Function.parse(function), x, write=-7.5)
    value, through = by_sympy(function, x)
    results = (found.tracked, found.untracked, found.detached)
    assert [r.value for r in results] == pytest.approx([value] * 3)
    assert [r.loss for r in results] == pytest.approx([x * value] * 3)
    assert [r.requires_grad for r in results] == [True, False, False]
    assert [r.grad_fn for r in results] == [node, None, None]
    assert [r.direct for r in results] == pytest.approx([value] * 3)
    assert found.tracked.sent == x
    assert found.tracked.through == pytest.approx(through)
    assert (found.untracked.through, found.detached.through) == (None, None)
    assert [r.grad for r in results] == pytest.approx([value + through, value, value])
    assert (found.storage.detached_shares, found.storage.untracked_shares) == (True, False)
    assert found.storage.before == pytest.approx([value] * 3)
    assert found.storage.after == pytest.approx([-7.5, value, -7.5])
