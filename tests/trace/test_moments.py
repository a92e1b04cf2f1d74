"""Which statement ran when, in which call and round, and what was different after it."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from gradreel.errors import RecordingError, UsageError
from gradreel.trace.runner import trace
from gradreel.trace.script_trace import LoopIteration, ScriptTrace, number_of, variable_named


def run(folder: Path, source: str) -> ScriptTrace:
    path = folder / "script.py"
    path.write_text(textwrap.dedent(source).lstrip("\n"), encoding="utf-8")
    return trace(path)


def lines(recording: ScriptTrace) -> list[int]:
    return [moment.line for moment in recording.moments if moment.kind == "line"]


def test_every_statement_once_in_order_with_what_it_changed(tmp_path: Path) -> None:
    recording = run(
        tmp_path,
        """
        a = 1
        b = (
            a
            + 1
        )
        if b > 5:
            c = 0
        else:
            c = a
        del a
        print("c", c)
        """,
    )
    assert lines(recording) == [1, 2, 6, 9, 10, 11]
    changed = [tuple(v.name for v in moment.changed) for moment in recording.moments]
    assert changed == [("a",), ("b",), (), ("c",), (), ()]
    assert recording.moments[4].gone == ("a",)
    assert recording.moments[5].printed == "c 1\n"


def test_rounds_of_loops_are_counted_and_begin_anew_inside(tmp_path: Path) -> None:
    recording = run(
        tmp_path,
        """
        for i in range(2):
            for j in range(2):
                k = (i, j)
        """,
    )
    seen = {
        moment.changed[0].value: moment.turns for moment in recording.moments if moment.line == 3
    }
    assert seen == {
        (float(i), float(j)): (LoopIteration(1, i + 1), LoopIteration(2, j + 1))
        for i in range(2)
        for j in range(2)
    }
    ends = [moment.line for moment in recording.moments if moment.last]
    assert ends == [2, 2, 1]


def test_calls_open_and_close_and_have_their_own_variables(tmp_path: Path) -> None:
    recording = run(
        tmp_path,
        """
        def fall(n):
            if n == 0:
                return 100
            below = fall(n - 1)
            return below + n

        result = fall(2)
        """,
    )
    calls = [(call.function, call.caller, call.depth) for call in recording.calls]
    assert calls == [("<module>", None, 0), ("fall", 0, 1), ("fall", 1, 2), ("fall", 2, 3)]
    opened = [m.call for m in recording.moments if m.kind == "call"]
    closed = [(m.call, m.returned.value) for m in recording.moments if m.kind == "return"]
    assert opened == [1, 2, 3]
    assert closed == [(3, 100.0), (2, 101.0), (1, 103.0)]
    deepest = [state for state in recording.states() if len(state) == 4]
    assert [deepest[0][number]["n"].value for number in (1, 2, 3)] == [2.0, 1.0, 0.0]


def test_an_exception_is_told_where_it_was_raised_and_where_it_was_caught(tmp_path: Path) -> None:
    recording = run(
        tmp_path,
        """
        def fails():
            raise ValueError("too small")

        try:
            fails()
        except ValueError as error:
            words = str(error)
        fails()
        """,
    )
    raised = [(m.line, m.raised) for m in recording.moments if m.raised]
    assert raised == [(2, "ValueError: too small"), (5, "ValueError: too small")] + [
        (2, "ValueError: too small"),
        (8, "ValueError: too small"),
    ]
    assert recording.fault is not None
    # The innermost line of the script is where the fault lies.
    assert (recording.fault.line, recording.fault.kind) == (2, "ValueError")
    assert {v.name: v.text for v in recording.final}["words"] == "'too small'"


def test_tensors_are_copied_as_they_were_at_that_moment(tmp_path: Path) -> None:
    recording = run(
        tmp_path,
        """
        import torch
        x = torch.tensor([1.0, 2.0], requires_grad=True)
        y = (x * x).sum()
        y.backward()
        with torch.no_grad():
            x += 10
        x.grad.zero_()
        """,
    )
    # Python comes back to the head of the with block when it ends, so line 5 has two moments.
    assert lines(recording) == [1, 2, 3, 4, 5, 6, 5, 7]
    history = [recording.after(n)["x"] for n in range(2, 9)]
    assert [x.value for x in history] == [(1.0, 2.0)] * 4 + [(11.0, 12.0)] * 3
    assert [x.grad for x in history] == [None, None] + [(2.0, 4.0)] * 4 + [(0.0, 0.0)]


def test_the_graph_of_a_backward_pass(tmp_path: Path) -> None:
    """z = xy + x² at (2, 3): by hand, x receives y = 3 and 2x = 4, and y receives x = 2."""
    recording = run(
        tmp_path,
        """
        import torch
        x = torch.tensor(2.0, requires_grad=True)
        y = torch.tensor(3.0, requires_grad=True)
        a = x * y
        b = x**2
        z = a + b
        z.backward()
        """,
    )
    assert [moment.backward for moment in recording.moments] == [()] * 6 + [(1,)]
    tape = recording.passes[1]
    assert {(e.source, e.target): e.contribution for e in tape.edges} == {
        ("z", "a"): 1.0, ("z", "b"): 1.0, ("a", "x"): 3.0, ("a", "y"): 2.0, ("b", "x"): 4.0,
    }  # fmt: skip
    order = [step.op for step in tape.steps]
    assert order[0] == "z"
    assert sorted(order) == ["a", "b", "x", "y", "z"]
    assert order.index("x") > max(order.index("a"), order.index("b"))
    grads = {row.leaf: (row.before, row.after) for row in tape.grads}
    assert grads == {"x": (None, 7.0), "y": (None, 2.0)}


def test_numbers_know_where_they_were_read(tmp_path: Path) -> None:
    recording = run(
        tmp_path,
        """
        import torch
        w = torch.tensor([1.0, 2.0], requires_grad=True)
        for i in range(2):
            (w * w).sum().backward()
        """,
    )
    number = recording.moments_of(4)[1]
    moment = recording.moments[number - 1]
    w = variable_named(recording.after(number), "w", "here")
    second = number_of(w, moment, grad=True, index=(1,))
    assert float(second) == 8.0
    assert second.source == "w.grad[1] after line 4, iteration 2"
    with pytest.raises(RecordingError, match="not a single number"):
        number_of(w, moment)
    with pytest.raises(UsageError, match="Did you mean w"):
        variable_named(recording.after(number), "W", "here")


def test_notes_and_answers_are_no_code(tmp_path: Path) -> None:
    recording = run(
        tmp_path,
        """
        #: First this,
        #: then {b}.

        a = int(input("a? "))  #: answer: 20
        b = a + 1  # an ordinary comment stays
        text = "#: no note"
        #: At the end.
        """,
    )
    assert recording.lines == (
        'a = int(input("a? "))',
        "b = a + 1  # an ordinary comment stays",
        'text = "#: no note"',
    )
    assert [(n.line, n.text) for n in recording.notes] == [
        (1, "First this, then {b}."), (0, "At the end."),
    ]  # fmt: skip
    assert recording.printed == "a? 20\n"


def test_sleep_is_skipped_and_counted(tmp_path: Path) -> None:
    recording = run(tmp_path, "import time\nfrom time import sleep\ntime.sleep(40)\nsleep(2.5)\n")
    assert recording.skipped == 42.5


def test_a_recording_survives_json() -> None:
    programs = Path(__file__).parents[2] / "assets" / "programs"
    recording = trace(programs / "gradient_descent.py")
    assert ScriptTrace.from_json(recording.to_json()) == recording
