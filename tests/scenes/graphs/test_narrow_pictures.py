"""Films of programs in 4:3: the picture is higher and has less space across."""

from __future__ import annotations

from pathlib import Path

import pytest

from gradreel.scenes.graphs.backward_flow import BackwardFlow
from gradreel.scenes.whole_machine.tensor_graph import TensorGraph
from tests.scenes.run_scene import NARROW, play

PROGRAMS = Path(__file__).parents[2] / "record" / "programs"
FILMS = {
    "table.py:clamping_hooks": (BackwardFlow, "x=2, y=3"),
    "real.py:GAN": (BackwardFlow, "z=randn(4, 2), real=randn(4, 3)"),
    "table.py:physics_loss": (TensorGraph, "a=0.9"),
}


@pytest.mark.parametrize("program", FILMS)
def test_narrow_pictures_can_be_read(program: str) -> None:
    kind, inputs = FILMS[program]
    film = play(
        kind.with_params({"program": f"{PROGRAMS / program}", "inputs": inputs}), settings=NARROW
    )
    assert film.camera.frame_height > 10
    assert film.faults == []
