"""BackwardFlow of programs of every size: their numbers, and a layout without faults."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch

from gradreel.draw.graph.gradient_stream import WIDEST
from gradreel.draw.layout import bounding_rect
from gradreel.errors import GradreelError
from tests.scenes.run_scene import (
    captions_of,
    dry_run,
    duration,
    manifest_of,
    number_texts,
    numbers,
)

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


def assert_readable(program: str | Path, inputs: str) -> None:
    """The layout has no faults, and every gradient shown is one of the tape."""
    scene = dry_run("BackwardFlow", program=program, inputs=inputs)
    assert scene.faults == []
    shown = [n for beat in scene.manifest()["beats"] for n in beat["numbers"]]
    shown = [n for n in shown if n["source"].startswith("gradient at")]
    gradients = all_gradients(scene.tape)
    # The ends of a color scale are both signs of the largest element, in two digits.
    sizes = {abs(gradient) for gradient in gradients}
    for number in shown:
        if number["source"].endswith("in size"):
            assert abs(number["value"]) in sizes
            assert float(number["text"]) == float(f"{number['value']:.2g}")
        else:
            assert number["value"] in gradients


def all_gradients(tape) -> set[float]:
    """The gradients of all nodes, element by element."""
    return set().union(*(elements(step.gradient) for step in tape.steps))


def elements(value) -> set[float]:
    """The numbers in a number or in nested sequences of them."""
    if isinstance(value, float):
        return {value}
    return set().union(*map(elements, value)) if isinstance(value, list | tuple) else set()


@pytest.mark.parametrize(("program", "inputs"), SMALL.items())
def test_small_programs_can_be_read(program, inputs):
    assert_readable(PROGRAMS / program, inputs)


@pytest.mark.slow
@pytest.mark.parametrize(("program", "inputs"), LARGE.items())
def test_large_programs_can_be_read(program, inputs):
    assert_readable(PROGRAMS / program, inputs)


@pytest.mark.parametrize(
    ("name", "inputs", "value"),
    [
        ("spring", {"x": 3.0}, lambda x: 2.0 * x**2 / 2 - x),
        ("product", {"x": 0.7, "y": -1.5}, lambda x, y: torch.sin(x) * y / (1 + y**2)),
    ],
)
def test_a_user_function_agrees_with_autograd(name, inputs, value):
    text = ", ".join(f"{key}={number}" for key, number in inputs.items())
    scene = dry_run("BackwardFlow", program=f"{ODD}:{name}", inputs=text)
    leaves = [torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in inputs.values()]
    expected = torch.autograd.grad(value(*leaves), leaves)
    assert scene.faults == []
    for key, slope in zip(inputs, expected, strict=True):
        (row,) = (row for row in scene.tape.grads if row.leaf == key)
        assert row.after == pytest.approx(float(slope), rel=1e-12)
        assert row.after in numbers(scene, f"gradient at {key}")


@pytest.mark.parametrize(
    ("name", "inputs", "message"),
    [
        ("missing", "x=1", "Valid: spring, product"),
        ("spring", "x=1, mass=2", "mass"),
        ("product", "x=[1, 2], y=[1, 2, 3]", "size of tensor"),
        ("nothing", "x=1", "nothing"),
        ("vector", "x=1", "number"),
        ("unrelated", "x=1", "depend"),
        ("fails", "x=1", "undefined"),
        ("in_place", "x=1", "in-place"),
        ("asks", "x=1", "input"),
    ],
)
def test_what_cannot_be_shown_raises_an_error(name, inputs, message):
    with pytest.raises(GradreelError, match=message) as error:
        dry_run("BackwardFlow", program=f"{ODD}:{name}", inputs=inputs)
    assert len(str(error.value).splitlines()) < 12


def test_infinity_is_shown():
    scene = dry_run("BackwardFlow", program=f"{ODD}:boundless", inputs="x=0.0")
    texts = [n["text"] for beat in scene.manifest()["beats"] for n in beat["numbers"]]
    assert {"nan", "-inf"} & set(texts)


@pytest.mark.slow
def test_a_program_of_five_thousand_ops():
    scene = dry_run("BackwardFlow", program=f"{ODD}:long", inputs="x=0.5")
    assert len(scene.tape.ops) >= 5000
    assert scene.faults == []
    assert 15 <= duration(scene) <= 90


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
    after = {row["leaf"]: row["after"] for row in tape["grads"] if row["backward"] == 2}
    assert after == pytest.approx({"a": -2 + 3 * 1.5**2 * -2, "b": 1.5 + 1.5**3})


@pytest.mark.parametrize(("x", "y"), [(2.0, 3.0), (5.0, -1.0), (-0.5, 0.25)])
def test_gradients_add_where_paths_meet(x: float, y: float) -> None:
    tape = manifest_of("BackwardFlow", x=x, y=y)["tape"]
    into_x = sorted(e["contribution"] for e in tape["edges"] if e["to"] == "x")
    assert into_x == sorted([y, 2 * x])
    (into_y,) = [e["contribution"] for e in tape["edges"] if e["to"] == "y"]
    assert into_y == x
    grads = {row["leaf"]: row["after"] for row in tape["grads"]}
    assert grads == {"x": y + 2 * x, "y": x}


@pytest.fixture(scope="module")
def film():
    return dry_run("BackwardFlow")


def test_the_beats_follow_the_order_of_the_engine(film) -> None:
    result = film.manifest()
    assert [step["op"] for step in result["tape"]["steps"]] == ["z", "b", "a", "x", "y"]
    names = [b["name"] for b in result["beats"][1:]]
    assert names == ["at z", "at b", "at a", "at x", "at y", "sum over paths"]
    assert film.faults == []


def test_each_stream_is_as_wide_as_its_gradient_is_large(film) -> None:
    streams = film.graph.streams
    widths = {key[:2]: stream.line.stroke_width for key, stream in streams.items()}
    assert widths["b", "x"] == WIDEST
    assert widths["a", "x"] == pytest.approx(WIDEST * 3 / 4)
    assert widths["a", "y"] == pytest.approx(WIDEST * 2 / 4)
    assert widths["z", "a"] == widths["z", "b"] == pytest.approx(WIDEST / 4)


def test_the_bucket_of_x_holds_both_contributions(film) -> None:
    buckets = film.buckets.buckets
    levels = {op: float(bucket.level.get_value()) for op, bucket in buckets.items()}
    assert levels == pytest.approx({"x": 7.0, "y": 2.0})
    assert buckets["x"].bounds == pytest.approx([4.0])


def test_every_edge_keeps_its_product_and_the_sum_over_paths_is_written(film) -> None:
    said = captions_of(film)
    assert film.path_sum.numbers.part("total").family_members_with_points()
    assert number_texts(film.manifest(), "at x").count("7") == 3  # at the bucket, in the sum, said
    assert "7" not in number_texts(film.manifest(), "at a")
    assert "1 times the local derivative 4 is 4." in said
    assert "1 times 3 is 3 for x, and 1 times 2 is 2 for y." in said
    assert "gradients add where paths meet" in said
    assert "4 plus 3 is 7, and that is x.grad." in said
    for word in ("backpropagation", "chain rule", "vector-Jacobian product", "local derivative"):
        assert word in said
    products = [f for f in film.graph.labels(1).tags.values() if len(f.formula.slots) > 1]
    assert len(products) == 5


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"program": "one chain"}, "Only one path leads to x. So x.grad is 6."),
        ({"program": "three uses"}, "One stream arrives at x. So x.grad is 48."),
        ({"program": "three uses"}, "Three streams meet at u, and they add up."),
        ({"x": 3.0, "y": -1.0}, "6 plus −1 is 5, and that is x.grad."),
        ({"program": "(tanh(x*y) - 1)**2", "x": 0.5, "y": 1.5}, "The gradient reaches"),
    ],
)
def test_other_plain_programs_are_explained_path_by_path(params, said) -> None:
    scene = dry_run("BackwardFlow", **params)
    assert said in captions_of(scene)
    assert scene.faults == []
    assert_labels_are_clear(scene.graph)


def assert_labels_are_clear(graph) -> None:
    """No label of pass 1 touches a card, another label, or an arrow that is not its own."""
    labels = graph.labels(1)
    boxes = {**labels.sums, **{key: tag.formula for key, tag in labels.tags.items()}}
    rects = {key: bounding_rect(label) for key, label in boxes.items()}
    for key, rect in rects.items():
        others = [*map(bounding_rect, graph.cards.values())]
        others += [other for k, other in rects.items() if k != key]
        assert not any(rect.overlap_area(other) > 0 for other in others), key
        for line, arrow in graph.arrows.items():
            assert line == key or not any(map(rect.contains_point, arrow.sampled())), (key, line)


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


def test_a_value_of_zero_is_on_its_card() -> None:
    scene = dry_run("BackwardFlow", x="1", y="-1")
    for beat in scene.manifest()["beats"]:
        assert ("0", "z") in [(n["text"], n["source"]) for n in beat["numbers"]]


def test_each_local_derivative_has_its_rule_before_it_is_a_factor(film) -> None:
    rules = {
        op: [rule.shown_numbers[0].text for rule in row] for op, row in film.rules.rules.items()
    }
    assert rules == {"z": ["1", "1"], "b": ["4"], "a": ["3", "2"]}
    right = film.path_sum.products[-1].get_right()[0]
    assert film.rules.rules["a"].get_left()[0] > right  # both are on the board at once


@pytest.mark.parametrize(
    ("program", "rules"),
    [
        (
            "sin(x)*cos(y)",
            {
                "z": [math.cos(3.0), math.sin(2.0)],
                "a": [math.cos(2.0)],
                "b": [-math.sin(3.0)],
            },
        ),
        ("three uses", {"z": [1, 1], "c": [1, 1], "b": [3], "a": [12], "u": [3, 2]}),
        ("x**y", {}),  # its derivatives have no short form: the graph keeps the space
    ],
)
def test_programs_in_rows_without_a_sum_over_paths_have_rules(program, rules) -> None:
    scene = dry_run("BackwardFlow", program=program)
    assert scene.path_sum is None and scene.graph.layout.rows > 1
    rows = scene.rules.rules if scene.rules else {}
    found = {
        op: [float(rule.shown_numbers[-1].quantity) for rule in row] for op, row in rows.items()
    }
    assert found == {op: pytest.approx(locals_) for op, locals_ in rules.items()}
    assert scene.faults == []


def test_no_rule_is_written_whose_value_is_another(tmp_path) -> None:
    code = (
        "import torch\ndef own(x, y):\n    a = torch.relu(x) * y\n    z = a + x * x\n    return z\n"
    )
    (tmp_path / "own.py").write_text(code, encoding="utf-8")
    scene = dry_run("BackwardFlow", program=f"{tmp_path}/own.py:own", inputs="x=2, y=3")
    assert scene.rules is None or all("relu" not in op for op in scene.rules.rules)
    for op, row in (scene.rules.rules if scene.rules else {}).items():
        locals_ = [edge.local for edge in scene.tape.outgoing(op)]
        assert [float(rule.shown_numbers[0].quantity) for rule in row] == locals_


def test_a_product_is_not_read_as_a_part_of_a_sum(film) -> None:
    rects = {op: bounding_rect(formula) for op, formula in film.buckets.sums.items()}
    assert rects
    for tag in film.graph.labels(1).tags.values():
        product = bounding_rect(tag.formula)
        for rect in rects.values():
            beside = product.top > rect.bottom and product.bottom < rect.top
            assert not beside or product.left > rect.right + 0.5


def test_what_every_leaf_receives_is_written_where_space_is_short():
    scene = dry_run("BackwardFlow", program="sigmoid(x*y)-sqrt(x)", inputs="x=2.0, y=3.0")
    assert scene.faults == []
    last = scene.manifest()["beats"][-1]["numbers"]
    written = {n["source"]: n["text"] for n in last}
    assert written["gradient at y in backward 1"] == "0.004933"
    assert "gradient at x in backward 1" in written


def test_every_gradient_that_is_said_is_written_in_a_crowded_graph():
    scene = dry_run("BackwardFlow", program="1/(1+exp(-x*y))", inputs="x=0.7, y=1.3")
    assert scene.faults == []
    for beat in scene.manifest()["beats"]:
        name = beat["name"].removeprefix("at ")
        if name in ("b", "c", "d"):
            texts = [n["text"] for n in beat["numbers"] if f"to {name} in" in n["source"]]
            texts += [
                n["text"] for n in beat["numbers"] if n["source"].startswith(f"gradient at {name} ")
            ]
            assert texts, beat["name"]
