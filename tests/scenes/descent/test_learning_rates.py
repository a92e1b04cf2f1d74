"""Four rates on parabolas, against the closed form x = m + (x0 - m)(1 - 2 a lr)^k."""

from __future__ import annotations

import pytest
import sympy

from gradreel.errors import UsageError
from gradreel.functions.function import Function
from gradreel.measure.gradient_descent import run_descent
from gradreel.scenes.descent.rate_outcomes import outcome_of
from tests.scenes.run_scene import captions_of, dry_run, duration, numbers


@pytest.mark.parametrize(
    ("params", "a", "m", "start", "steps", "rates"),
    [
        (
            {}, 1.0, 3.0, 0.0, 10,
            {0.02: "crawls", 0.5: "arrives", 0.95: "oscillates", 1.05: "diverges"},
        ),
        (
            {"function": "2*(x+1)**2", "start": 1, "steps": 6, "small": 0.01, "right": 0.25,
             "large": 0.45, "wild": 0.6},
            2.0, -1.0, 1.0, 6,
            {0.01: "crawls", 0.25: "arrives", 0.45: "oscillates", 0.6: "diverges"},
        ),
    ],
)  # fmt: skip
def test_each_rate_agrees_with_the_closed_form(params, a, m, start, steps, rates):
    scene = dry_run("LearningRates", **params)
    assert scene.faults == []
    assert 15 <= duration(scene) <= 90
    for lr, kind in rates.items():
        x = m + (start - m) * (1 - 2 * a * lr) ** steps
        beat = f"rate {lr:g}: {kind}"
        is_at_once = 2 * a * lr == 1  # it is in the minimum after one step, and rests there
        taken = 1 if is_at_once else steps
        assert numbers(scene, f"x after {taken} ", beat)[-1] == pytest.approx(x, abs=1e-9)
        loss = a * (x - m) ** 2
        shown = numbers(scene, f"loss after {taken} ", beat)
        assert pytest.approx(loss) in shown  # in its row
        in_caption = round(loss, 2) if 1 <= loss < 1e5 else loss
        assert shown[-1] in (pytest.approx(loss), pytest.approx(in_caption))
    assert "learning rate" in captions_of(scene) and "diverges" in captions_of(scene)


def test_the_view_follows_the_descent_that_leaves_it():
    seen = {}

    def observe(scene, beat):
        run = next(r for r in scene.runs[::-1] if r.clock.get_value())
        x, loss = float(run.now.inputs[0]), float(run.now.loss)
        seen[beat.name] = (scene.plane.x_range, x, scene.plane.y_range, loss)

    dry_run("LearningRates", lambda s, b: observe(s, b) if b.name != "four rates" else None)
    for (low, high), x, (bottom, top), loss in seen.values():
        assert low < x < high and bottom < loss < top
    widths = [view[0][1] - view[0][0] for view in seen.values()]
    assert widths[0] == widths[2] < widths[3] == pytest.approx(widths[4])


@pytest.mark.parametrize("function", ["cosh(x)", "x**4/4 - x"])
def test_other_losses_agree_with_the_recurrence(function):
    x = sympy.Symbol("x")
    loss = sympy.sympify(function)
    slope = sympy.lambdify(x, sympy.diff(loss, x))
    params = {"start": 1.2, "steps": 5, "small": 0.03, "right": 0.3, "large": 0.9, "wild": 1.1}
    scene = dry_run("LearningRates", function=function, **params)
    assert scene.faults == []
    last = scene.manifest()["beats"][-1]["name"]
    for lr in (0.03, 0.3, 0.9, 1.1):
        x_k = 1.2
        for _ in range(5):
            x_k -= lr * slope(x_k)
        assert any(n == pytest.approx(x_k, abs=1e-9) for n in numbers(scene, "x after 5", last))


def test_rates_that_all_diverge_are_drawn_around_the_start():
    scene = dry_run("LearningRates", function="x**4", start=-100, steps=2)
    assert scene.faults == []
    last = scene.manifest()["beats"][-1]["name"]
    x_k = -100.0
    for _ in range(2):
        x_k -= 0.02 * 4 * x_k**3
    assert any(n == pytest.approx(x_k) for n in numbers(scene, "x after 2", last))


def test_a_start_with_a_zero_gradient_raises_an_error():
    with pytest.raises(UsageError, match="never moves"):
        dry_run("LearningRates", start=3)


@pytest.mark.parametrize(
    ("formula", "start", "lr", "outcome"),
    [
        ("sqrt(x)", 1, 0.5, "leaves"),
        ("x**4", 5, 1, "leaves"),
        ("x", 0, 0.1, "keeps its pace"),
        ("(x-3)**2", 0, 1.05, "diverges"),
        ("sin(3*x)+x**2", 0, 0.9, "ends higher"),
        ("sin(3*x)+x**2", 2, 0.3, "wanders"),
    ],
)
def test_an_outcome_says_only_what_the_steps_did(formula, start, lr, outcome):
    assert outcome_of(run_descent(Function.parse(formula), [start], 10, lr)) == outcome
