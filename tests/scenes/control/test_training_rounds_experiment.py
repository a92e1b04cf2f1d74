"""training_rounds against the published update rules, written out by hand."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest
import sympy

from gradreel.errors import UsageError
from gradreel.functions.function import Function
from gradreel.measure.optimizers import OPTIMIZERS
from gradreel.scenes.control.training_rounds_experiment import TrainingRound, training_rounds

Row = tuple[float, float, float, float]


def by_update_rule(name: str, formula: str, x: float, lr: float, count: int) -> list[Row]:
    """Start, loss, slope and end of each round."""
    symbol = sympy.Symbol("x")
    loss = sympy.sympify(formula)
    slope = sympy.diff(loss, symbol)
    velocity = square = total = 0.0
    rows = []
    for k in range(1, count + 1):
        g = float(slope.subs(symbol, x))
        total += g * g
        if name == "RMSprop":
            square = 0.99 * square + 0.01 * g * g
            step = g / (math.sqrt(square) + 1e-8)
        elif name == "Adam":
            velocity, square = 0.9 * velocity + 0.1 * g, 0.999 * square + 0.001 * g * g
            step = velocity / (1 - 0.9**k) / (math.sqrt(square / (1 - 0.999**k)) + 1e-8)
        elif name == "Adagrad":
            step = g / (math.sqrt(total) + 1e-10)
        else:
            velocity = 0.9 * velocity + g
            step = {"SGD": g, "momentum": velocity, "Nesterov": g + 0.9 * velocity}[name]
        rows.append((x, float(loss.subs(symbol, x)), g, x - lr * step))
        x -= lr * step
    return rows


def assert_agree(rounds: Sequence[TrainingRound], rows: Sequence[Row]) -> None:
    for one, row in zip(rounds, rows, strict=True):
        assert (one.start, one.loss, one.grad, one.end) == pytest.approx(row, rel=1e-6)
        assert one.grad_zeroed is None


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimizer_follows_its_rule(optimizer: str) -> None:
    rounds = training_rounds(Function.parse("cosh(x) - x"), 2.0, 5, 0.07, optimizer)
    assert_agree(rounds, by_update_rule(optimizer, "cosh(x) - x", 2.0, 0.07, 5))


def test_a_loss_without_a_slope_raises_an_error() -> None:
    with pytest.raises(UsageError, match="no slope"):
        training_rounds(Function.parse("3"), 1.0, 3, 0.1, "SGD")


def test_an_unknown_optimizer_raises_an_error() -> None:
    with pytest.raises(UsageError, match="Adam"):
        training_rounds(Function.parse("x**2"), 1.0, 3, 0.1, "Newton")
