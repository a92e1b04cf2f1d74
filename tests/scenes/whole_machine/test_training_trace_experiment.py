"""trace_training against derivatives by SymPy and the momentum rule, written out by hand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import pytest
import sympy

from gradreel.errors import UsageError
from gradreel.functions.function import Function
from gradreel.scenes.whole_machine.training_trace_experiment import TrainingTrace, trace_training

x = sympy.Symbol("x")


class Row(NamedTuple):
    """The numbers of one training step."""

    values: list[float]
    locals: list[float]
    slopes: list[float]
    updated: float


def by_update_rule(
    links: Sequence[sympy.Expr], start: float, lr: float, count: int, momentum: float = 0.0
) -> list[Row]:
    velocity, position, rows = 0.0, start, []
    for _ in range(count):
        values, local = [position], []
        for link in links:
            local.append(float(sympy.diff(link, x).subs(x, values[-1])))
            values.append(float(link.subs(x, values[-1])))
        slopes = [math.prod(local[k:]) for k in range(len(values))]
        velocity = momentum * velocity + slopes[0]
        position -= lr * velocity
        rows.append(Row(values, local, slopes, position))
    return rows


def assert_agree(trace: TrainingTrace, rows: Sequence[Row]) -> None:
    for step, row in zip(trace.steps, rows, strict=True):
        assert list(step.values) == pytest.approx(row.values, rel=1e-9)
        assert list(step.locals) == pytest.approx(row.locals, rel=1e-9)
        assert list(step.slopes) == pytest.approx(row.slopes, rel=1e-9)
        assert step.updated == pytest.approx(row.updated, rel=1e-9)
    assert trace.accumulated == pytest.approx(rows[0].slopes[0] + rows[1].slopes[0])


def test_momentum_on_a_chain_of_two_links() -> None:
    trace = trace_training(Function.parse("exp(-x/2)"), 0.4, 4, 0.3, "momentum")
    assert_agree(trace, by_update_rule((-x / 2, sympy.exp(x)), 0.4, 0.3, 4, 0.9))


def test_a_start_without_a_slope_and_an_unknown_optimizer_raise_errors() -> None:
    with pytest.raises(UsageError, match="no finite slope"):
        trace_training(Function.parse("log(2*x)"), -1.0, 3, 0.1)
    with pytest.raises(UsageError, match="Adam"):
        trace_training(Function.parse("x**2"), 1.0, 3, 0.1, "Newton")
