"""The commands `render` and `values`, run as a program in a folder of a user."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCENES = """from manim import *

class First(Scene):
    def construct(self):
        self.play(Create(Circle()), run_time=0.5)

class Second(Scene):
    def construct(self):
        self.wait(0.5)

class Broken(Scene):
    def construct(self):
        raise ValueError("no such luck")
"""


def gradreel(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run `python -m gradreel` in `folder`."""
    return subprocess.run(
        [sys.executable, "-m", "gradreel", *arguments],
        cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip


@pytest.fixture
def user_folder(tmp_path):
    (tmp_path / "mine.py").write_text(SCENES)
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["render", "mine.py:Furst"], "First"),
        (["render", "nowhere.py"], "nowhere.py"),
        (["render", "mine.py:First", "-q", "z"], "'z'"),
        (["render", "mine.py:First", "--resolution", "12"], "12"),
        (["render", "mine.py:First", "--resolution", "961,720"], "even"),
        (["render", "mine.py:First", "-P", "x"], "NAME=VALUE"),
        (["render", "mine.py:First", "--transparent"], "--format"),
        (["render"], "--all"),
    ],
)
def test_wrong_use_exits_2_and_says_what_would_be_right(user_folder, arguments, message):
    done = gradreel(*arguments, folder=user_folder)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert not done.stdout


def test_a_dry_run_prints_the_reasons_and_renders_nothing(user_folder):
    done = gradreel("render", "mine.py:First", "--dry-run", "--json", folder=user_folder)
    assert done.returncode == 0
    (row,) = json.loads(done.stdout)["plan"]
    assert row["scene"] == "First"
    assert row["why"] == ["not rendered yet"]
    assert not (user_folder / "media").exists()


@pytest.mark.slow
def test_a_file_of_scenes_is_rendered_and_reported(user_folder):
    command = ["render", "mine.py", "-q", "l", "--resolution", "320,180", "--json"]
    done = gradreel(*command, folder=user_folder)
    assert done.returncode == 1
    report = json.loads(done.stdout)
    rows = {row["scene"]: row for row in report["results"]}
    assert {name: row["status"] for name, row in rows.items()} == {
        "First": "rendered", "Second": "rendered", "Broken": "failed",
    }  # fmt: skip
    assert "no such luck" in rows["Broken"]["error"]
    assert (user_folder / rows["First"]["path"]).exists()
    assert report["wall_seconds"] > 0
    assert report["jobs"] >= 1
    again = json.loads(gradreel(*command, folder=user_folder).stdout)
    assert {row["scene"]: row["status"] for row in again["results"]} == {
        "First": "fresh", "Second": "fresh", "Broken": "failed",
    }  # fmt: skip


@pytest.mark.slow
def test_values_are_compared_with_golden_files(tmp_path):
    def values(*more: str) -> subprocess.CompletedProcess[str]:
        return gradreel("values", "ChainRule", *more, folder=tmp_path)

    missing = values("--check")
    assert missing.returncode == 2
    assert "no golden file" in missing.stderr
    assert "values ChainRule --update" in missing.stderr
    assert values("--update").returncode == 0
    golden = tmp_path / "tests" / "golden" / "ChainRule.json"
    document = json.loads(golden.read_text())
    document["beats"][0]["numbers"][0]["value"] += 1e-6
    golden = golden.rename(tmp_path / "ChainRule.json")
    golden.write_text(json.dumps(document))
    done = values("--check", "--golden", ".", "--json")
    assert done.returncode == 1
    assert "--golden . --update" in done.stderr
    printed = json.loads(done.stdout)
    assert printed["scene"] == "ChainRule"
    (difference,) = printed["golden"]["differences"]
    assert printed["golden"]["status"] == "differs"
    assert difference["beat"] == document["beats"][0]["name"]
    assert 0 < difference["relative_difference"] < 1e-5


@pytest.mark.slow
def test_a_scene_that_never_ends_is_ended_and_named(user_folder):
    code = "from manim import *\nclass Hangs(Scene):\n    def construct(self): sum(iter(int, 1))\n"
    (user_folder / "hangs.py").write_text(code)
    done = gradreel("lint", "hangs.py", "Hangs", "--timeout", "1", folder=user_folder)
    assert done.returncode == 1
    assert done.stderr == "Hangs failed: it was not done after 1 seconds (--timeout).\n"
