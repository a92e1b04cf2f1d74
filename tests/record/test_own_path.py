"""The recorder changes nothing of what torch does with a program, and names what is in it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch

from gradreel.record import record
from gradreel.record.program_file import load_from_file
from gradreel.record.program_loader import load_program
from gradreel.record.without_compiler import NOTE
from gradreel.tape import Tape
from tests.record.test_programs import HERE as PROGRAMS


def tape_of(name: str, **inputs: str) -> Tape:
    return load_program(f"{PROGRAMS}/own_path.py:{name}", inputs).record()


def nodes_of(result: torch.Tensor) -> list[str]:
    """The names of the nodes of a plain run, the leaves' apart, sorted."""
    names, stack, known = [], [result.grad_fn], set()
    while stack:
        node = stack.pop()
        if node is not None and id(node) not in known:
            known.add(id(node))
            names.append((node.name(), node))
            stack += [following for following, _ in node.next_functions]
    return sorted(name for name, _ in names if "AccumulateGrad" not in name)


@pytest.mark.parametrize(
    ("name", "x"),
    [
        ("reshaped", [[1.0, 2, 3], [4, 5, 6]]),
        ("ctc", [[1.0, 2, 3], [2, 1, 0], [0, 0, 1], [1, 1, 0]]),
    ],
)
def test_the_nodes_are_those_of_a_plain_run(name: str, x: list[list[float]]) -> None:
    program, _ = load_from_file(Path(PROGRAMS) / "own_path.py", name)
    plain = program(torch.tensor(x, dtype=torch.float64, requires_grad=True))
    tape = record(program, x=x)
    assert sorted(op.grad_fn for op in tape if op.grad_fn) == nodes_of(plain)
    several = {op.inputs[0] for op in tape if op.op == "output"}
    assert all(op.value is not None for op in tape if op.id not in several)


def test_values_inside_a_call_are_those_of_the_call() -> None:
    tape = record(torch.nn.functional.linear, input=[1.0, 2.0], weight=[[1.0, 2.0]], bias=[0.5])
    values = {op.id: op.value for op in tape}
    assert (values["t"], values["addmm"]) == (((1.0,), (2.0,)), ((5.5,),))


@pytest.mark.parametrize(("name", "x"), [("compiled", "0.5"), ("CompiledInside", "[[1, 2]]")])
def test_a_compiled_program_is_recorded_in_eager_mode(name: str, x: str) -> None:
    tape = tape_of(name, x=x)
    assert tape.notes == (NOTE,)
    assert "torch._dynamo" not in sys.modules or torch._dynamo is not None
    assert not any("Compiled" in (op.grad_fn or "") for op in tape)
    assert Tape.from_json(tape.to_json()) == tape


def test_operators_are_written_as_in_the_source() -> None:
    calls = {op.name: op.call for op in tape_of("operators", x="fixed([1, -2, 3])", w="2")}
    assert calls["half"] == "x // 2"
    assert calls["same"] == "x == 0"
    assert calls["rest"] == "x % 2"
    assert not any("__" in call for call in calls.values())


def test_a_variable_keeps_its_name_beside_a_function_of_that_name() -> None:
    tape = tape_of("shadowed_mean", x="[1, 2]")
    assert tape["mean"].name == "mean"
    assert tape["mean@2"].grad_fn == "MeanBackward0"


def test_a_loop_over_parameters_does_not_rename_them() -> None:
    tape = tape_of("Net", x="[[1, 2]]")
    assert {op.name for op in tape if op.is_leaf and op.requires_grad} == {"fc.weight", "fc.bias"}
    names = {op.name for op in tape_of("without_arguments") if op.is_leaf and op.requires_grad}
    assert names == {"model.fc.weight", "model.fc.bias"}


def test_a_parameter_that_is_used_while_its_module_is_built_has_its_name() -> None:
    tape = tape_of("normalized_inside", x="[[1, 2]]")
    assert tape["layer.weight_orig"].module == "layer"


def test_random_numbers_follow_the_seed() -> None:
    def film(seed: int) -> Tape:
        text = f"{PROGRAMS}/own_path.py:random_numbers"
        return load_program(text, {"x": "[1, 2, 3]"}, seed=seed).record()

    state = torch.get_rng_state()
    assert film(1) == film(1) != film(2)
    assert torch.equal(state, torch.get_rng_state())


@pytest.mark.parametrize("name", ["in_a_dict", "in_an_object", "in_a_tuple"])
def test_the_loss_is_found_in_what_a_program_returns(name: str) -> None:
    assert tape_of(name, x="3").grad("x") == 6.0
