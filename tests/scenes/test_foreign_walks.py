"""Scripts that nobody wrote for a walk: each gives a film short and clear enough."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scenes.run_scene import duration, numbers, dry_run

SCRIPTS = Path(__file__).parents[1] / "trace" / "scripts"
QUICK = ["recursion", "chatty", "sleeps", "hooks"]
LONGER = [
    "training_loop", "thousand", "module_class", "kinds_a", "kinds_b", "weird", "del_and_global",
    "calls", "nested_loop", "threads", "aio",
]  # fmt: skip


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize(
    "script", [*QUICK, *(pytest.param(name, marks=pytest.mark.slow) for name in LONGER)]
)
def test_every_beat_can_be_read(script: str) -> None:
    scene = dry_run("CodeWalk", script=SCRIPTS / f"{script}.py")
    assert scene.faults == []
    assert duration(scene) < 120


def test_a_caught_and_an_uncaught_exception_are_both_told_and_nothing_runs_after() -> None:
    scene = dry_run("CodeWalk", script=SCRIPTS / "failing.py")
    told = [line for line, _ in scene.output.lines]
    fault = "RuntimeError: grad can be implicitly created only for scalar outputs"
    assert " ".join(told) == f"{fault} refused: RuntimeError before the fault {fault}"
    assert scene.faults == []


def test_a_pass_is_off_the_stage_when_the_next_begins() -> None:
    """In hooks.py three passes follow each other; x³ at 3 has slope 27 and curvature 18."""
    scene = dry_run("CodeWalk", script=SCRIPTS / "hooks.py")
    assert numbers(scene, "dx after")[-1] == 27.0
    assert numbers(scene, "ddx after")[-1] == 18.0
    assert scene.graph.backward == 3
    passes = {type(part).__name__ for part in scene.mobjects if part is not scene.graph}
    assert "PassGraph" not in passes
