"""The attributes of each tensor against rules written by hand, and gradients against SymPy."""

from __future__ import annotations

import pytest
import sympy

from gradreel.draw.formula import Formula
from gradreel.errors import UsageError
from tests.scenes.run_scene import captions_of, dry_run, duration, numbers

NODES = {"*": "MulBackward0", "**": "PowBackward0", "+": "AddBackward0"}
PROGRAM = """
def squares(p, q, scale):
    u = p * scale
    v = u**2
    w = v + q
    return w

def impatient(x):
    y = x**2
    y.backward()
    return y
"""


def tags(scene) -> dict[str, list[str]]:
    """What the tags said at last of each attribute, by the name of the tensor."""
    return {
        tensor.name: [words(scene.drawn[tensor.name, column]) for column in range(4)]
        for tensor in scene.tensors
    }


def words(tag) -> str:
    """The words of a tag, or the total of its sum."""
    if isinstance(tag, Formula):
        return [number.quantity.text for number in tag.numbers()][-1]
    return tag.typst_code.replace("\\", "")


@pytest.mark.parametrize(
    ("params", "results"),
    [
        ({}, {"a": "*", "b": "**", "z": "+"}),
        ({"x": -1.5, "y": 4, "retain": True}, {"a": "*", "b": "**", "z": "+"}),
        (
            {"program": "three uses", "x": 0.5, "y": -2},
            {"u": "*", "a": "**", "b": "*", "c": "+", "z": "+"},
        ),
    ],
)
def test_only_leaves_keep_their_gradient_unless_it_is_retained(params, results):
    scene = dry_run("GraphRecords", **params)
    x, y = sympy.symbols("x y")
    formula = x * y + x**2
    if "program" in params:
        formula = (x * y) ** 2 + 3 * x * y + x * y
    at = {x: params.get("x", 2), y: params.get("y", 3)}
    table = tags(scene)
    assert set(table) == {"x", "y", *results}
    for name in ("x", "y"):
        assert table[name][:3] == ["True", "True", "None"]
        assert float(table[name][3]) == pytest.approx(float(sympy.diff(formula, name).subs(at)))
    for name, sign in results.items():
        assert table[name][:3] == ["False", "True", NODES[sign]]
        assert table[name][3] == ("1" if params.get("retain") else "None")
    assert numbers(scene, "x.grad after backward")
    assert "every grad is None" in captions_of(scene)
    assert scene.faults == []
    assert 15 <= duration(scene) <= 90


def test_the_figures_of_the_lecture():
    scene = dry_run("GraphRecords")
    assert "Two of them meet at x: 4 and 3 add up." in captions_of(scene)
    assert "x.grad is 7 and y.grad is 2" in captions_of(scene)
    shown = [n.quantity.text for n in scene.drawn["x", 3].numbers()]
    assert shown == ["4", "3", "7"]


def test_a_user_program_with_an_input_that_requires_no_gradient(tmp_path):
    (tmp_path / "own.py").write_text(PROGRAM)
    scene = dry_run(
        "GraphRecords",
        program=f"{tmp_path}/own.py:squares",
        inputs="p=3, q=1, scale=fixed(0.5)",
    )
    table = tags(scene)
    assert table["scale"] == ["True", "False", "None", "None"]
    assert table["p"] == ["True", "True", "None", "1.5"]  # d (p/2)² / dp = p/2
    assert table["q"][3] == "1"
    assert "scale is left out" in captions_of(scene)
    assert scene.faults == []


def test_a_program_that_calls_backward_raises_an_error(tmp_path):
    (tmp_path / "own.py").write_text(PROGRAM)
    with pytest.raises(UsageError, match="backward pass itself"):
        dry_run("GraphRecords", program=f"{tmp_path}/own.py:impatient")


def test_too_many_tensors_raise_an_error():
    with pytest.raises(UsageError, match="the scene shows"):
        dry_run("GraphRecords", program="sin(x) + cos(x) + exp(x) + x**3 + x**5 + tanh(x)")
