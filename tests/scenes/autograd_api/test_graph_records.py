"""What each tensor answers, against rules written down by hand and slopes by SymPy."""

from __future__ import annotations

import pytest
import sympy

from gradreel.errors import UsageError
from tests.scenes.run_scene import duration, numbers, dry_run, captions_of

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


def answers(scene) -> dict[str, list[str]]:
    """The words of the table at the end, row by row; a number as its digits."""
    table = scene.table
    return {
        answer.name: [
            cell.quantity.text if hasattr(cell, "quantity") else cell.typst_code.replace("\\", "")
            for cell in row
        ]
        for answer, row in zip(scene.answers, table.cells, strict=True)
    }


@pytest.mark.parametrize(
    ("params", "made"),
    [
        ({}, {"a": "*", "b": "**", "z": "+"}),
        ({"x": -1.5, "y": 4, "retain": True}, {"a": "*", "b": "**", "z": "+"}),
        (
            {"program": "three uses", "x": 0.5, "y": -2},
            {"u": "*", "a": "**", "b": "*", "c": "+", "z": "+"},
        ),
    ],
)
def test_leaves_are_what_the_user_made_and_alone_keep_a_gradient(params, made):
    scene = dry_run("GraphRecords", **params)
    x, y = sympy.symbols("x y")
    formula = x * y + x**2
    if "program" in params:
        formula = (x * y) ** 2 + 3 * x * y + x * y
    at = {x: params.get("x", 2), y: params.get("y", 3)}
    table = answers(scene)
    assert set(table) == {"x", "y", *made}
    for name in ("x", "y"):
        assert table[name][:3] == ["True", "True", "None"]
        assert float(table[name][3]) == pytest.approx(float(sympy.diff(formula, name).subs(at)))
    for name, sign in made.items():
        assert table[name][:3] == ["False", "True", NODES[sign]]
        assert table[name][3] == ("1" if params.get("retain") else "None")
    assert numbers(scene, "x.grad after backward")
    assert "None, whomever" in captions_of(scene)
    assert scene.faults == []
    assert 15 <= duration(scene) <= 90


def test_the_figures_of_the_lecture():
    assert "x.grad is 7 and y.grad is 2" in captions_of(dry_run("GraphRecords"))


def test_a_program_of_ones_own_with_an_input_left_out(tmp_path):
    (tmp_path / "own.py").write_text(PROGRAM)
    scene = dry_run(
        "GraphRecords",
        program=f"{tmp_path}/own.py:squares",
        inputs="p=3, q=1, scale=fixed(0.5)",
    )
    table = answers(scene)
    assert table["scale"] == ["True", "False", "None", "None"]
    assert table["p"] == ["True", "True", "None", "1.5"]  # d (p/2)² / dp = p/2
    assert table["q"][3] == "1"
    assert "scale is left out" in captions_of(scene)
    assert scene.faults == []


def test_a_program_that_runs_backward_itself_is_refused(tmp_path):
    (tmp_path / "own.py").write_text(PROGRAM)
    with pytest.raises(UsageError, match="backward pass itself"):
        dry_run("GraphRecords", program=f"{tmp_path}/own.py:impatient")


def test_more_tensors_than_the_table_holds_are_refused():
    with pytest.raises(UsageError, match="the table shows"):
        dry_run("GraphRecords", program="sin(x) + cos(x) + exp(x) + x**3 + x**5 + tanh(x)")
