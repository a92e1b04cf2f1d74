"""A plugin of Manim that cannot be imported is named, once."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from deltarender.jobs import Job, RenderSettings, SceneRef
from deltarender.progress import summary
from deltarender.report import JobResult, Report
from deltarender.results import TaskResult
from deltarender.workers.import_problem import import_problem

ROOT = Path(__file__).parents[3]
SCENES = """
from manim import *
class A(Scene): pass
class B(Scene): pass
"""


def install_plugin(folder: Path, source: str) -> None:
    """A distribution in `folder` whose plugin `manim_odd` has this source."""
    info = folder / "odd_plugin-1.0.dist-info"
    info.mkdir(parents=True)
    (folder / "manim_odd.py").write_text(source)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: odd-plugin\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[manim.plugins]\nmanim_odd = manim_odd\n")


@pytest.mark.slow
def test_a_plugin_that_cannot_be_imported_is_named_once(tmp_path: Path) -> None:
    install_plugin(tmp_path / "site", "raise RuntimeError('not with this Manim')\n")
    (tmp_path / "film.py").write_text(SCENES)
    done = subprocess.run(
        [sys.executable, "-m", "deltarender.cli", "film.py", "-q", "l"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{tmp_path / 'site'}"},
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr == ""
    assert done.stdout.endswith(
        "\nA, B failed: Manim's plugin manim_odd cannot be imported (RuntimeError: not with this "
        "Manim).\nMend or remove it: pip uninstall odd-plugin\n"
    )


def test_where_manim_can_be_imported_there_is_no_problem() -> None:
    assert import_problem() == ("", "")


def test_an_error_that_several_scenes_have_in_common_is_reported_once() -> None:
    settings, lines = RenderSettings(64, 36, 5), []
    jobs = [Job(SceneRef(Path("film.py"), name, name), settings) for name in "ABC"]
    report = Report([JobResult(job) for job in jobs], 1.0, 1)
    for result, error in zip(report.results, ("x", "y", "x"), strict=True):
        result.status, result.error = "failed", error
    report.results[1].task = TaskResult()
    summary(report, lines.append)
    assert lines[3:] == ["", "A, C failed: x", "", "B failed: y", f"  log: {jobs[1].log}"]
