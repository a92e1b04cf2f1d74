"""Programs that cannot be recorded raise errors; a recording restores the state of torch."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.overrides import _len_torch_function_stack
from torch.utils._python_dispatch import _len_torch_dispatch_stack

from gradreel.errors import GradreelError, RecordingError, UsageError
from gradreel.record import backward_recorder, record
from gradreel.record.input_parser import split_inputs
from gradreel.record.program_loader import load_program

ODD = Path(__file__).parent / "programs" / "odd.py"


REJECTED: dict[str, tuple[str, dict[str, str], type[GradreelError], str]] = {
    "no file": ("missing.py:f", {}, UsageError, "no file missing.py"),
    "no such function": ("{}:nothng", {"x": "1"}, UsageError, "Did you mean nothing"),
    "no name": ("{}", {"x": "1"}, UsageError, "which program"),
    "not a program": ("{}:COUNT", {"x": "1"}, UsageError, "no function or nn.Module"),
    "input missing": ("{}:vector", {}, UsageError, "the input x has no value"),
    "input unknown": ("{}:vector", {"x": "1", "y": "2"}, UsageError, "no input is called 'y'"),
    "input not a number": ("{}:vector", {"x": "abc"}, UsageError, "x=abc is not a number"),
    "input of code": ("x", {"x": "__import__('os')"}, UsageError, "__import__"),
    "ragged input": ("x", {"x": "[[1, 2], [3]]"}, UsageError, "not a vector or a matrix"),
    "input too large": ("x", {"x": "randn(99999, 99999)"}, UsageError, "not possible"),
    "variable number of inputs": ("{}:any_number", {}, UsageError, "any number of inputs"),
    "returns nothing": ("{}:nothing", {"x": "1"}, RecordingError, "returns nothing"),
    "returns a vector": ("{}:vector", {"x": "1"}, RecordingError, r"shape \(2,\)"),
    "no dependence": ("{}:unrelated", {"x": "1"}, RecordingError, "does not depend"),
    "raises": ("{}:fails", {"x": "1"}, RecordingError, r"doubled / undefined"),
    "wants arguments": ("{}:Net", {"x": "1"}, UsageError, "width"),
    "bad formula": ("x^2", {"x": "1"}, UsageError, r"\*\*"),
}


@pytest.mark.parametrize("case", REJECTED)
def test_the_error_names_the_problem(case: str) -> None:
    text, inputs, kind, words = REJECTED[case]
    with pytest.raises(kind, match=words):
        load_program(text.format(ODD), inputs).record()


def test_the_error_of_a_file_that_fails_has_its_line(tmp_path: Path) -> None:
    path = tmp_path / "broken.py"
    path.write_text("import math\nvalue = math.nothing\n")
    with pytest.raises(RecordingError, match=r"AttributeError.*line 2"):
        load_program(f"{path}:f", {})
    path.write_text("def f(x:\n    return x\n")
    with pytest.raises(RecordingError, match="SyntaxError"):
        load_program(f"{path}:f", {})


def test_five_thousand_ops_are_recorded() -> None:
    tape = load_program(f"{ODD}:long", {"x": "1"}).record()
    assert len(tape.backward()) == 5001
    assert tape.ops[-1].id == "x@2501"


def test_split_inputs() -> None:
    text = "x=2, w=[1, 2]; m=[[1, 2], [3, 4]], n=plain(3)"
    assert split_inputs(text) == {
        "x": "2", "w": "[1, 2]", "m": "[[1, 2], [3, 4]]", "n": "plain(3)",
    }  # fmt: skip
    for wrong in ("x", "2=x", "x=1, x=2"):
        with pytest.raises(UsageError):
            split_inputs(wrong)


def test_random_inputs_follow_the_seed() -> None:
    first, again, other = (
        load_program("x", {"x": "randn(2)"}, seed=seed).inputs["x"].tolist() for seed in (1, 1, 2)
    )
    assert first == again != other


# -- what autograd itself hides ----------------------------------------------------------


def batched(x: Any) -> Any:
    return torch.autograd.grad([x * 2], x, [torch.ones(3)], is_grads_batched=True)


def recursive(x: Any) -> Any:
    record(lambda y: y, y=1.0)
    return x


UNRECORDABLE: dict[str, tuple[Callable[..., Any], str]] = {
    "torch.func": (lambda x: torch.func.jacrev(torch.sin)(x) * x, "torch.func"),
    "batched passes": (batched, "is_grads_batched"),
    "a recording inside": (recursive, "of its own"),
}


@pytest.mark.parametrize("case", UNRECORDABLE)
def test_what_cannot_be_recorded_correctly_is_rejected(case: str) -> None:
    program, words = UNRECORDABLE[case]
    with pytest.raises(RecordingError, match=words):
        record(program, x=1.0)


# -- the recording checks its own numbers ----------------------------------------------------


def two_paths(x: Any, y: Any) -> Any:
    return x * y + x**2


def test_a_wrong_contribution_is_detected(monkeypatch: pytest.MonkeyPatch) -> None:
    contribution = backward_recorder.Contribution

    def off_by_one_bit(source: Any, edge: Any, gradient: Any) -> Any:
        return contribution(source, edge, gradient * (1 + 2**-52))

    monkeypatch.setattr(backward_recorder, "Contribution", off_by_one_bit)
    with pytest.raises(RecordingError, match="do not add up"):
        record(two_paths, x=2.0, y=3.0)


def test_a_missing_contribution_is_detected(monkeypatch: pytest.MonkeyPatch) -> None:
    contribution = backward_recorder.Contribution
    edges: list[Any] = []

    def third_is_zero(source: Any, edge: Any, gradient: Any) -> Any:
        edges.append(edge)
        return contribution(source, edge, gradient * (len(edges) != 3))

    monkeypatch.setattr(backward_recorder, "Contribution", third_is_zero)
    with pytest.raises(RecordingError, match="do not add up"):
        record(two_paths, x=2.0, y=3.0)


def test_a_wrong_change_of_grad_is_detected(monkeypatch: pytest.MonkeyPatch) -> None:
    def one_too_large(tensor: Any) -> Any:
        return None if tensor.grad is None else tensor.grad + 1

    monkeypatch.setattr(backward_recorder, "_read_grad", one_too_large)
    with pytest.raises(RecordingError, match=".grad did not change by"):
        record(two_paths, x=2.0, y=3.0)


# -- state of torch after a recording --------------------------------------------------------


def state_of_torch() -> tuple[Any, ...]:
    """Everything of the process that a recording changes while it runs."""
    from torch.nn.modules import module as module_hooks
    from torch.optim import optimizer

    return (
        sys.gettrace(),
        _len_torch_function_stack(),
        _len_torch_dispatch_stack(),
        torch.autograd.__dict__["_engine_run_backward"],
        torch.autograd.Function.__dict__["apply"],
        torch.nn.Module.__dict__["_apply"],
        dict(module_hooks._global_forward_hooks),
        dict(module_hooks._global_forward_pre_hooks),
        dict(optimizer._global_optimizer_pre_hooks),
        dict(optimizer._global_optimizer_post_hooks),
        torch.get_default_dtype(),
        torch.is_grad_enabled(),
    )


def changes_global_state(x: Any, y: Any) -> Any:
    torch.set_default_dtype(torch.float64)
    torch.set_grad_enabled(False)
    raise NameError("and then it fails")


@pytest.mark.parametrize(
    "program",
    [changes_global_state, two_paths, lambda x, y: x / undefined],  # type: ignore[name-defined]  # noqa: F821
)
def test_a_recording_restores_the_state_of_torch(program: Callable[..., Any]) -> None:
    before = state_of_torch()
    with torch.no_grad():
        try:
            record(program, x=2.0, y=3.0)
        except RecordingError as error:
            assert isinstance(error.__cause__, NameError)
    assert state_of_torch() == before


def test_a_module_that_fails_leaves_the_state_of_torch_as_it_was() -> None:
    class Broken(torch.nn.Module):
        def forward(self, x: Any) -> Any:
            raise ValueError("broken here")

    before = state_of_torch()
    with pytest.raises(RecordingError, match="broken here"):
        record(Broken(), x=1.0)
    assert state_of_torch() == before
