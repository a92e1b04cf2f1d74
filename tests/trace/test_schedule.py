"""Schedule of a trace: all events are covered, loops are condensed, notes can be read."""

from __future__ import annotations

import textwrap
from itertools import pairwise
from pathlib import Path

import pytest

from gradreel.errors import UsageError
from gradreel.trace.pace import CONCISE
from gradreel.trace.playback import Playback
from gradreel.trace.runner import trace
from gradreel.trace.schedule import MAX_STEPS, schedule
from gradreel.trace.script_trace import ScriptTrace

HERE = Path(__file__).parent
ALL = [
    *sorted((HERE.parents[1] / "assets" / "programs").glob("*.py")),
    *sorted((HERE / "scripts").glob("*.py")),
]


def run(folder: Path, source: str) -> ScriptTrace:
    path = folder / "script.py"
    path.write_text(textwrap.dedent(source).lstrip("\n"), encoding="utf-8")
    return trace(path)


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("path", ALL, ids=lambda path: path.stem)
def test_steps_cover_every_event_once_within_the_limits(path: Path) -> None:
    script_trace = trace(path)
    planned = schedule(script_trace)
    closing = 1 if any(note.line == 0 for note in script_trace.notes) else 0
    steps = planned.steps[: len(planned.steps) - closing]
    assert steps[0].first == 0
    assert all(after.first == before.last + 1 for before, after in pairwise(steps))
    assert steps[-1].last == len(script_trace.events) - 1
    assert len(steps) <= MAX_STEPS
    assert planned.seconds < 120
    assert all(step.seconds > 0 for step in steps)


@pytest.mark.parametrize("path", ALL[:9], ids=lambda path: path.stem)
def test_every_note_is_a_caption_for_as_long_as_it_takes_to_read(path: Path) -> None:
    script_trace = trace(path)
    planned = schedule(script_trace)
    captions = {segment.note for segment in planned.segments}
    assert captions >= {note.text for note in script_trace.notes}
    for segment in planned.segments:
        if segment.note:
            assert segment.seconds >= len(segment.note) / 15
    names = [segment.name for segment in planned.segments]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(("iterations", "condensed"), [(2, 0), (3, 0), (10, 8), (1000, 4)])
def test_loops_are_shown_step_by_step_then_fast_then_as_a_counter(
    iterations: int, condensed: int, tmp_path: Path
) -> None:
    script_trace = run(tmp_path, f"for i in range({iterations}):\n    a = i\n    b = a\nlast = 1\n")
    planned = schedule(script_trace)
    condensed_steps = [step for step in planned.steps if step.kind in ("fast", "counter")]
    assert len(condensed_steps) == len(planned.condensed) == condensed
    if iterations == 1000:
        assert [step.kind for step in condensed_steps] == ["fast"] * 3 + ["counter"]
        assert condensed_steps[-1].label == "iterations 6 to 1000"
    stepwise = [s for s in planned.steps if s.kind == "line" and s.line in (2, 3)]
    assert len(stepwise) == 2 * min(iterations, 2 if condensed else 3)


def test_later_calls_of_a_function_are_condensed(tmp_path: Path) -> None:
    source = """
        def double(n):
            m = 2 * n
            return m

        values = []
        values.append(double(1))
        values.append(double(2))
        values.append(double(3))
    """
    planned = schedule(run(tmp_path, source))
    assert [s.label for s in planned.steps if s.kind == "fast"] == ["double(), call 3"]


def test_linger_lengthens_the_steps_of_a_line_that_runs(tmp_path: Path) -> None:
    script_trace = run(tmp_path, "a = 1\nb = 2\nif a > b:\n    c = 3\n")
    default, lingering = schedule(script_trace), schedule(script_trace, linger=[2])
    longer = [b.seconds - a.seconds for a, b in zip(default.steps, lingering.steps, strict=True)]
    assert longer[1] == pytest.approx(2.0)
    assert longer[0] == longer[2] == 0.0
    with pytest.raises(UsageError, match="line 4 never runs"):
        schedule(script_trace, linger=[4])


def test_imports_and_definitions_run_with_the_statement_after_them(tmp_path: Path) -> None:
    source = """
        import math
        def half(n):
            return n / 2

        a = half(3.0)
    """
    script_trace = run(tmp_path, source)
    assert [step.line for step in schedule(script_trace).steps][0] == 2  # the first call of half
    (only,) = schedule(script_trace, pace=CONCISE).steps
    assert (only.first, only.line) == (0, 5)
    noted = run(tmp_path, "#: We need this.\nimport math\na = math.pi\n")
    assert [step.line for step in schedule(noted).steps] == [1, 2]


def test_a_concise_walk_shows_one_iteration_line_by_line(tmp_path: Path) -> None:
    script_trace = run(tmp_path, "for i in range(6):\n    a = i\nlast = 1\n")
    planned = schedule(script_trace, pace=CONCISE)
    assert [step.kind for step in planned.steps] == ["line", "line", *["fast"] * 5, "line"]
    assert [segment.steps[0].label for segment in planned.segments][1] == "iteration 2 of 6"


def test_a_sentence_with_a_value_waits_for_the_step_that_gives_it(tmp_path: Path) -> None:
    source = """
        import torch
        #: We begin. Then b is {b}.
        x = torch.tensor(3.0, requires_grad=True)
        b = x * x
        b.backward()
        c = 1
    """
    script_trace = run(tmp_path, source)
    playback = Playback(script_trace)
    (segment,) = schedule(script_trace, pace=CONCISE).segments
    assert playback.arrivals(segment)["v0"] == 1
