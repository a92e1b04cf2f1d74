"""BackwardFlow of programs of every size: folded where needed, legible, with true numbers."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from gradreel.errors import GradreelError
from tests.scenes.run_scene import duration, numbers, dry_run

PROGRAMS = Path(__file__).parents[2] / "record" / "programs"

ODD = PROGRAMS / "odd.py"

LARGE = {
    "large.py:unrolled": "w=0.9, u=0.3, b=0.1",
    "large.py:fixed_point": "a=0.8",
    "large.py:learned_rate": "rate=0.05",
    "large.py:two_arms": "x=0.5, y=0.3",
    "large.py:without_a_pattern": "x=0.4",
    "large.py:Tower": "x=randn(3, 2)",
    "large.py:Transformer": "words=int([0, 3, 1, 4])",
    "tricks.py:newton": "x=2.0",
}
SMALL = {
    "regression.py:line_fit": "slope=0.5, intercept=0",
    "regression.py:logistic": "w=[0.1, -0.2], b=0.3",
    "regression.py:softmax_regression": "weights=randn(2, 3)",
    "regression.py:three_epochs": "w=[0.5, 0.5]",
    "networks.py:Perceptron": "x=randn(4, 2)",
    "networks.py:Residual": "x=randn(2, 3)",
    "networks.py:Vision": "image=randn(1, 1, 4, 4)",
    "networks.py:Words": "ids=int([0, 3, 1, 4])",
    "sequences.py:rnn": "w=randn(2, 2), u=randn(2, 2), b=[0.1, 0.2]",
    "sequences.py:attention": "q=randn(3, 2), k=randn(3, 2), v=fixed(randn(3, 2))",
    "sequences.py:two_heads": "x=randn(3, 2), w=randn(2, 4)",
    "tricks.py:vae": "mean=[0.5, -1], log_var=[0.1, 0.2]",
    "tricks.py:penalty": "x=[0.3, 0.4], w=1.5",
    "tricks.py:straight_through": "x=[0.3, 0.4]",
    "tricks.py:momentum": "x=1.0, y=0.5",
    "tricks.py:clipped": "w=[1.0, 2.0]",
    "tricks.py:rows_filled": "x=[0.3, 0.4]",
}


def legible(program: str | Path, inputs: str) -> None:
    scene = dry_run("BackwardFlow", program=program, inputs=inputs)
    assert scene.faults == []
    assert set(numbers(scene, "gradient at")) <= all_gradients(scene.tape)


def all_gradients(tape) -> set[float]:
    """What the engine handed over anywhere, as far as it is a single number."""
    return {step.gradient for step in tape.steps if isinstance(step.gradient, float)}


@pytest.mark.parametrize(("program", "inputs"), SMALL.items())
def test_programs_of_lecturers_can_be_read(program, inputs):
    legible(PROGRAMS / program, inputs)


@pytest.mark.slow
@pytest.mark.parametrize(("program", "inputs"), LARGE.items())
def test_large_programs_can_be_read(program, inputs):
    legible(PROGRAMS / program, inputs)


@pytest.mark.parametrize(
    ("name", "inputs", "value"),
    [
        ("spring", {"x": 3.0}, lambda x: 2.0 * x**2 / 2 - x),
        ("product", {"x": 0.7, "y": -1.5}, lambda x, y: torch.sin(x) * y / (1 + y**2)),
    ],
)
def test_a_function_of_ones_own_against_autograd_alone(name, inputs, value):
    text = ", ".join(f"{key}={number}" for key, number in inputs.items())
    scene = dry_run("BackwardFlow", program=f"{ODD}:{name}", inputs=text)
    leaves = [torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in inputs.values()]
    wanted = torch.autograd.grad(value(*leaves), leaves)
    assert scene.faults == []
    for key, slope in zip(inputs, wanted, strict=True):
        (row,) = (row for row in scene.tape.grads if row.leaf == key)
        assert row.after == pytest.approx(float(slope), rel=1e-12)
        assert row.after in numbers(scene, f"gradient at {key}")


@pytest.mark.parametrize(
    ("name", "inputs", "says"),
    [
        ("missing", "x=1", "Valid: spring, product"),
        ("spring", "x=1, mass=2", "mass"),
        ("product", "x=[1, 2], y=[1, 2, 3]", "size of tensor"),
        ("nothing", "x=1", "nothing"),
        ("vector", "x=1", "number"),
        ("apart", "x=1", "depend"),
        ("fails", "x=1", "undefined"),
        ("in_place", "x=1", "in-place"),
        ("asks", "x=1", "input"),
    ],
)
def test_what_cannot_be_shown_is_told(name, inputs, says):
    with pytest.raises(GradreelError, match=says) as told:
        dry_run("BackwardFlow", program=f"{ODD}:{name}", inputs=inputs)
    print(told.value)
    assert len(str(told.value).splitlines()) < 12


def test_infinity_is_shown():
    scene = dry_run("BackwardFlow", program=f"{ODD}:boundless", inputs="x=0.0")
    texts = [n["text"] for beat in scene.manifest()["beats"] for n in beat["numbers"]]
    assert {"nan", "-inf"} & set(texts)


@pytest.mark.slow
def test_five_thousand_ops_are_a_film():
    scene = dry_run("BackwardFlow", program=f"{ODD}:long", inputs="x=0.5")
    assert len(scene.tape.ops) >= 5000
    assert scene.faults == []
    assert 15 <= duration(scene) <= 90
