"""Facts about descents: on parabolas solved by hand, and on functions that a descent leaves."""

from __future__ import annotations

import pytest

from gradreel.errors import UsageError
from gradreel.functions.function import Function
from gradreel.measure.descent_facts import (
    Pattern,
    best_of,
    first_arrival,
    is_finite,
    is_long_valley,
    pattern,
    require_finite,
    step_length,
)
from gradreel.measure.gradient_descent import run_descent


@pytest.mark.parametrize(
    ("formula", "start", "lr", "what"),
    [
        ("(x-3)**2", 0, 0.1, Pattern.SHRINKING),
        ("(x-3)**2", 0, 0.9, Pattern.SHRINKING),  # from side to side, and nearer each time
        ("(x-3)**2", 0, 1.1, Pattern.DIVERGING),
        ("(x-3)**2", 0, 0.5, Pattern.ARRIVED),
        ("x**2", 1, 1, Pattern.BACK_AND_FORTH),
        ("x", 0, 0.1, Pattern.EQUAL),
        ("-x**2", 1, 0.1, Pattern.GROWING),  # longer steps, but downhill
        ("sin(3*x)+x**2", 2, 0.3, Pattern.MIXED),
    ],
)
def test_the_pattern_of_the_steps(formula: str, start: float, lr: float, what: Pattern) -> None:
    assert pattern(run_descent(Function.parse(formula), [start], 10, lr), 0, 10) is what


def test_the_step_at_which_a_descent_arrives_and_the_lengths_of_its_steps() -> None:
    descent = run_descent(Function.parse("(x-3)**2"), [0], 5, 0.5)
    assert first_arrival(descent) == 1
    assert [step_length(descent, k) for k in (1, 2)] == [3.0, 0.0]


@pytest.mark.parametrize(
    ("formula", "start", "lr", "message"),
    [
        ("sqrt(x)", 1, 0.1, "ends at step 15: at x = -0.3316 the loss is nan"),
        ("x**4", 5, 1, "ends at step 4: at x = 3.812e80 the loss is inf"),
    ],
)
def test_a_descent_that_leaves_the_numbers_is_refused_with_its_step(
    formula: str, start: float, lr: float, message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        require_finite(run_descent(Function.parse(formula), [start], 20, lr))


def test_a_descent_whose_loss_is_nan_is_never_the_best() -> None:
    f = Function.parse("x**4", ("x", "y"))
    wild, good, same = (run_descent(f, (5, 0), 9, lr) for lr in (1, 0.001, 0.001))
    assert not is_finite(wild) and best_of([wild, good]) == [good]
    assert best_of([wild]) == [] and best_of([good, wild, same]) == [good, same]


@pytest.mark.parametrize(
    ("formula", "valley"),
    [
        ("0.02*x**2 + y**2", True),
        ("x**2 + y**2", False),
        ("x**4 + y**4", False),  # curved enough, but the way leads across
        ("0.02*x**2 - y**2", False),
        ("x + y", False),
    ],
)
def test_a_long_valley(formula: str, valley: bool) -> None:
    f = Function.parse(formula, ("x", "y"))
    assert is_long_valley(f, [run_descent(f, (-8, 2), 5, 0.4, "Adam")]) is valley
