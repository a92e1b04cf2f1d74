"""GradientDescent against the same recurrence in plain Python."""

from __future__ import annotations

import pytest
from manim import ValueTracker

from gradreel.draw.layout import content_area
from gradreel.errors import UsageError
from gradreel.functions.function import Function
from gradreel.measure.gradient_descent import run_descent
from gradreel.scenes.descent.update_rule_figure import LiveUpdate
from tests.scenes.run_scene import captions_of, dry_run, duration, numbers

CASES = [
    (
        {}, lambda x: (x - 3) ** 2, lambda x: 2 * (x - 3), 0.0, 0.1, 10, 10,
        ("x is 2.6779", "x is 2.9654", "removes 20 %", "gradient descent", "learning rate",
         "the steeper, the longer. That is too far."),
    ),
    (
        {"function": "x**4/4", "start": -1.5, "lr": 0.2, "steps": 4, "more": 3},
        lambda x: x**4 / 4, lambda x: x**3, -1.5, 0.2, 4, 3,
        ("Here is a function", "We draw an arrow against the slope. Times"),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("params", "f", "slope", "x", "lr", "steps", "more", "phrases"), CASES)
def test_the_table_agrees_with_the_recurrence(params, f, slope, x, lr, steps, more, phrases):
    scene = dry_run("GradientDescent", **params)
    assert scene.faults == []
    assert 15 <= duration(scene) <= 90
    xs = [x]
    for _ in range(steps + more):
        xs.append(xs[-1] - lr * slope(xs[-1]))
    for k in range(1, steps + 1):
        assert numbers(scene, f"x after {k} steps", "and again")[0] == pytest.approx(xs[k])
        loss = numbers(scene, f"loss after {k} steps", "and again")[0]
        assert loss == pytest.approx(f(xs[k]))
        shown = numbers(scene, f"x.grad after {k} steps", "and again")[0]
        assert shown == pytest.approx(slope(xs[k]))
    last = numbers(scene, f"x after {steps + more} steps", "further on")
    assert last == pytest.approx([xs[-1]] * len(last)) and last
    words = captions_of(scene)
    assert [phrase for phrase in phrases if phrase not in words] == []


def test_the_update_is_that_of_the_step_that_is_over():
    clock = ValueTracker()
    descent = run_descent(Function.parse("(x-3)**2"), [0.0], 3, 0.1)
    update = LiveUpdate(descent, clock.get_value, content_area())
    for time, texts in (
        (0.0, ["0", "0"]),
        (1.0, ["1", "0", "0.1", "-6", "0.6"]),
        (1.6, ["1", "0", "0.1", "-6", "0.6"]),
        (1.8, ["2", "0.6", "0.1", "-4.8", "1.08"]),
        (3.0, ["3", "1.08", "0.1", "-3.84", "1.464"]),
    ):
        clock.set_value(time)
        update.update()
        assert [number.text for number in update.numbers()] == texts


def test_a_start_at_the_minimum_raises_an_error():
    with pytest.raises(UsageError, match="x = 3 never moves"):
        dry_run("GradientDescent", start=3)


@pytest.mark.parametrize(
    ("params", "beat", "steps", "further"),
    [
        ({"lr": 1.1}, "the steps grow", "longer than the last, and raises", "farther away"),
        ({"lr": 0.5}, "the steps end", "A single step leads to x = 3.", "moves no more"),
    ],
)
def test_the_captions_say_what_the_steps_do(params, beat, steps, further):
    scene = dry_run("GradientDescent", **params, more=2)
    rows = {row["name"]: row["say"] for row in scene.manifest()["beats"]}
    assert steps in rows[beat] and further in rows["further on"]
    words = captions_of(scene)
    assert "nan" not in words and (params["lr"] > 1) == ("longer. Times" in words)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"function": "sqrt(x)", "start": 1}, "ends at step 15: at x = -0.3316 the loss is nan"),
        ({"function": "x**4", "start": 5, "lr": 1}, "ends at step 4"),
    ],
)
def test_a_descent_that_leaves_the_numbers_is_refused_with_its_step(params, message):
    with pytest.raises(UsageError, match=message):
        dry_run("GradientDescent", **params)
