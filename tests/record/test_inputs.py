"""Inputs as text: their values, and messages for text that is not an input."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
import torch

from gradreel.errors import UsageError
from gradreel.params import ProgramParams
from gradreel.record.input_parser import parse_input, split_inputs
from gradreel.record.program_loader import load_program


def parse(text: str) -> Any:
    return parse_input(text, "x", torch.Generator().manual_seed(0))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1/3", 1 / 3),
        ("2*pi", 2 * math.pi),
        ("-inf", -math.inf),
        ("2**-1", 0.5),
        ("[1/2, -1]", [0.5, -1]),
        ("(1, 2)", [1, 2]),
        ("True", True),
        ("'mean'", "mean"),
    ],
)
def test_values(text: str, value: object) -> None:
    assert parse(text) == value and type(parse(text)) is type(value)


def test_tensors() -> None:
    assert parse("arange(1, 5)").tolist() == [1.0, 2.0, 3.0, 4.0]
    assert parse("arange(5, 1, -2)").tolist() == [5.0, 3.0]
    assert parse("int(2**62)").item() == 2**62
    assert parse("int([0, 3])").dtype == torch.int64
    drawn = parse("randint(-1, 2, 50, 2)")
    assert drawn.shape == (50, 2) and set(drawn.unique().tolist()) == {-1, 0, 1}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("arange(5, 1)", "has no numbers"),
        ("arange(0, 1, 0)", "a start, an end and a step"),
        ("int(2**63)", "9223372036854775808 is not a whole number from"),
        ("int(2.5)", "2.5 is not a whole number"),
        ("int(nan)", "nan is not a whole number"),
        ("randint(5, 1, 2)", "no whole number from 5 up to"),
        ("randint(0, 10)", "limits and a shape"),
        ("9**9**9", "too large for a float"),
        ("1/0", "division by zero"),
        ("(-8)**0.5", "is not real"),
        ("[1]*3", "only numbers can be calculated with"),
        ("randn(0)", "Each size is 1 or more"),
        ("eye(9999)", "up to 1000000 numbers"),
        ("[[1, 2], [3]]", "rows are of different lengths"),
        ("((1, 2), 3)", "rows are of different lengths"),
        ("fixed(True)", "fixed.. takes numbers"),
        ("10**400", "too large"),
    ],
)
def test_wrong_text_has_a_message(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        parse(text)


MODULE = """
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self, width, act="tanh"):
        super().__init__()
        self.fc, self.act = nn.Linear(3, width), act

    def loss(self, x):
        return getattr(torch, self.act)(self.fc(x)).sum()

def pair(p, squared, n=2):
    return (p["a"] * p["b"])**2 if squared else p["a"] * p["b"]

def greek(θ, α):
    return θ**2 * α
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "mine.py"
    path.write_text(MODULE, encoding="utf-8")
    return path


def test_a_dictionary_and_a_switch_are_inputs(file: Path) -> None:
    tape = load_program(f"{file}:pair", split_inputs('p={"a": 2, "b": 1/2}, squared=True')).record()
    assert [tape.grad(f"p['{key}']") for key in "ab"] == [1.0, 4.0]  # d(ab)²/da = 2ab·b


@pytest.mark.parametrize("program", ["θ**2*α", "{}:greek"])
def test_greek_letters_are_names(file: Path, program: str) -> None:
    tape = load_program(program.format(file), split_inputs("θ=3, α=1/3")).record()
    assert (tape.grad("θ"), tape.grad("α")) == (2.0, 9.0)


def test_a_module_class_gets_its_arguments(file: Path) -> None:
    loaded = load_program(f"{file}:Net", {"x": "randn(2, 3)"}, init={"width": "5", "act": "'relu'"})
    tape = loaded.record()
    assert tape["fc.weight"].shape == (5, 3) and tape["relu"].op == "ReluBackward0"
    for init, message in (
        ({}, "its __init__ needs width"),
        ({"wdth": "4"}, "Did you mean width"),
        ({"width": "a b"}, "width=a b is not"),
    ):
        with pytest.raises(UsageError, match=message):
            load_program(f"{file}:Net", {"x": "1"}, init=init)
    with pytest.raises(UsageError, match="is for a module class"):
        load_program(f"{file}:greek", {}, init={"width": "4"})


def test_a_module_without_inputs_gets_no_number_of_the_scene(file: Path) -> None:
    with pytest.raises(UsageError, match=r'the input x has no value.\n.*inputs="x=randn\(4, 3\)"'):
        load_program(f"{file}:Net", {}, init={"width": "4"}, defaults={"x": 2.0})


def test_a_formula_takes_numbers_only() -> None:
    for text in ("True", "'a'", "{}", "plain([])"):
        with pytest.raises(UsageError, match="a formula takes numbers"):
            load_program("x*2", {"x": text})


@pytest.mark.parametrize("name", ["x", "w"])
def test_a_tensor_as_a_parameter_is_pointed_to_inputs(name: str) -> None:
    with pytest.raises(UsageError, match=rf'-P inputs="{name}=randn\(2,3\)"'):
        ProgramParams.from_text({name: "randn(2,3)"})
