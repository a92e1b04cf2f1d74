"""CodeWalk on scripts that were not written for it: readable and not too long."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gradreel.draw.walkthrough.output_pane import OutputPane
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


def test_a_caught_exception_is_shown_while_it_passes_and_an_uncaught_one_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    passing = []
    shows = OutputPane.shows

    def spy(pane: OutputPane, error: str = "", **kwargs: Any) -> Any:
        passing.append(error)
        return shows(pane, error, **kwargs)

    monkeypatch.setattr(OutputPane, "shows", spy)
    scene = dry_run("CodeWalk", script=SCRIPTS / "failing.py")
    printed = [line for line, _ in scene.output.lines]
    fault = "RuntimeError: grad can be implicitly created only for scalar outputs"
    # What catches an exception prints what it likes; the exception itself prints nothing.
    assert " ".join(printed) == f"refused: RuntimeError before the fault {fault}"
    assert passing[-1] == ""
    assert fault in passing
    assert scene.faults == []


def test_the_graph_of_a_pass_is_removed_before_the_next() -> None:
    """In hooks.py three passes follow each other; x³ at 3 has slope 27 and curvature 18."""
    passes = []

    def observe(scene: Any, _: Any) -> None:
        graphs = [part for part in scene.mobjects if type(part).__name__ == "PassGraph"]
        assert all(graph is scene.graph for graph in graphs)
        if scene.graph is not None:
            passes.append(scene.graph.backward)

    scene = dry_run("CodeWalk", observe, script=SCRIPTS / "hooks.py")
    assert numbers(scene, "dx after")[-1] == 27.0
    assert numbers(scene, "ddx after")[-1] == 18.0
    assert passes == sorted(passes)
    assert passes[-1] == 3
