"""The state that the tracer writes down is the state that plain Python leaves behind."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from gradreel.trace.runner import trace
from gradreel.trace.script_trace import Variable

HERE = Path(__file__).parent
PROGRAMS = sorted((HERE.parents[1] / "assets" / "programs").glob("*.py"))
FOREIGN = sorted((HERE / "scripts").glob("*.py"))
ANSWERS = {"answers.py": ["4"]}


@cache
def outcomes() -> dict:
    """Every script once under plain Python, in a process of its own."""
    asked = {str(path): ANSWERS.get(path.name, []) for path in [*PROGRAMS, *FOREIGN]}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(HERE / "plain.py"), json.dumps(asked)],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return json.loads(done.stdout)


def same(one: object, other: object) -> bool:
    """Equal with every bit; NaN equals NaN."""
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(map(same, one, other))
    return one == other or repr(one) == repr(other) == "nan"


def assert_same(variable: Variable, facts: dict) -> None:
    if facts["kind"] != "tensor":
        assert variable.kind == facts["kind"]
        plain = facts["plain"]
        if isinstance(plain, (int, float)) and not isinstance(plain, bool):
            assert same(variable.value, plain)
        elif isinstance(plain, (bool, str)) and len(repr(plain)) < 50:
            assert variable.text == repr(plain)
        return
    assert same(variable.value, facts["numbers"])
    assert "torch." + variable.dtype == facts["dtype"]
    assert list(variable.shape) == facts["shape"]
    assert variable.requires_grad == facts["requires_grad"]
    assert variable.is_leaf == facts["is_leaf"]
    assert (variable.grad_fn or "") == (facts["grad_fn"] or "").rpartition("::")[2]
    assert same(variable.grad, facts["grad"])


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("path", [*PROGRAMS, *FOREIGN], ids=lambda path: path.stem)
def test_every_variable_and_all_output_are_as_under_plain_python(path: Path) -> None:
    plain = outcomes()[str(path)]
    recording = trace(path)

    assert recording.printed == plain["printed"]
    fault = recording.fault and [recording.fault.kind, recording.fault.message]
    assert fault == plain["fault"]
    ends = {variable.name: variable for variable in recording.final}
    if path.stem != "exits":  # runpy keeps no variables of a script that leaves by sys.exit
        # A dotted name is a parameter inside a module: more than plain Python lists.
        assert {name for name in ends if "." not in name} == set(plain["variables"])
    for name, facts in plain["variables"].items():
        assert_same(ends[name], facts)


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("path", [*PROGRAMS, *FOREIGN], ids=lambda path: path.stem)
def test_changes_moment_by_moment_add_up_to_the_end(path: Path) -> None:
    recording = trace(path)
    last: dict = {}
    for state in recording.states():
        last = state
    assert set(last) == {0}
    assert {n: repr(v) for n, v in last[0].items()} == {v.name: repr(v) for v in recording.final}


def test_the_nine_programs_are_there() -> None:
    assert len(PROGRAMS) == 9
