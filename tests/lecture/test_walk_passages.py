"""When the sentences of a walkthrough's notes begin."""

from __future__ import annotations

import textwrap
from pathlib import Path

from gradreel.lecture.walk_passages import passages_beside_picture, passages_of
from gradreel.trace.pace import CONCISE
from gradreel.trace.playback import Playback
from gradreel.trace.runner import trace
from gradreel.trace.schedule import ScheduledStep, schedule


def passages(folder: Path, source: str) -> list[tuple[str, list[int]]]:
    path = folder / "script.py"
    path.write_text(textwrap.dedent(source).lstrip("\n"))
    script_trace = trace(path)
    (segment,) = schedule(script_trace).segments
    found = passages_of(Playback(script_trace), segment)
    return [(passage.text, [step.line for step in passage.steps]) for passage in found]


def test_a_value_is_said_with_the_statement_that_gives_it(tmp_path: Path) -> None:
    source = """
        #: We begin. Twice that is {b}. Nothing new. And c is {c}.
        a = 1.5
        b = 2 * a
        d = 0
        c = b + 1
    """
    assert passages(tmp_path, source) == [
        ("We begin.", [1]),
        ("Twice that is {v0}. Nothing new.", [2, 3]),
        ("And c is {v1}.", [4]),
    ]


def test_a_gradient_is_said_after_the_pass_that_leaves_it(tmp_path: Path) -> None:
    source = """
        import torch
        x = torch.tensor(3.0, requires_grad=True)
        #: Backward. It leaves {x.grad}.
        (x * x).backward()
        print("done")
    """
    path = tmp_path / "script.py"
    path.write_text(textwrap.dedent(source).lstrip("\n"))
    script_trace = trace(path)
    segment = schedule(script_trace).segments[-1]
    found = passages_of(Playback(script_trace), segment)
    assert [passage.text for passage in found] == ["Backward.", "It leaves {v0}."]
    assert [step.line for step in found[1].steps] == [4]


def lit(playback: Playback, step: ScheduledStep) -> list[tuple[int, int]]:
    return [playback.highlighted_lines(part) for part in step.parts or (step,)]


def beside_picture(
    folder: Path, source: str
) -> list[list[tuple[str, list[list[tuple[int, int]]]]]]:
    path = folder / "script.py"
    path.write_text(textwrap.dedent(source).lstrip("\n"))
    script_trace = trace(path)
    playback = Playback(script_trace)
    found = []
    for segment in schedule(script_trace, pace=CONCISE).segments:
        passages = passages_beside_picture(playback, segment)
        found.append([(p.text, [lit(playback, step) for step in p.steps]) for p in passages])
    return found


def test_beside_a_picture_a_claim_follows_the_lines_that_it_is_about(tmp_path: Path) -> None:
    source = """
        #: Two numbers. Their sum is {c}.
        a = 1.5
        b = 2.5
        c = a + b
        #: Twice that is {d}.
        d = 2 * c
        #: And that is all.
    """
    assert beside_picture(tmp_path, source) == [
        [("Two numbers.", [[(1, 1), (2, 2), (3, 3)]]), ("Their sum is {v0}.", [])],
        [("", [[(4, 4)]]), ("Twice that is {v0}.", [])],
        [("And that is all.", [])],
    ]
