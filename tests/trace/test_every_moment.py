"""The state in the middle of a run: what plain Python leaves when the script is cut off there."""

from __future__ import annotations

import ast
import contextlib
import io
import runpy
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from gradreel.trace.runner import trace
from gradreel.trace.script_trace import ScriptTrace, Statement

HERE = Path(__file__).parent
PROGRAMS = sorted((HERE.parents[1] / "assets" / "programs").glob("*.py"))
FOREIGN = [HERE / "scripts" / f"{name}.py" for name in ("training_loop", "recursion", "hooks")]
PLAIN = runpy.run_path(str(HERE / "plain.py"))


def outermost(recording: ScriptTrace) -> Iterator[Statement]:
    """The statements of the script itself, each with all that it contains."""
    end = 0
    for statement in recording.statements:
        if statement.line > end:
            end = statement.body
            yield statement


def cut_off(source: str, count: int) -> tuple[dict[str, object], str]:
    """The variables and the output of the first `count` statements, under plain Python."""
    tree = ast.parse(source)
    tree.body = tree.body[:count]
    torch.manual_seed(0)
    names: dict[str, object] = {"__name__": "__main__"}
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(tree, "cut", "exec"), names)
    return names, printed.getvalue()


def same(one: object, other: object) -> bool:
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(map(same, one, other))
    return one == other


@pytest.mark.parametrize("path", [*PROGRAMS, *FOREIGN], ids=lambda path: path.stem)
def test_after_every_statement_the_state_is_that_of_the_script_cut_off_there(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    recording = trace(path)
    states = list(recording.states())
    blocks = list(outermost(recording))
    assert len(blocks) == len(ast.parse(source).body)
    for count, block in enumerate(blocks, start=1):
        own = [
            index
            for index, moment in enumerate(recording.moments)
            if moment.call == 0 and block.line <= moment.line <= block.body
        ]
        names, printed = cut_off(source, count)
        state = states[own[-1]][0]
        assert "".join(m.printed for m in recording.moments[: own[-1] + 1]) == printed
        expected = {n: v for n, v in names.items() if PLAIN["is_variable"](n, v)}
        assert {name for name in state if "." not in name} == set(expected)
        for name, value in expected.items():
            facts, variable = PLAIN["facts"](value), state[name]
            if facts["kind"] == "tensor":
                assert same(variable.value, facts["numbers"]), name
                assert same(variable.grad, facts["grad"]), name
                assert variable.requires_grad == facts["requires_grad"]
                assert variable.is_leaf == facts["is_leaf"]
                assert variable.grad_fn == facts["grad_fn"]
            elif isinstance(value, (int, float)) and not isinstance(value, bool):
                assert variable.value == value
