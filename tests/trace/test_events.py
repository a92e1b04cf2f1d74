"""Events of a trace: the order of statements, calls and iterations, and what each changed."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import pytest

from gradreel.errors import RecordingError, UsageError
from gradreel.record import record
from gradreel.trace.runner import trace
from gradreel.trace.script_trace import LoopIteration, ScriptTrace, find_variable, quantity_of


def run(folder: Path, source: str) -> ScriptTrace:
    path = folder / "script.py"
    path.write_text(textwrap.dedent(source).lstrip("\n"), encoding="utf-8")
    return trace(path)


def lines(script_trace: ScriptTrace) -> list[int]:
    return [event.line for event in script_trace.events if event.kind == "line"]


def test_each_statement_has_one_event_with_what_it_changed(tmp_path: Path) -> None:
    script_trace = run(
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
    assert lines(script_trace) == [1, 2, 6, 9, 10, 11]
    changed = [tuple(v.name for v in event.changed) for event in script_trace.events]
    assert changed == [("a",), ("b",), (), ("c",), (), ()]
    assert script_trace.events[4].deleted == ("a",)
    assert script_trace.events[5].printed == "c 1\n"


def test_iterations_are_counted_and_inner_loops_start_again(tmp_path: Path) -> None:
    script_trace = run(
        tmp_path,
        """
        for i in range(2):
            for j in range(2):
                k = (i, j)
        """,
    )
    iterations = {
        event.changed[0].value: event.iterations for event in script_trace.events if event.line == 3
    }
    assert iterations == {
        (float(i), float(j)): (LoopIteration(1, i + 1), LoopIteration(2, j + 1))
        for i in range(2)
        for j in range(2)
    }
    loop_ends = [event.line for event in script_trace.events if event.loop_ended]
    assert loop_ends == [2, 2, 1]


def test_calls_have_events_at_start_and_end_and_their_own_variables(tmp_path: Path) -> None:
    script_trace = run(
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
    calls = [(call.function, call.caller, call.depth) for call in script_trace.calls]
    assert calls == [("<module>", None, 0), ("fall", 0, 1), ("fall", 1, 2), ("fall", 2, 3)]
    started = [event.call for event in script_trace.events if event.kind == "call"]
    ended = [
        (event.call, event.returned.value)
        for event in script_trace.events
        if event.kind == "return"
    ]
    assert started == [1, 2, 3]
    assert ended == [(3, 100.0), (2, 101.0), (1, 103.0)]
    deepest = [state for state in script_trace.states() if len(state) == 4]
    assert [deepest[0][number]["n"].value for number in (1, 2, 3)] == [2.0, 1.0, 0.0]


def test_an_exception_is_in_the_events_of_all_statements_that_it_passes(tmp_path: Path) -> None:
    script_trace = run(
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
    raised = [(event.line, event.raised) for event in script_trace.events if event.raised]
    assert raised == [(2, "ValueError: too small"), (5, "ValueError: too small")] + [
        (2, "ValueError: too small"),
        (8, "ValueError: too small"),
    ]
    assert script_trace.error is not None
    # The error is reported at the innermost line of the script.
    assert (script_trace.error.line, script_trace.error.kind) == (2, "ValueError")
    assert {v.name: v.text for v in script_trace.final}["words"] == "'too small'"


def test_tensors_are_copied_at_each_event(tmp_path: Path) -> None:
    script_trace = run(
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
    # Python comes back to the head of the with block when it ends, so line 5 has two events.
    assert lines(script_trace) == [1, 2, 3, 4, 5, 6, 5, 7]
    history = [script_trace.variables_after(n)["x"] for n in range(2, 9)]
    assert [x.value for x in history] == [(1.0, 2.0)] * 4 + [(11.0, 12.0)] * 3
    assert [x.grad for x in history] == [None, None] + [(2.0, 4.0)] * 4 + [(0.0, 0.0)]


def test_the_tape_of_a_backward_pass(tmp_path: Path) -> None:
    """z = xy + x² at (2, 3): by hand, x receives y = 3 and 2x = 4, and y receives x = 2."""
    script_trace = run(
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
    assert [event.backward for event in script_trace.events] == [()] * 6 + [(1,)]
    tape = script_trace.passes[1]
    assert {(e.source, e.target): e.contribution for e in tape.edges} == {
        ("z", "a"): 1.0, ("z", "b"): 1.0, ("a", "x"): 3.0, ("a", "y"): 2.0, ("b", "x"): 4.0,
    }  # fmt: skip
    order = [step.op for step in tape.steps]
    assert order[0] == "z"
    assert sorted(order) == ["a", "b", "x", "y", "z"]
    assert order.index("x") > max(order.index("a"), order.index("b"))
    grads = {row.leaf: (row.before, row.after) for row in tape.grads}
    assert grads == {"x": (None, 7.0), "y": (None, 2.0)}


def test_steps_of_a_pass_are_numbered_and_named_as_by_the_recorder(tmp_path: Path) -> None:
    def program(x: Any) -> Any:
        a = x * 3
        return a**2

    source = """
        import torch
        x = torch.tensor(2.0, requires_grad=True)
        a = x * 3
        z = a**2
        z.backward()
        """
    traced = run(tmp_path, source).passes[1]
    recorded = record(program, x=2.0)
    steps = [(step.order, step.node) for step in recorded.steps]
    assert steps[0][0] == 1 and steps[-1][1] == "AccumulateGrad"
    assert [(step.order, step.node) for step in traced.steps] == steps


def test_a_pass_over_a_large_graph_gets_no_tape(tmp_path: Path) -> None:
    source = """
        import torch
        x = torch.tensor(2.0, requires_grad=True)
        y = x
        for i in range({length}):
            y = y * 1.0
        y.backward()
        """
    for length in (100, 6000):
        script_trace = run(tmp_path, source.format(length=length))
        assert script_trace.events[-1].backward == (1,)
        assert script_trace.passes == {}


def test_a_quantity_names_the_line_and_iteration_of_its_event(tmp_path: Path) -> None:
    script_trace = run(
        tmp_path,
        """
        import torch
        w = torch.tensor([1.0, 2.0], requires_grad=True)
        for i in range(2):
            (w * w).sum().backward()
        """,
    )
    number = script_trace.event_numbers(4)[1]
    event = script_trace.events[number - 1]
    w = find_variable(script_trace.variables_after(number), "w", "here")
    second = quantity_of(w, event, grad=True, index=(1,))
    assert float(second) == 8.0
    assert second.source == "w.grad[1] after line 4, iteration 2"
    with pytest.raises(RecordingError, match="not a single number"):
        quantity_of(w, event)
    with pytest.raises(UsageError, match="Did you mean w"):
        find_variable(script_trace.variables_after(number), "W", "here")


def test_notes_and_answers_are_not_shown_as_code(tmp_path: Path) -> None:
    script_trace = run(
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
    assert script_trace.lines == (
        'a = int(input("a? "))',
        "b = a + 1  # an ordinary comment stays",
        'text = "#: no note"',
    )
    assert [(n.line, n.text) for n in script_trace.notes] == [
        (1, "First this, then {b}."), (0, "At the end."),
    ]  # fmt: skip
    assert script_trace.printed == "a? 20\n"


def test_sleep_is_skipped_and_counted(tmp_path: Path) -> None:
    script_trace = run(
        tmp_path, "import time\nfrom time import sleep\ntime.sleep(40)\nsleep(2.5)\n"
    )
    assert script_trace.skipped_seconds == 42.5


def test_json_round_trip() -> None:
    programs = Path(__file__).parents[2] / "assets" / "programs"
    script_trace = trace(programs / "gradient_descent.py")
    assert ScriptTrace.from_json(script_trace.to_json()) == script_trace
