"""The command line run as a program: what it prints, where, and its exit code."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "render.py", *arguments], cwd=ROOT, capture_output=True, text=True
    )


def test_help_names_every_command() -> None:
    done = run("--help")
    assert done.returncode == 0
    for command in (
        "list",
        "show",
        "render",
        "values",
        "lint",
        "film",
        "stills",
        "bench",
        "doctor",
    ):
        assert f"\n  {command}" in done.stdout


def test_list_prints_the_lecture_in_order_as_one_document() -> None:
    done = run("list", "--json")
    rows = json.loads(done.stdout)
    names = [row["name"] for row in rows]
    assert names.index("TangentLine") < names.index("ChainRule") < names.index("BackwardFlow")
    assert all(row["claim"] and row["chapter"] for row in rows)
    assert rows[0]["parameters"][0] == {
        "name": "function", "type": "a formula or file.py:function", "default": "0.5*(x-3)**2",
        "help": "a function of x, such as x*sin(x)",
    }  # fmt: skip


def test_show_prints_beats_and_parameters() -> None:
    row = json.loads(run("show", "ChainRule", "--json").stdout)
    assert "the product" in row["beats"]
    assert [p["name"] for p in row["parameters"]] == ["function", "x", "nudge"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("render", "Nope"), "Valid: TangentLine"),
        (("render", "TangentLin"), "Did you mean TangentLine"),
        (("rendr",), "Did you mean render"),
        (("render", "TangentLine", "-P", "x"), "NAME=VALUE"),
        (("render", "TangentLine", "-P", "start=abc"), "start wants a finite number from"),
        (("render", "ChainRule", "-P", "nudge=7"), "above 0 to 1"),
        (("render", "TangentLine", "-P", "function=__import__('os').getcwd()"), "__import__"),
        (("render", "TangentLine", "-q", "z"), "-q"),
        (("render", "missing.py"), "no file missing.py"),
        (("render",), "Name scenes"),
        (("show", "Nope"), "Valid: TangentLine"),
    ],
)
def test_wrong_use_prints_a_message_and_exits_2(arguments: tuple[str, ...], message: str) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr and done.stdout == ""


def test_doctor_finds_what_the_tests_need() -> None:
    done = run("doctor", "--json")
    findings = {row["name"]: row for row in json.loads(done.stdout)}
    assert done.returncode == 0
    assert findings["torch"]["ok"] and findings["x264 encoder"]["ok"]
