"""The plan of a walk: every moment has its place, loops are condensed, notes can be read."""

from __future__ import annotations

import textwrap
from itertools import pairwise
from pathlib import Path

import pytest

from gradreel.errors import UsageError
from gradreel.trace.runner import trace
from gradreel.trace.schedule import MOST_STEPS, schedule
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
def test_the_steps_cover_every_moment_once_within_the_limits(path: Path) -> None:
    recording = trace(path)
    plan = schedule(recording)
    closing = 1 if any(note.line == 0 for note in recording.notes) else 0
    shows = plan.shows[: len(plan.shows) - closing]
    assert shows[0].first == 0
    assert all(after.first == before.last + 1 for before, after in pairwise(shows))
    assert shows[-1].last == len(recording.moments) - 1
    assert len(shows) <= MOST_STEPS
    assert plan.seconds < 120
    assert all(show.seconds > 0 for show in shows)


@pytest.mark.parametrize("path", ALL[:9], ids=lambda path: path.stem)
def test_every_note_is_said_and_stays_as_long_as_it_takes_to_read(path: Path) -> None:
    recording = trace(path)
    plan = schedule(recording)
    said = {passage.note for passage in plan.segments}
    assert said >= {note.text for note in recording.notes}
    for passage in plan.segments:
        if passage.note:
            assert passage.seconds >= len(passage.note) / 15
    names = [passage.name for passage in plan.segments]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(("rounds", "condensed"), [(2, 0), (3, 0), (10, 8), (1000, 4)])
def test_loops_run_step_by_step_then_faster_then_as_a_counter(
    rounds: int, condensed: int, tmp_path: Path
) -> None:
    recording = run(tmp_path, f"for i in range({rounds}):\n    a = i\n    b = a\nlast = 1\n")
    plan = schedule(recording)
    told = [show for show in plan.shows if show.kind in ("fast", "counter")]
    assert len(told) == len(plan.condensed) == condensed
    if rounds == 1000:
        assert [show.kind for show in told] == ["fast"] * 3 + ["counter"]
        assert told[-1].label == "iterations 6 to 1000"
    stepwise = [s for s in plan.shows if s.kind == "line" and s.line in (2, 3)]
    assert len(stepwise) == 2 * min(rounds, 2 if condensed else 3)


def test_later_calls_of_a_function_go_faster(tmp_path: Path) -> None:
    source = """
        def double(n):
            m = 2 * n
            return m

        values = []
        values.append(double(1))
        values.append(double(2))
        values.append(double(3))
    """
    plan = schedule(run(tmp_path, source))
    assert [s.label for s in plan.shows if s.kind == "fast"] == ["double(), call 3"]


def test_lines_to_linger_on_are_held_longer_and_must_exist(tmp_path: Path) -> None:
    recording = run(tmp_path, "a = 1\nb = 2\nif a > b:\n    c = 3\n")
    usual, held = schedule(recording), schedule(recording, linger=[2])
    longer = [b.seconds - a.seconds for a, b in zip(usual.shows, held.shows, strict=True)]
    assert longer[1] == pytest.approx(2.0)
    assert longer[0] == longer[2] == 0.0
    with pytest.raises(UsageError, match="line 4 never runs"):
        schedule(recording, linger=[4])
