"""Four rates on parabolas, against the closed form x = m + (x0 - m)(1 - 2 a lr)^k."""

from __future__ import annotations

import pytest

from tests.scenes.rehearse import length, numbers, rehearse


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
def test_each_rate_ends_where_the_closed_form_says(params, a, m, start, steps, rates):
    scene = rehearse("LearningRates", **params)
    assert scene.faults == []
    assert 15 <= length(scene) <= 90
    for lr, kind in rates.items():
        x = m + (start - m) * (1 - 2 * a * lr) ** steps
        beat = f"rate {lr:g}: {kind}"
        assert numbers(scene, f"x after {steps}", beat)[-1] == pytest.approx(x, abs=1e-9)
        assert numbers(scene, f"loss after {steps}", beat)[-1] == pytest.approx(a * (x - m) ** 2)
