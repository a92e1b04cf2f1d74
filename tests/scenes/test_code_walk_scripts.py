"""CodeWalk on scripts that were not written for it: readable and not too long."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scenes.run_scene import dry_run, duration, numbers

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


def test_caught_and_uncaught_exceptions_are_shown_and_the_walk_ends() -> None:
    scene = dry_run("CodeWalk", script=SCRIPTS / "failing.py")
    printed = [line for line, _ in scene.output.lines]
    fault = "RuntimeError: grad can be implicitly created only for scalar outputs"
    assert " ".join(printed) == f"{fault} refused: RuntimeError before the fault {fault}"
    assert scene.faults == []


def test_the_graph_of_a_pass_is_removed_before_the_next() -> None:
    """In hooks.py three passes follow each other; x³ at 3 has slope 27 and curvature 18."""
    scene = dry_run("CodeWalk", script=SCRIPTS / "hooks.py")
    assert numbers(scene, "dx after")[-1] == 27.0
    assert numbers(scene, "ddx after")[-1] == 18.0
    assert scene.graph.backward == 3
    passes = {type(part).__name__ for part in scene.mobjects if part is not scene.graph}
    assert "PassGraph" not in passes
