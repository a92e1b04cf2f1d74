"""Variables and preloaded modules that the caller asks for reach the process of each scene."""

from __future__ import annotations

from dataclasses import replace
from multiprocessing import forkserver

import pytest

from deltarender.batch import BatchOptions, dry_run, plan, render
from deltarender.distributed.job_bundle import pack
from deltarender.results import Task, TaskKind
from tests.deltarender.conftest import TINY

# Each scene fails unless it finds what the test has asked for.
NEEDS_VARIABLES = """
import os
assert os.environ["SHADE"] == "dark" and os.environ["EMPTY"] == ""
class Main(Scene):
    def construct(self):
        self.wait(0.2)
"""
NEEDS_MODULE = """
import sys
assert ("grandalf" in sys.modules) == EXPECTED
class Main(Scene):
    def construct(self):
        self.wait(0.2)
"""


@pytest.mark.slow
def test_variables_are_set_before_the_scene_is_imported(job_of, monkeypatch) -> None:
    monkeypatch.setenv("SHADE", "the caller's own")
    settings = replace(TINY, environment=(("SHADE", "dark"), ("EMPTY", "")), variant="shaded")
    job = job_of(NEEDS_VARIABLES, profile=settings)
    (result,) = render([job], BatchOptions(jobs=1)).results
    assert result.status == "rendered", result.error
    assert job.folder.name == "180p10-shaded"
    (played,) = dry_run([job])
    assert played.error is None
    # Another value is another picture, even where the caller gives it the same folder.
    assert [reasons for _, reasons in plan([job])] == [[]]
    other = replace(job, profile=replace(settings, environment=(("SHADE", "light"), ("EMPTY", ""))))
    assert [reasons for _, reasons in plan([other])] == [["its settings or encoding changed"]]


@pytest.fixture
def new_fork_server():
    """Stop the fork server before and after a test; it is started once per process."""
    forkserver._forkserver._stop()
    yield
    forkserver._forkserver._stop()


@pytest.mark.slow
@pytest.mark.usefixtures("new_fork_server")
@pytest.mark.parametrize(("modules", "expected"), [((), False), (("grandalf", "no_such"), True)])
def test_modules_are_preloaded_only_on_request(job_of, modules, expected) -> None:
    job = job_of(NEEDS_MODULE.replace("EXPECTED", str(expected)))
    (result,) = render([job], BatchOptions(jobs=1, preload=lambda _: modules)).results
    assert result.status == "rendered", result.error


def test_variables_and_modules_travel_with_a_job_to_a_cluster(job_of, tmp_path) -> None:
    settings = replace(TINY, environment=(("SHADE", "dark"),))
    job = job_of("class Main(Scene): pass\n", profile=settings)
    task = Task(TaskKind.RENDER, job, tmp_path, preload=("grandalf",))
    sent = pack(task).task
    assert sent.job.profile.environment == (("SHADE", "dark"),)
    assert sent.preload == ("grandalf",)
