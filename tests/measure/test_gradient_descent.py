"""run_descent and its learning rates against parabolas, solved by hand."""

import math
from typing import get_args

import pytest

from gradreel.errors import UsageError
from gradreel.functions.function import Function
from gradreel.measure.gradient_descent import run_descent, sufficient_decrease_rate
from gradreel.measure.optimizers import OPTIMIZERS
from gradreel.params import OptimizerName

PARABOLA = Function.parse("(x-3)**2", label="loss")


def test_every_optimizer_that_a_scene_takes_can_be_made() -> None:
    assert get_args(OptimizerName) == tuple(OPTIMIZERS)


def test_a_descent_on_a_parabola_shrinks_the_error_by_a_constant_factor() -> None:
    descent = run_descent(PARABOLA, [0.0], 5, 0.1)
    assert list(descent.positions[:, 0]) == pytest.approx([3 - 3 * 0.8**k for k in range(6)])
    assert list(descent.losses) == pytest.approx([(3 * 0.8**k) ** 2 for k in range(6)])
    assert descent.at(2.9) is descent[2] and descent.at(3.0) is descent[3]
    assert descent.converges and descent.limit == pytest.approx((3.0,), abs=1e-5)
    assert descent.error_reduction(4) == pytest.approx(20, abs=1e-3)


def test_a_descent_that_diverges_has_no_limit() -> None:
    descent = run_descent(PARABOLA, [0.0], 5, 1.05)
    assert not descent.converges and math.isnan(descent.distance_to_limit(0))


@pytest.mark.parametrize(("formula", "rate"), [("x**2", 0.5), ("x**2/4", 2.0), ("5*x**2", 0.1)])
def test_the_largest_rate_with_sufficient_decrease_reaches_the_minimum_in_one_step(
    formula: str, rate: float
) -> None:
    # On a*x**2 the Armijo condition with the factor 1/2 holds up to the rate 1 / (2 * a).
    assert sufficient_decrease_rate(Function.parse(formula), [1.0], 10) == rate


def test_a_start_without_a_loss_raises_an_error() -> None:
    with pytest.raises(UsageError, match="cannot start at x = -1"):
        run_descent(Function.parse("log(x)"), [-1.0], 3, 0.1)
