"""The command line without the packages of the extra `lecture`: torch, pydantic and others."""

from __future__ import annotations

import importlib.metadata
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from gradreel import doctor
from tests.blocked_imports import LECTURE_PACKAGES, block_imports

ROOT = Path(__file__).resolve().parents[2]
INSTALL = 'pip install "gradreel[lecture]"'
PLAIN_SCENE = """from manim import *

class Dot1(Scene):
    def construct(self):
        self.play(Create(Circle()), run_time=0.2)
"""


@pytest.fixture
def gradreel(tmp_path, tmp_path_factory):
    blocked = block_imports(tmp_path_factory.mktemp("blocked"), LECTURE_PACKAGES)
    (tmp_path / "plain.py").write_text(PLAIN_SCENE)

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        path = os.pathsep.join([str(blocked), str(ROOT)])
        return subprocess.run(
            [sys.executable, "-m", "gradreel", *arguments],
            cwd=tmp_path, env={**os.environ, "PYTHONPATH": path},
            capture_output=True, text=True, check=False,
        )  # fmt: skip

    return run


def test_the_packages_are_blocked(gradreel):
    done = gradreel("list")
    assert done.returncode == 1
    assert "pydantic is not installed" in done.stderr
    assert INSTALL in done.stderr


@pytest.mark.parametrize("arguments", [("--help",), ("render", "--help"), ("film", "--help")])
def test_help_works(gradreel, arguments):
    done = gradreel(*arguments)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Usage:")


def test_the_doctor_works(gradreel):
    done = gradreel("doctor", "--json")
    findings = {row["name"]: row for row in json.loads(done.stdout)}
    assert findings["renderer"]["ok"], done.stderr


def test_the_doctor_gives_pip_commands_outside_a_checkout(monkeypatch, tmp_path):
    installed = importlib.metadata.version

    def version(name):
        if name in ("torch", "python-pptx"):
            raise importlib.metadata.PackageNotFoundError(name)
        return installed(name)

    monkeypatch.setattr(importlib.metadata, "version", version)
    monkeypatch.setattr(doctor, "IN_CHECKOUT", False)
    findings = {finding.name: finding for finding in doctor.run_checks(tmp_path)}
    assert not findings["torch"].ok and not findings["torch"].needed
    assert findings["torch"].install.endswith(INSTALL)
    assert "gradreel[slides]" in findings["python-pptx"].install
    assert not [f for f in findings.values() if re.search(r"\bmake\b", f.install)]


@pytest.mark.slow
def test_a_manim_file_is_rendered(gradreel, tmp_path):
    done = gradreel("render", "plain.py", "--resolution", "160,90", "--fps", "10", "--json")
    assert done.returncode == 0, done.stderr
    (row,) = json.loads(done.stdout)["results"]
    assert row["status"] == "rendered"
    assert (tmp_path / row["path"]).is_file()


@pytest.mark.parametrize(
    "arguments",
    [
        ("render", "TangentLine"),
        ("values", "BackwardFlow"),
        ("lint", "ChainRule"),
        ("stills", "Recap"),
        ("film", "plain.py", "TangentLine"),
        ("show", "TangentLine"),
        ("render", "TangentLine", "-P", "start=-4"),
        ("bench", "TangentLine"),
    ],
)
def test_scenes_of_the_lecture_name_what_is_missing(gradreel, tmp_path, arguments):
    done = gradreel(*arguments)
    assert done.returncode == 1
    assert "not installed" in done.stderr
    assert INSTALL in done.stderr
    assert "Traceback" not in done.stderr and not done.stdout
    assert not (tmp_path / "media").exists()
