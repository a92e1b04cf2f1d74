"""TensorGraph against numpy: values, gradients, sums of broadcasts, colours."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from gradreel.draw.numbers import Readout
from gradreel.draw.tensors import tensor_graph
from gradreel.draw.tensors.boundary_steps import boundary_steps
from gradreel.draw.tensors.broadcast_sum import target_cells
from gradreel.draw.tensors.heat_map import LEVELS, HeatMap, Scale, cell_centers
from gradreel.errors import GradreelError, UsageError
from gradreel.record import record
from gradreel.scenes.whole_machine.broadcast_close_up_figure import places_that_add_up
from gradreel.scenes.whole_machine.tensor_counts_experiment import sums_so_far
from gradreel.scenes.whole_machine.tensor_graph import TensorGraph, record_chosen
from gradreel.tape import Quantity
from tests.scenes.run_scene import captions_of, dry_run, duration, numbers

PROGRAMS = Path(__file__).parents[2] / "record" / "programs"
ACTIVATIONS = {
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    "relu": (lambda z: np.maximum(z, 0), lambda z: (z > 0) * 1.0),
    "sigmoid": (lambda z: 1 / (1 + np.exp(-z)), lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2),
}


NAMES = ("fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias")


def by_hand(tape, activation: str, weights=None) -> tuple[float, dict[str, np.ndarray]]:
    """Loss and gradients of the two layers in numpy, from the leaves or from other weights."""
    activate, slope = ACTIVATIONS[activation]
    x, target = (np.asarray(tape[name].value) for name in ("x", "target"))
    w1, b1, w2, b2 = weights or [np.asarray(tape[name].value) for name in NAMES]
    z = x @ w1.T + b1
    h = activate(z)
    y = h @ w2.T + b2
    dy = 2 * (y - target) / target.size
    dz = (dy @ w2) * slope(z)
    return float(((y - target) ** 2).mean()), {
        "fc1.weight": dz.T @ x, "fc1.bias": dz.sum(0), "fc2.weight": dy.T @ h, "fc2.bias": dy.sum(0)
    }  # fmt: skip


SETS = [
    {},
    {
        "batch": 1,
        "features": 5,
        "hidden": 2,
        "outputs": 1,
        "activation": "relu",
        "seed": 7,
        "lr": 0.05,
        "steps": 9,
    },
    {
        "batch": 6,
        "features": 2,
        "hidden": 6,
        "outputs": 3,
        "activation": "sigmoid",
        "inside": "fc1",
    },
]


@pytest.mark.parametrize("given", SETS)
def test_loss_slopes_and_their_number_by_hand(given):
    scene = dry_run("TensorGraph", **given)
    loss, slopes = by_hand(scene.tape, given.get("activation", "tanh"))
    assert scene.faults == []
    assert numbers(scene, "mse_loss", "forward")[0] == pytest.approx(loss, rel=1e-6)
    for row in scene.tape.grads:
        np.testing.assert_allclose(np.asarray(row.after), slopes[row.leaf], rtol=1e-9, atol=1e-12)
    count = sum(slope.size for slope in slopes.values())
    assert numbers(scene, "numbers in .grad", "a gradient for every number")[-1] == count
    assert ("row of the batch" in captions_of(scene)) == (given.get("batch", 4) > 1)
    assert_trained_by_hand(scene, given)
    assert 15 <= duration(scene) <= 90


def assert_trained_by_hand(scene, given) -> None:
    """The losses of the training, and the weights it ends with, by the update rule in numpy."""
    training, lr, steps = scene.training, given.get("lr", 0.2), given.get("steps", 50)
    weights = [np.asarray(scene.tape[name].value) for name in NAMES]
    losses = []
    for _ in range(steps + 1):
        loss, slopes = by_hand(scene.tape, given.get("activation", "tanh"), weights)
        losses.append(loss)
        last, weights = weights, [w - lr * slopes[n] for w, n in zip(weights, NAMES, strict=True)]
    np.testing.assert_allclose(training.curve, losses, rtol=1e-7)
    for name, weight in zip(NAMES, last, strict=True):
        np.testing.assert_allclose(training.weights[name][-1], weight, rtol=1e-7)
    shown = numbers(scene, f"loss after {steps} steps", "training")
    assert shown and shown[-1] == pytest.approx(losses[-1], rel=0.05)


def test_the_figures_of_the_default_training():
    words = captions_of(dry_run("TensorGraph"))
    assert "all 13 parameters" in words
    assert "After 50 steps it has gone from 1.5 to 0.013." in words


def test_the_ends_of_the_color_bars_are_the_largest_numbers():
    scene = dry_run("TensorGraph", seed=3, inside="none")
    _, slopes = by_hand(scene.tape, "tanh")
    values = [np.abs(np.asarray(op.value)).max() for op in scene.tape if op.shape]
    handed = [
        np.abs(np.asarray(s.gradient)).max()
        for s in scene.tape.backward()
        if scene.tape[s.op].shape
    ]
    shown = numbers(scene, beat="a neural network")
    ends = [-max(values), max(values), -max(handed), max(handed)]
    assert shown == pytest.approx(ends, rel=1e-6)
    assert max(handed) >= max(np.abs(slope).max() for slope in slopes.values())


def test_the_data_follow_the_seed_and_nothing_else():
    params = TensorGraph.Params
    first, again, other = (record_chosen(params(seed=seed)) for seed in (5, 5, 6))
    assert first.to_json() == again.to_json() != other.to_json()


@pytest.mark.parametrize(
    ("program", "inputs"),
    [
        ("networks.py:Residual", "x=randn(2, 3)"),
        ("networks.py:Vision", "image=randn(1, 1, 4, 4)"),
        ("sequences.py:attention", "q=randn(3, 2), k=randn(3, 2), v=fixed(randn(3, 2))"),
        ("regression.py:logistic", "w=[0.1, -0.2], b=0.3"),
    ],
)
def test_user_programs(program, inputs):
    scene = dry_run("TensorGraph", program=PROGRAMS / program, inputs=inputs)
    assert scene.faults == []
    assert 15 <= duration(scene) <= 90
    # The bias of the logistic regression is added to each of its rows.
    places = numbers(scene, "places each number of")
    assert bool(places) == (program == "regression.py:logistic")


def test_inputs_that_do_not_fit_raise_an_error():
    with pytest.raises(UsageError, match="program of your own"):
        dry_run("TensorGraph", inputs="x=[1, 2]")
    with pytest.raises(UsageError, match="fc1, fc2, none"):
        dry_run("TensorGraph", inside="fc3")
    with pytest.raises(GradreelError, match="no file"):
        dry_run("TensorGraph", program="missing.py:Net")


def test_a_shade_is_deeper_the_larger_the_number():
    scale = Scale(Quantity(-4.0, "test"))
    assert [scale.level(v) for v in (4.0, -4.0, 0.0, 1.0)] == [LEVELS, -LEVELS, 0, LEVELS // 2]
    levels = [scale.level(v) for v in np.linspace(-4, 4, 33)]
    assert levels == sorted(levels)
    assert scale.level(float("inf")) == LEVELS
    assert scale.level(float("nan")) == 0


@pytest.mark.parametrize("shape", [(3,), (2, 3), (2, 2, 3), (2, 2, 2, 3), (20, 20)])
def test_every_number_has_a_cell_of_its_own(shape):
    places = cell_centers(shape)
    assert len(places) == np.prod(shape)
    distinct = np.abs(places[:, None] - places[None]).max(axis=2) + 9 * np.eye(len(places))
    assert distinct.min() >= 1 - 1e-9
    value = np.linspace(-1, 1, int(np.prod(shape))).reshape(shape)
    drawn = HeatMap(_nested(value), Scale(Quantity(1.0, "test")), cell=0.2)
    assert sum(len(cell.points) // 16 for cell in drawn.cells) == np.prod(shape)


def _nested(array):
    return tuple(_nested(row) for row in array) if array.ndim else float(array)


def test_only_a_true_sum_is_drawn_as_one():
    whole = np.arange(6.0).reshape(2, 3)
    assert target_cells(_nested(whole), _nested(whole.sum(0))) == [0, 1, 2, 0, 1, 2]
    assert target_cells(_nested(whole), _nested(whole.sum(1, keepdims=True))) == [0, 0, 0, 1, 1, 1]
    assert target_cells(_nested(whole), 15.0) == [0] * 6
    assert target_cells(_nested(whole), _nested(whole.sum(0) + 1)) is None
    assert target_cells(_nested(whole), _nested(whole)) is None
    assert target_cells(_nested(whole), None) is None


def test_the_rows_of_a_broadcast_add_up_to_the_gradient_of_the_bias(monkeypatch):
    drawn = []
    original = TensorGraph.close_up

    def close_up(scene, *given):
        drawn.append(original(scene, *given))
        return drawn[-1]

    monkeypatch.setattr(TensorGraph, "close_up", close_up)
    scene = dry_run("TensorGraph")
    (picture,) = drawn
    _, slopes = by_hand(scene.tape, "tanh")
    scale = Scale.of_gradients(scene.tape, 1)
    expected = [scale.color(scale.level(float(slope))) for slope in slopes["fc2.bias"]]
    assert picture.shades[-1] == expected
    assert [cell.get_fill_color() for cell in picture.total.cells] == expected
    assert len(picture.shades) == scene.params.batch
    assert picture.shades[0] != expected
    *terms, total = (r for r in (*picture.terms, *picture.result) if isinstance(r, Readout))
    assert total.quantity == pytest.approx(slopes["fc2.bias"][-1])
    assert len(terms) == scene.params.batch
    assert sum(term.quantity for term in terms) == pytest.approx(float(total.quantity))
    so_far = np.cumsum([float(term.quantity) for term in terms])
    assert [float(number.quantity) for number in picture.sums] == pytest.approx(list(so_far))


def test_numbers_of_a_column_are_shown_as_far_as_they_add_up():
    def places(*numbers):
        terms = [Quantity(x, "test") for x in numbers]
        return places_that_add_up(terms, sums_so_far(terms, Quantity(sum(numbers), "test")))

    assert places(0.25, 0.5) == 2
    assert places(0.004, 0.004) == 3
    assert places(1 / 3, 1 / 3, 1 / 3) is None


def test_an_input_of_a_module_has_a_slot_for_its_gradient():
    tape = dry_run("TensorGraph").tape
    graph, _ = tensor_graph(tape)
    (second,) = (part for part in graph.view.parts if getattr(part, "name", "") == "fc2")
    inner = graph.fold_interior(second).graph
    assert "h" in inner.gradient_slots
    sent = next(e.contribution for e in tape.edges if e.target == "h")
    assert boundary_steps(inner.view, 1)["h"].gradient == sent


def test_a_tensor_that_others_use_too_has_no_slot_beside_a_module():
    class TwoUses(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = torch.nn.Linear(2, 2, dtype=torch.float64)

        def loss(self, x):
            h = torch.tanh(x)
            return (self.fc(h) * h).sum()

    tape = record(TwoUses().loss, x=[[0.5, -1.0]])
    graph, _ = tensor_graph(tape)
    (part,) = (part for part in graph.view.parts if getattr(part, "name", "") == "fc")
    inner = graph.fold_interior(part).graph
    assert inner.view.boundary
    assert not set(inner.view.boundary) & set(inner.gradient_slots)
