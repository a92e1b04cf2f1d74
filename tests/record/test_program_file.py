"""Programs of a file other than functions and module classes, and losses added to their results."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch.nn import functional as F

from gradreel.errors import GradreelError, RecordingError, UsageError
from gradreel.record.input_parser import split_inputs
from gradreel.record.program_loader import load_program
from gradreel.tape import Tape

SOURCE = """
import sys
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self, width=2):
        super().__init__()
        self.fc = nn.Linear(3, width)

    def forward(self, x):
        return self.fc(x)

    def energy(self, x):
        return (self.fc(x) ** 2).sum()

    @staticmethod
    def square(x):
        return x ** 2

class Lazy(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.LazyLinear(2), nn.LazyBatchNorm1d())

    def forward(self, x):
        return (self.net(x) ** 3).sum()

class Spring:
    def __init__(self, stiffness):
        self.stiffness = stiffness

    def energy(self, x):
        return self.stiffness * x ** 2

torch.manual_seed(3)
net = Net()

def make_net(width=2):
    return Net(width)

def logits(x):
    return {"logits": x * 2, "hidden": x}

def leaves(x):
    sys.exit(3)

def unasked(x):
    y = x * 2
    y.backward()
"""


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("programs") / "mine.py"
    path.write_text(SOURCE)
    return path


def tape_of(file: Path, name: str, inputs: str, init: str = "", loss: str = "") -> Tape:
    settings = split_inputs(init)
    return load_program(f"{file}:{name}", split_inputs(inputs), init=settings, loss=loss).record()


def test_a_module_that_the_file_built_keeps_its_weights(file: Path) -> None:
    torch.manual_seed(3)
    weight = torch.nn.Linear(3, 2).weight.double()
    tape = tape_of(file, "net", "x=[[1, 2, 3]]", loss="sum")
    assert tape["fc.weight"].value == tuple(map(tuple, weight.tolist()))
    assert tape["fc.weight"].op == "leaf"


def test_a_function_that_builds_a_module(file: Path) -> None:
    assert tape_of(file, "make_net", "x=[[1, 2, 3]]", "width=4", "sum")["fc.bias"].shape == (4,)


def test_methods(file: Path) -> None:
    assert tape_of(file, "Net.square", "x=3").grad("x") == 6
    assert tape_of(file, "Spring.energy", "x=3", "stiffness=plain(5)").grad("x") == 30
    assert tape_of(file, "Net.energy", "x=[[1, 2, 3]]")["fc.weight"].shape == (2, 3)
    with pytest.raises(UsageError, match="Valid: .*energy"):
        tape_of(file, "Net.enrgy", "x=[[1, 2, 3]]")


def test_lazy_modules_get_their_shapes_from_the_inputs(file: Path) -> None:
    tape = tape_of(file, "Lazy", "x=[[1, 2, 3], [4, 5, 7]]")
    assert tape["net.0.weight"].shape == (2, 3)
    assert tape["net.0.weight"].dtype == "float64"
    assert len(tape.backwards) == 1


def test_a_loss_of_logits(file: Path) -> None:
    logits = torch.tensor([[1.0, 2.0, 3.0], [0.0, 1.0, 0.0]], dtype=torch.float64)
    logits.requires_grad_()
    F.cross_entropy(2 * logits, torch.tensor([2, 0])).backward()
    tape = tape_of(file, "logits", "x=[[1, 2, 3], [0, 1, 0]]", loss="cross_entropy([2, 0])")
    (row,) = [row for row in tape.grads if row.leaf == "x"]
    torch.testing.assert_close(torch.tensor(row.after, dtype=torch.float64), logits.grad)
    assert not any(op.op == "long" for op in tape)


@pytest.mark.parametrize(
    ("loss", "words"),
    [
        ("cros_entropy([0])", "Did you mean cross_entropy"),
        ("mse_loss", "needs its target"),
        ("sum([1])", "has no target"),
        ("sum(", "cannot be read"),
        ("mse_loss(true)", "Write"),
    ],
)
def test_a_loss_that_does_not_fit_raises_an_error(file: Path, loss: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        tape_of(file, "logits", "x=[1, 2]", loss=loss)


@pytest.mark.parametrize(
    ("name", "inputs", "words"),
    [
        ("leaves", "x=1", r"SystemExit: 3\n    sys.exit\(3\)"),
        ("unasked", "x=[1, 2]", r"y.backward\(v\)"),
        ("net", "x=[[1, 2, 3]]", "loss=cross_entropy"),
    ],
)
def test_what_a_program_does_wrong_raises_an_error(
    file: Path, name: str, inputs: str, words: str
) -> None:
    with pytest.raises(RecordingError, match=words):
        tape_of(file, name, inputs)


def test_arguments_for_what_is_already_built_are_refused(file: Path) -> None:
    for name in ("net", "logits"):
        with pytest.raises(GradreelError, match="is for a module class"):
            tape_of(file, name, "x=[[1, 2, 3]]", "width=3")
