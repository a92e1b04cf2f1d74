"""ThreePillars against the derivatives of (w x + b - target)², computed by hand."""

from __future__ import annotations

import pytest

from tests.scenes.run_scene import captions_of, dry_run, duration, numbers

CASES = [
    {},
    {"w": -1.25, "b": 3, "x": 0.5, "target": -2, "rate": 0.3},
    {"w": 2, "b": -0.5, "x": -3, "target": 4, "rate": 0.4},
]


def shown(scene, source: str) -> float:
    """The number from this source; it is the same each time it is shown."""
    (value,) = set(numbers(scene, source))
    return value


@pytest.mark.parametrize("params", CASES)
def test_gradients_step_and_loss_agree_with_the_formula(params):
    scene = dry_run("ThreePillars", **params)
    p = scene.params
    z = p.w * p.x + p.b
    miss = z - p.target
    slope_w, slope_b = 2 * miss * p.x, 2 * miss
    w, b = p.w - p.rate * slope_w, p.b - p.rate * slope_b
    assert numbers(scene, "z")[0] == pytest.approx(z)
    assert numbers(scene, "loss", "forward")[0] == pytest.approx(miss**2)
    assert shown(scene, "w.grad after backward 1") == pytest.approx(slope_w)
    assert shown(scene, "b.grad after backward 1") == pytest.approx(slope_b)
    assert shown(scene, "w after one step") == pytest.approx(w)
    assert shown(scene, "b after one step") == pytest.approx(b)
    after = (w * p.x + b - p.target) ** 2
    assert shown(scene, "loss after") == pytest.approx(after)
    assert numbers(scene, "z", "the loss after it")[0] == pytest.approx(w * p.x + b)
    assert ("went up" in captions_of(scene)) == (after > miss**2)
    assert ("falls to" in captions_of(scene)) == (after < miss**2)
    assert scene.faults == []
    assert 15 <= duration(scene) <= 90


def test_the_figures_of_the_lecture():
    scene = dry_run("ThreePillars")
    words = captions_of(scene)
    assert "z is 1.1, so the loss is 0.01" in words
    assert "w.grad is 0.4, b.grad is 0.2, and the data keep None" in words
    assert "they become 0.48 and 0.09" in words


def test_the_product_at_the_weight_is_written_out_until_the_step_is_taken():
    beats = {beat["name"]: beat for beat in dry_run("ThreePillars").manifest()["beats"]}
    local = "dmul/dw (local, input 0)"
    shown = [
        name for name, beat in beats.items() if local in [n["source"] for n in beat["numbers"]]
    ]
    assert shown == ["the trigger", "the result"]
    (factor,) = [n for n in beats["the trigger"]["numbers"] if n["source"] == local]
    assert factor["text"] == "2"


def test_nothing_of_the_old_forward_pass_stands_beside_the_new_loss():
    end = dry_run("ThreePillars").manifest()["beats"][-1]["numbers"]
    texts = [n["text"] for n in end]
    # The old parameters are in the written-out steps alone.
    assert [texts.count(t) for t in ("0.5", "0.1", "1.1", "0.01")] == [1, 1, 0, 0]
    assert [texts.count(t) for t in ("0.48", "0.09")] == [2, 2]


def test_data_gets_no_gradient_and_no_switch():
    scene = dry_run("ThreePillars")
    grads = {row["leaf"] for row in scene.manifest()["tape"]["grads"]}
    assert grads == {"w", "b"}


def test_a_loss_of_zero_cannot_be_improved():
    assert "as before" in captions_of(dry_run("ThreePillars", w=0, b=1, target=1))
