"""Generated functions through the measurements of scenes: right values, or one error of our own."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gradreel.draw.plane import curve_range, ticks
from gradreel.errors import GradreelError
from gradreel.functions.function import Function
from gradreel.functions.stationary_points import stationary_points
from gradreel.measure.descent_facts import is_long_valley, pattern, require_finite
from gradreel.measure.gradient_descent import require_nonzero_gradient, run_descent
from gradreel.scenes.slopes.derivative_costs_experiment import compare_derivatives
from gradreel.scenes.slopes.secant_experiment import require_finite_secant, secants
from gradreel.scenes.slopes.tangent_captions import caption_slope
from tests.fuzz.generated import examples, no_hang
from tests.fuzz.reference import NoValue, Reference
from tests.fuzz.test_formulas import close, formulas

PLACES = st.sampled_from([-2.5, -1.0, 0.0, 0.3, 1.0, 2.0, 7.5])
RATES = st.sampled_from([1e-3, 0.1, 0.5, 1.0, 10.0])


@examples(12)
@given(formulas(("x",)), PLACES)
def test_the_symbolic_derivative_has_the_exact_value(text: str, x: float) -> None:
    with no_hang():
        try:
            comparison = compare_derivatives(Function.parse(text), x, 1e-7)
        except GradreelError:
            return
    try:
        exact = Reference({"x": x}).evaluate(text)
    except NoValue:
        return
    assert close(float(comparison.symbolic), exact.slopes[0], exact.size)
    assert close(float(Function.parse(comparison.formula).point_at(x).value), exact.slopes[0],
                 exact.size)  # fmt: skip


@examples(25)
@given(formulas(("x",)), PLACES, PLACES)
def test_a_curve_has_a_range_ticks_captions_and_secants(
    text: str, start: float, stop: float
) -> None:
    if start == stop:
        return
    with no_hang():
        try:
            f = Function.parse(text)
            points = stationary_points(f, *sorted((start, stop)))
            said, slope = caption_slope(f, start, [float(point.x) for point in points])
            rows = secants(f, start, [1.0, 1e-3])
            for row in rows:
                require_finite_secant(f, start, row)
        except GradreelError:
            return
        samples = f.sample(start, stop, 201)
        low, high = curve_range(samples.values, include=[samples.values[0]])
        assert low < high or not math.isfinite(low) or not math.isfinite(high)
        if math.isfinite(samples.values[0]) and math.isfinite(high - low):
            assert low <= samples.values[0] <= high
            values = ticks(low, high)
            assert 1 <= len(values) <= 14 and all(map(math.isfinite, values))
        if "positive" in said[1]:
            assert slope > 0 or math.isnan(slope)


@examples(6)
@given(formulas(("x",)), PLACES, RATES)
def test_a_descent_has_a_pattern(text: str, start: float, lr: float) -> None:
    with no_hang():
        try:
            descent = run_descent(Function.parse(text), [start], 8, lr)
            require_finite(require_nonzero_gradient(descent))
        except GradreelError:
            return
        what = pattern(descent, 0, 8)
    lengths = np.abs(np.diff(descent.positions[:, 0]))
    assert (what.value == "arrived") == (lengths[-1] == 0)


@examples(3)
@given(formulas(("x", "y")), PLACES, PLACES, RATES)
def test_the_ground_of_a_race_is_a_valley_or_not(text: str, x: float, y: float, lr: float) -> None:
    with no_hang():
        try:
            f = Function.parse(text, ("x", "y"))
            descent = require_nonzero_gradient(run_descent(f, [x, y], 3, lr))
            assert is_long_valley(f, [descent]) in (True, False)
        except GradreelError:
            return
