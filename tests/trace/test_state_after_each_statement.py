"""The state after each statement equals that of plain Python on a script that ends there."""

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
OTHER_SCRIPTS = [
    HERE / "scripts" / f"{name}.py" for name in ("training_loop", "recursion", "hooks")
]
PLAIN = runpy.run_path(str(HERE / "run_plainly.py"))


def top_level_statements(script_trace: ScriptTrace) -> Iterator[Statement]:
    """The statements that are not inside another one."""
    end = 0
    for statement in script_trace.statements:
        if statement.line > end:
            end = statement.body_end
            yield statement


def run_first_statements(source: str, count: int) -> tuple[dict[str, object], str]:
    """The variables and the output of the first `count` statements, under plain Python."""
    tree = ast.parse(source)
    tree.body = tree.body[:count]
    torch.manual_seed(0)
    names: dict[str, object] = {"__name__": "__main__"}
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(tree, "first statements", "exec"), names)
    return names, printed.getvalue()


def same(left: object, right: object) -> bool:
    if isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)):
        return len(left) == len(right) and all(map(same, left, right))
    return left == right


@pytest.mark.parametrize("path", [*PROGRAMS, *OTHER_SCRIPTS], ids=lambda path: path.stem)
def test_the_state_after_each_statement_equals_plain_python(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    script_trace = trace(path)
    states = list(script_trace.states())
    blocks = list(top_level_statements(script_trace))
    assert len(blocks) == len(ast.parse(source).body)
    for count, block in enumerate(blocks, start=1):
        indices = [
            index
            for index, event in enumerate(script_trace.events)
            if event.call == 0 and block.line <= event.line <= block.body_end
        ]
        names, printed = run_first_statements(source, count)
        state = states[indices[-1]][0]
        assert "".join(event.printed for event in script_trace.events[: indices[-1] + 1]) == printed
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
