"""Output, error and final variables of a trace equal those of a run under plain Python."""

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
OTHER_SCRIPTS = sorted((HERE / "scripts").glob("*.py"))
ANSWERS = {"answers.py": ["4"]}


@cache
def outcomes() -> dict:
    """Every script once under plain Python, in a process of its own."""
    requested = {str(path): ANSWERS.get(path.name, []) for path in [*PROGRAMS, *OTHER_SCRIPTS]}
    process = subprocess.run(
        [sys.executable, "-W", "ignore", str(HERE / "run_plainly.py"), json.dumps(requested)],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return json.loads(process.stdout)


def same(left: object, right: object) -> bool:
    """Equal bit for bit; NaN equals NaN."""
    if isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)):
        return len(left) == len(right) and all(map(same, left, right))
    return left == right or repr(left) == repr(right) == "nan"


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
    if facts["has_grad"] and facts["grad"] is None:
        assert variable.grad_summary is not None  # large, sparse or complex
    else:
        assert same(variable.grad, facts["grad"])


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("path", [*PROGRAMS, *OTHER_SCRIPTS], ids=lambda path: path.stem)
def test_variables_output_and_error_equal_plain_python(path: Path) -> None:
    plain = outcomes()[str(path)]
    script_trace = trace(path)

    assert script_trace.printed == plain["printed"]
    error = script_trace.error and [script_trace.error.kind, script_trace.error.message]
    assert error == plain["error"]
    final = {variable.name: variable for variable in script_trace.final}
    if path.stem != "exits":  # runpy keeps no variables of a script that leaves by sys.exit
        # A dotted name is a parameter inside a module: more than plain Python lists.
        assert {name for name in final if "." not in name} == set(plain["variables"])
    for name, facts in plain["variables"].items():
        assert_same(final[name], facts)


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("path", [*PROGRAMS, *OTHER_SCRIPTS], ids=lambda path: path.stem)
def test_the_changes_of_all_events_add_up_to_the_final_variables(path: Path) -> None:
    script_trace = trace(path)
    last: dict = {}
    for state in script_trace.states():
        last = state
    assert set(last) == {0}
    assert {n: repr(v) for n, v in last[0].items()} == {v.name: repr(v) for v in script_trace.final}


def test_all_nine_programs_were_traced() -> None:
    assert len(PROGRAMS) == 9
