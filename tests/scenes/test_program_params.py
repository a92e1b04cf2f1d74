"""Scenes of a program give a module class its arguments, seed its run, and choose a pass."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scenes.run_scene import dry_run

SOURCE = """
import torch

class Net(torch.nn.Module):
    def __init__(self, width):
        super().__init__()
        self.fc = torch.nn.Linear(2, width)

    def forward(self, x):
        return torch.tanh(self.fc(x)).sum()

class Scaled(torch.nn.Module):
    def __init__(self, factor):
        super().__init__()
        self.w = torch.nn.Parameter(torch.tensor(float(factor)))

    def forward(self, x):
        y = self.w * x
        return y

def noisy(x):
    r = torch.rand(()).double()
    y = x * r
    return y

def unnamed(x):
    return x ** 2

def twice(w):
    (w ** 2).sum().backward()
    (3 * w).sum().backward()
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "mine.py"
    path.write_text(SOURCE)
    return path


def test_backward_flow_gives_a_class_its_arguments(file: Path) -> None:
    scene = dry_run("BackwardFlow", program=f"{file}:Net", inputs="x=randn(2)", init="width=3")
    assert scene.tape["fc.weight"].shape == (3, 2)


def test_tensor_graph_gives_a_class_its_arguments(file: Path) -> None:
    scene = dry_run("TensorGraph", program=f"{file}:Net", inputs="x=randn(2)", init="width=4")
    assert scene.tape["fc.weight"].shape == (4, 2)


def test_graph_records_gives_a_class_its_arguments(file: Path) -> None:
    scene = dry_run("GraphRecords", program=f"{file}:Scaled", inputs="x=2", init="factor=3")
    assert scene.tape.value("y") == 6


def test_backward_flow_seeds_the_run(file: Path) -> None:
    def slope(scene: object) -> float:
        return scene.tape.grad("x")  # type: ignore[attr-defined]

    one = slope(dry_run("BackwardFlow", program=f"{file}:noisy", inputs="x=2", seed=7))
    again = slope(dry_run("BackwardFlow", program=f"{file}:noisy", inputs="x=2", seed=7))
    other = slope(dry_run("BackwardFlow", program=f"{file}:noisy", inputs="x=2", seed=8))
    assert one == again != other


def test_graph_records_seeds_the_run(file: Path) -> None:
    scenes = [
        dry_run("GraphRecords", program=f"{file}:noisy", inputs="x=2", seed=seed) for seed in (7, 8)
    ]
    assert scenes[0].tape.grad("x") != scenes[1].tape.grad("x")


def test_tensor_graph_shows_the_chosen_pass(file: Path) -> None:
    for number in (1, 2):
        scene = dry_run(
            "TensorGraph", program=f"{file}:twice", inputs="w=[1.0, 2.0]", backward=number
        )
        captions = " ".join(beat.caption for beat in scene.beats).lower()
        assert f"pass {number} of 2" in captions, captions


def test_graph_records_shows_a_result_without_a_name(file: Path) -> None:
    scene = dry_run("GraphRecords", program=f"{file}:unnamed", inputs="x=3")
    assert scene.tape.grad("x") == 6
    assert [beat.name for beat in scene.beats][-1] == "leaves are filled"
