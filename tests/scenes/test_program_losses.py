"""Scenes of a program that returns logits, with the loss that a parameter adds to it."""

import math
from pathlib import Path

import pytest

from tests.scenes.run_scene import dry_run

LOGITS = "def logits(x):\n    return 2 * x\n"
FIRST = 1 / (1 + math.exp(2.0))  # softmax of (2, 4), the first of the two


def test_cross_entropy_is_added_to_logits(tmp_path: Path) -> None:
    """Its gradient is softmax minus the true class, here times 2."""
    path = tmp_path / "mine.py"
    path.write_text(LOGITS)
    given = {"program": f"{path}:logits", "inputs": "x=[[1, 2]]", "loss": "cross_entropy([0])"}
    scenes = (
        dry_run("BackwardFlow", **given),
        dry_run("TensorGraph", **given),
        dry_run("GraphRecords", **given),
    )
    for scene in scenes:
        gradients = [float(scene.tape.grad("x", index=(0, column))) for column in (0, 1)]
        assert gradients == pytest.approx([2 * (FIRST - 1), 2 * (1 - FIRST)])
        assert scene.faults == []
