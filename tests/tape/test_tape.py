"""Tape and Quantity, on a tape written by hand: z = x*y + x**2 at x = 2, y = 3."""

from __future__ import annotations

import ast
import json
import math
import pickle
import re
import sys
from dataclasses import FrozenInstanceError, replace
from pathlib import Path

import pytest

from gradreel.errors import RecordingError, UsageError
from gradreel.tape import Edge, LeafGrad, Op, Quantity, Step, Tape, format_number


def op(name: str, kind: str, inputs: tuple[str, ...], value: float) -> Op:
    leaf = kind == "leaf"
    return Op(name, name, kind, inputs, (), value, leaf, True, None if leaf else kind)


@pytest.fixture
def tape() -> Tape:
    return Tape(
        program="two_paths",
        inputs={"x": 2.0, "y": 3.0},
        ops=(
            op("x", "leaf", (), 2.0),
            op("y", "leaf", (), 3.0),
            op("a", "MulBackward0", ("x", "y"), 6.0),
            op("b", "PowBackward0", ("x",), 4.0),
            op("z", "AddBackward0", ("a", "b"), 10.0),
        ),
        edges=(
            Edge("z", "a", 0, 1.0, 1.0, 1),
            Edge("z", "b", 1, 1.0, 1.0, 1),
            Edge("b", "x", 0, 4.0, 4.0, 1),
            Edge("a", "x", 0, 3.0, 3.0, 1),
            Edge("a", "y", 1, 2.0, 2.0, 1),
        ),
        steps=(
            Step(1, 1, "z", "z", "AddBackward0", 1.0),
            Step(1, 2, "b", "b", "PowBackward0", 1.0),
            Step(1, 3, "a", "a", "MulBackward0", 1.0),
            Step(1, 4, "x", "x", "AccumulateGrad", 7.0),
            Step(1, 5, "y", "y", "AccumulateGrad", 2.0),
        ),
        grads=(LeafGrad(1, "x", None, 7.0), LeafGrad(1, "y", None, None)),
    )


def test_numbers_have_their_source(tape: Tape) -> None:
    assert (tape.value("z"), tape.gradient("x"), tape.grad("x")) == (10.0, 7.0, 7.0)
    grad = tape.grad("x")
    assert grad is not None and grad.source == "x.grad after backward 1"
    into_x = tape.incoming("x")
    assert [tape.contribution(edge) for edge in into_x] == [4.0, 3.0]
    assert tape.local(into_x[0]).name == "db/dx"
    assert tape.grad("y") is None


def test_elements_of_tensors(tape: Tape) -> None:
    table = ((1.0, 2.0), (3.0, 4.0))
    wide = replace(tape, ops=(replace(tape["x"], shape=(2, 2), value=table),))
    element = wide.value("x", (1, 0))
    assert (element, element.source) == (3.0, "x[1, 0]")
    for wrong in ((2, 0), (0, 0, 0)):
        with pytest.raises(RecordingError, match="no element"):
            wide.value("x", wrong)
    with pytest.raises(RecordingError, match="not a single number"):
        wide.value("x")
    with pytest.raises(RecordingError, match="not known"):
        replace(tape, ops=(replace(tape["x"], value=None),)).value("x")


def test_errors_name_what_is_missing(tape: Tape) -> None:
    with pytest.raises(UsageError, match="Valid: x, y, a, b, z"):
        tape.value("q")
    with pytest.raises(RecordingError, match="never reached"):
        tape.gradient("x", backward=2)
    with pytest.raises(RecordingError, match="not a leaf"):
        tape.grad("z")


def test_arrows_of_two_passes_are_those_of_one(tape: Tape) -> None:
    second_pass = tuple(replace(edge, backward=2) for edge in tape.edges)
    twice = replace(tape, edges=tape.edges + second_pass)
    assert [(e.source, e.target) for e in twice.arrows()] == [
        (e.source, e.target) for e in tape.edges
    ]
    assert len(twice.incoming("x", 2)) == 2


def test_json_and_pickle_round_trip(tape: Tape) -> None:
    assert Tape.from_json(tape.to_json()) == tape
    assert pickle.loads(pickle.dumps(tape)) == tape


def test_json_of_non_finite_numbers_is_strict(tape: Tape) -> None:
    values = ((math.inf, -math.inf), (math.nan, 0.0))
    op = replace(tape["x"], shape=(2, 2), value=values)
    non_finite = replace(tape, ops=(op,), edges=(), steps=(), grads=())

    def reject(text: str) -> float:
        raise AssertionError(f"{text} is not JSON")

    data = json.loads(non_finite.to_json(), parse_constant=reject)
    assert data["ops"][0]["value"] == [["Infinity", "-Infinity"], ["NaN", 0.0]]
    back = Tape.from_dict(data)["x"].value
    assert isinstance(back, tuple) and isinstance(back[1], tuple)
    assert back[0] == (math.inf, -math.inf) and math.isnan(back[1][0])  # type: ignore[arg-type]


def test_edges_are_written_with_from_and_to(tape: Tape) -> None:
    edge = tape.to_dict()["edges"][2]
    assert (edge["from"], edge["to"], edge["contribution"]) == ("b", "x", 4.0)


@pytest.mark.parametrize("version", [99, "1", True, None])
def test_another_schema_version_is_rejected(tape: Tape, version: object) -> None:
    with pytest.raises(RecordingError, match=f"schema version {version!r}"):
        Tape.from_dict({**tape.to_dict(), "version": version})


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("ops", 0, "value"), ..., r"ops\[0\] has no value"),
        (("ops", 0, "colour"), "red", r"ops\[0\] has a field 'colour'"),
        (("ops", 1, "value"), "12", r"ops\[1\].value is '12'; a number"),
        (("ops", 1, "value"), [1.0, True], r"ops\[1\].value\[1\] is True; a number"),
        (("ops", 1, "value"), 10**400, r"ops\[1\].value is larger than any float"),
        (("ops", 1, "value"), [1.0], r"ops\[1\].value does not have the shape \(\)"),
        (("ops", 2, "inputs"), "xy", r"ops\[2\].inputs is 'xy'; a list"),
        (("ops", 2, "inputs"), ["x", "q"], r"ops\[2\].inputs is 'q', which no op is"),
        (("ops", 2, "id"), "x", r"ops\[2\].id is 'x', as another op's"),
        (("edges", 0, "slot"), -1, r"edges\[0\].slot is -1; a whole number"),
        (("steps", 0, "backward"), None, r"steps\[0\].backward is None; a whole number"),
        (("steps",), {}, "steps is {}; a list"),
        (("grads", 0), 5, r"grads\[0\] is 5; an object"),
        (("inputs",), ..., "the document has no inputs"),
        (("inputs", "x"), {}, "inputs.x is {}; a number"),
        (("program",), 7, "program is 7; a text"),
    ],
)
def test_a_damaged_document_is_rejected_with_its_place(
    tape: Tape, path: tuple[str | int, ...], value: object, message: str
) -> None:
    data = json.loads(tape.to_json())
    parent = data
    for key in path[:-1]:
        parent = parent[key]
    if value is ...:
        del parent[path[-1]]
    else:
        parent[path[-1]] = value
    with pytest.raises(RecordingError, match=f"not a tape: {message}"):
        Tape.from_dict(data)


@pytest.mark.parametrize("text", ["", "[", "{'version': 1}", "[" * 100_000, "1" * 5000])
def test_text_that_is_not_json_is_rejected(text: str) -> None:
    with pytest.raises(RecordingError, match="not valid JSON|the document is"):
        Tape.from_json(text)


def test_a_document_that_is_not_an_object_is_rejected() -> None:
    for document in ([], "tape", None, 3):
        with pytest.raises(RecordingError, match="the document is .*; an object is expected"):
            Tape.from_dict(document)  # type: ignore[arg-type]


def test_a_quantity_is_a_frozen_number() -> None:
    seven = Quantity(7.0, "x.grad after backward 1", "x.grad")
    assert seven == 7.0 and f"{seven}" == "7" and f"{seven:.2f}" == "7.00"
    assert type(seven * 2) is float
    with pytest.raises(AttributeError):
        seven.source = "elsewhere"
    copy = pickle.loads(pickle.dumps(seven))
    assert (copy, copy.source, copy.name) == (seven, seven.source, seven.name)


def test_a_tape_is_frozen(tape: Tape) -> None:
    with pytest.raises((FrozenInstanceError, AttributeError, TypeError)):
        tape.program = "other"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (7.0, "7"), (2.5, "2.5"), (-0.0, "0"), (0.1 + 0.2, "0.3"), (1 / 3, "0.3333"),
        (0.012345, "0.01235"), (1.2e-7, "1.2e-7"), (2.5e7, "2.5e7"), (-1.46e-9, "-1.46e-9"),
        (math.inf, "inf"), (math.nan, "nan"), (123456.0, "123456"),
    ],
)  # fmt: skip
def test_format_number(value: float, text: str) -> None:
    assert format_number(value) == text


def test_format_number_with_places() -> None:
    assert (format_number(7.0, 6), format_number(-1e-9, 2), format_number(2.345, 1)) == (
        "7.000000",
        "0.00",
        "2.3",
    )


def test_the_schema_is_that_of_the_documentation(tape):
    page = (Path(__file__).parents[2] / "docs" / "tape.md").read_text()
    data = tape.to_dict()
    assert f"## The document, version {data['version']}\n" in page
    table = re.findall(r"^\| `(\w+)` \|", page, flags=re.M)
    assert table == list(data)
    for name in ("ops", "edges", "steps", "grads"):
        (description,) = re.findall(rf"^\*\*{name}\*\*.*?(?=\n\n)", page, flags=re.M | re.S)
        assert set(data[name][0]) <= set(re.findall(r"`(\w+)`", description)), name


def test_the_package_imports_the_standard_library_and_errors_alone() -> None:
    allowed = {*sys.stdlib_module_names, "gradreel.errors", "gradreel.tape"}
    files = sorted((Path(__file__).parents[2] / "gradreel" / "tape").glob("*.py"))
    assert len(files) == 10
    for path in files:
        for node in ast.walk(ast.parse(path.read_text())):
            modules: list[str] = []
            if isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                modules = [node.module or ""]
            for module in modules:
                root = module.partition(".")[0]
                package = ".".join(module.split(".")[:2])
                assert root in allowed or package in allowed, f"{path.name}: {module}"
