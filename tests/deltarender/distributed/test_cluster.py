"""Batches on a real Dask cluster: no shared disk; workers die, join late or are incompatible."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import av
import pytest

from deltarender.batch import BatchOptions, plan, render
from deltarender.distributed import DaskExecutor, dask_client
from deltarender.events import JobEnded, JobStarted
from deltarender.jobs import Job
from tests.deltarender.distributed.cluster_fixture import (
    HOME,
    alive,
    another_version,
    interruptible,
    until,
)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc"),
]

# Six scenes with a helper module, a data file, and one whose name is computed at run time.
SCENES = """
import helper
class Base(Scene):
    def construct(self):
        self.add(Dot(color=helper.COLOUR))
        self.next_section("create")
        self.play(Create(Square(float(open("side.txt").read()))), run_time=0.6)
        self.next_section("turn")
        number = "".join(c for c in type(self).__name__ if c.isdigit())
        self.play(Rotate(Circle(), float(number)), run_time=0.6)
        self.next_section("third")
        self.add_subcaption("turned", duration=0.4)
        self.play(FadeIn(Triangle()), run_time=0.4)
class S1(Base):
    def construct(self):
        super().construct()
        self.add(Star(int(open("-".join(["made", "up"])).read())))
        self.wait(0.5)
""" + "".join(f"class S{k}(Base): pass\n" for k in range(2, 7))

# A scene that leaves the number of its process in a file, and waits for the file "go".
GATED = """
import os, pathlib, time
class G(Scene):
    def construct(self):
        self.play(Create(Square()), run_time=0.5)
        flags = pathlib.Path({flags!r})
        (flags / f"{{type(self).__name__}}-{{os.getpid()}}").touch()
        while not (flags / "go").exists():
            time.sleep(0.05)
        self.play(FadeOut(Square()), run_time=0.5)
class G2(G): pass
class G3(G): pass
class Short(Scene):
    def construct(self):
        self.wait(0.5)
"""


@pytest.fixture
def flags(tmp_path) -> Path:
    folder = tmp_path / "flags"
    folder.mkdir()
    return folder


def pids(flags: Path) -> list[int]:
    """The processes that render gated scenes."""
    return [int(path.name.partition("-")[2]) for path in flags.glob("G*-*")]


def decoded_frames(job: Job) -> list[bytes]:
    with av.open(str(job.video)) as video:
        return [frame.to_ndarray(format="yuv420p").tobytes() for frame in video.decode(video=0)]


def with_media(jobs: list[Job], media: Path) -> list[Job]:
    return [replace(job, media_dir=media) for job in jobs]


@pytest.fixture
def project(job_of, tmp_path, monkeypatch):
    """Six jobs in a project with files of its own."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "helper.py").write_text("COLOUR = '#ff8800'\n")
    (tmp_path / "side.txt").write_text("1.5")
    (tmp_path / "made-up").write_text("7")
    return [job_of(SCENES, f"S{k}") for k in range(1, 7)]


def test_a_batch_has_the_outputs_of_one_on_this_machine(cluster, project, tmp_path):
    here = with_media(project, tmp_path / "here")
    assert render(here, BatchOptions(jobs=2, split=1)).exit_code == 0
    report = render(project, BatchOptions(split=1), executor=DaskExecutor(cluster.address))
    assert [r.status for r in report.results] == ["rendered"] * 6, report.results[0].error
    assert report.jobs == 3
    assert {r.task.worker for r in report.results} == {"one", "two", "three"}
    for local, remote in zip(here, project, strict=True):
        assert decoded_frames(local) == decoded_frames(remote)
        assert local.srt.read_text() == remote.srt.read_text()
    # Fresh here, although it was rendered there: the same files count.
    assert not any(why for _, why in plan(project))
    (tmp_path / "made-up").write_text("8")
    assert [bool(why) for _, why in plan(project)] == [True, *[False] * 5]
    # The same scene in three parts, and with more workers than scenes in as many as there are.
    parts = with_media(project[1:3], tmp_path / "parts")
    report = render(parts, BatchOptions(split=3), executor=DaskExecutor(cluster.address))
    assert [r.note for r in report.results] == ["made in 3 parts"] * 2, report.results
    for local, remote in zip(here[1:3], parts, strict=True):
        assert decoded_frames(local) == decoded_frames(remote)
        assert local.srt.read_text() == remote.srt.read_text()


def test_a_worker_dies_one_joins_late_and_one_is_incompatible(own_cluster, job_of, flags, tmp_path):
    jobs = [job_of(GATED.format(flags=str(flags)), name) for name in ("G", "G2", "G3", "Short")]
    own_cluster.worker("other", another_version(tmp_path / "other"))
    late = []

    def listen(event):
        if isinstance(event, JobStarted) and event.job.target.name == "G3":
            # All three compatible workers wait for "go"; only a new one can take the last scene.
            until(lambda: len(pids(flags)) == 3)
            own_cluster.worker("late")
        if isinstance(event, JobEnded) and event.job.target.name == "Short":
            late.append(event.result.worker)
            own_cluster.kill("two")
            (flags / "go").touch()

    report = render(jobs, BatchOptions(split=1), listen, DaskExecutor(own_cluster.address))
    assert [r.status for r in report.results] == ["rendered"] * 4, report.results[0].error
    assert late == ["late"]
    by = [r.task.worker for r in report.results]
    assert "two" not in by
    assert "other" not in by
    (note,) = report.notes
    assert "Worker other" in note
    assert "code of deltarender" in note
    until(lambda: not any(map(alive, pids(flags))))


def test_a_lost_scheduler_is_an_error_and_finished_work_is_kept(own_cluster, job_of, flags):
    jobs = [job_of(GATED.format(flags=str(flags)), name) for name in ("Short", "G", "G2")]

    def listen(event):
        if isinstance(event, JobEnded) and event.job.target.name == "Short":
            until(lambda: len(pids(flags)) == 2)
            own_cluster.kill("scheduler")

    report = render(jobs, BatchOptions(split=1), listen, DaskExecutor(own_cluster.address))
    assert [r.status for r in report.results] == ["rendered", "failed", "failed"]
    assert all("scheduler" in r.error for r in report.failed)
    assert report.exit_code == 1
    until(lambda: not any(map(alive, pids(flags))))
    assert [bool(why) for _, why in plan(jobs)] == [False, True, True]


def test_an_interrupt_ends_the_renders_on_the_workers(cluster, job_of, flags, tmp_path):
    job = job_of(GATED.format(flags=str(flags)), "G")
    process = subprocess.Popen(
        [sys.executable, str(HOME / "render.py"), "render", f"{job.target.file}:G",
         f"{job.target.file}:G2", "--cluster", cluster.address, "-q", "l", "--media-dir", "media"],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(HOME)}, preexec_fn=interruptible,
    )  # fmt: skip
    until(lambda: len(pids(flags)) == 2)
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 130
    until(lambda: not any(map(alive, pids(flags))))
    assert not list((tmp_path / "media").rglob("*.mp4"))
    assert not list((tmp_path / "media" / ".scratch").glob("run-*"))


def test_no_scheduler_is_a_clear_error(job_of, monkeypatch):
    monkeypatch.setattr(dask_client, "CONNECT_TIMEOUT_S", 1.0)
    job = job_of("class Main(Scene):\n    def construct(self): self.wait()\n")
    (result,) = render(
        [job], BatchOptions(split=1), executor=DaskExecutor("tcp://127.0.0.1:9")
    ).results
    assert result.status == "failed"
    assert "no Dask scheduler" in result.error
