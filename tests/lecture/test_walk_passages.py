"""When the sentences of a walkthrough's notes begin."""

from __future__ import annotations

import textwrap
from pathlib import Path

from gradreel.lecture.walk_passages import passages_of
from gradreel.trace.pace import CONCISE
from gradreel.trace.playback import Playback
from gradreel.trace.runner import trace
from gradreel.trace.schedule import schedule


def passages(folder: Path, source: str) -> list[tuple[str, list[int]]]:
    path = folder / "script.py"
    path.write_text(textwrap.dedent(source).lstrip("\n"))
    script_trace = trace(path)
    (segment,) = schedule(script_trace, pace=CONCISE).segments
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
    segment = schedule(script_trace, pace=CONCISE).segments[-1]
    found = passages_of(Playback(script_trace), segment)
    assert [passage.text for passage in found] == ["Backward.", "It leaves {v0}."]
    assert [step.line for step in found[1].steps] == [4]
