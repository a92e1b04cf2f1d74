"""GraphBuild and BackwardFlow: the lecture's figures, and analytic gradients elsewhere."""

import pytest

from tests.scenes.run_scene import manifest_of, number_texts


def last(result: dict, beat: str) -> dict[str, float]:
    (row,) = [b for b in result["beats"] if b["name"] == beat]
    return {n["source"]: n["value"] for n in row["numbers"]}


def test_the_graph_has_the_figures_of_the_lecture() -> None:
    result = manifest_of("GraphBuild")
    assert number_texts(result, "the whole graph") == ["2", "3", "6", "4", "10"]
    names = {op["name"]: op["grad_fn"] for op in result["tape"]["ops"] if op["grad_fn"]}
    assert names == {"a": "MulBackward0", "b": "PowBackward0", "z": "AddBackward0"}


@pytest.mark.parametrize(("x", "y"), [(5.0, -1.0), (-0.5, 0.25)])
def test_the_graph_is_built_of_any_values(x: float, y: float) -> None:
    shown = last(manifest_of("GraphBuild", x=x, y=y), "the whole graph")
    assert sorted(shown.values()) == sorted([x, y, x * y, x**2, x * y + x**2])


TWICE = """
def twice(a, b):
    first = a * b
    first.backward()
    second = a**3 * b
    second.backward()
"""


def test_the_second_pass_of_a_program_adds_to_the_first(tmp_path) -> None:
    (tmp_path / "own.py").write_text(TWICE, encoding="utf-8")
    program, given = f"{tmp_path}/own.py:twice", "a=1.5, b=-2"
    tape = manifest_of("BackwardFlow", program=program, inputs=given, backward=2)["tape"]
    sent = {row["leaf"]: row["after"] for row in tape["grads"] if row["backward"] == 2}
    assert sent == pytest.approx({"a": -2 + 3 * 1.5**2 * -2, "b": 1.5 + 1.5**3})


@pytest.mark.parametrize(("x", "y"), [(2.0, 3.0), (5.0, -1.0), (-0.5, 0.25)])
def test_gradients_add_where_paths_meet(x: float, y: float) -> None:
    tape = manifest_of("BackwardFlow", x=x, y=y)["tape"]
    into_x = sorted(e["contribution"] for e in tape["edges"] if e["to"] == "x")
    assert into_x == sorted([y, 2 * x])
    (into_y,) = [e["contribution"] for e in tape["edges"] if e["to"] == "y"]
    assert into_y == x
    grads = {row["leaf"]: row["after"] for row in tape["grads"]}
    assert grads == {"x": y + 2 * x, "y": x}


def test_the_engines_order_is_told() -> None:
    result = manifest_of("BackwardFlow")
    assert [step["op"] for step in result["tape"]["steps"]] == ["z", "b", "a", "x", "y"]
    assert [b["name"] for b in result["beats"][1:]] == ["at z", "at b", "at a", "at x", "at y"]
    assert number_texts(result, "at x")[-3:] == ["4", "3", "7"]


@pytest.mark.parametrize(
    ("program", "gradient"),
    [
        ("one chain", lambda x, y: 6 * (3 * x + 1) / 7),
        ("three uses", lambda x, y: y * (2 * x * y + 4)),
    ],
)
def test_other_topologies(program: str, gradient) -> None:
    for x, y in ((2.0, 3.0), (-1.0, 0.5)):
        tape = manifest_of("BackwardFlow", program=program, x=x, y=y)["tape"]
        grads = {row["leaf"]: row["after"] for row in tape["grads"]}
        assert grads["x"] == pytest.approx(gradient(x, y))
