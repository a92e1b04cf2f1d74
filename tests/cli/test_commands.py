"""The command line run as a program: what it prints, where, and its exit code."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from gradreel.cli import group
from gradreel.errors import SetupError

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
        (("render", "a" * 300 + ".py"), "File name too long"),
        (("values", "ChainRule", "TangentLine", "-P", "start=1"), "ChainRule, -P start: no param"),
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


def test_a_reader_that_goes_away_is_no_failure() -> None:
    with subprocess.Popen(
        [sys.executable, "render.py", "list"], cwd=ROOT, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()  # as `head` does, here before the first line
        assert (process.stderr.read(), process.wait()) == (b"", 0)


def test_a_python_without_the_packages_says_what_is_missing(tmp_path: Path) -> None:
    script = tmp_path / "render.py"
    script.write_bytes((ROOT / "render.py").read_bytes())
    done = subprocess.run(
        [sys.executable, "-S", script, "list"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert "has no click, rich" in done.stderr and "make setup" in done.stderr


def test_a_gallery_that_no_browser_shows_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    from gradreel.publish import gallery

    built = gallery.Gallery(Path("page.html"), 1)
    monkeypatch.setattr(gallery, "build_gallery", lambda *_: built)
    monkeypatch.setattr("webbrowser.open", lambda _: False)
    result = CliRunner().invoke(group, ["gallery", "--open"], standalone_mode=False)
    assert isinstance(result.exception, SetupError)
    assert "Open page.html in a browser yourself" in str(result.exception)
