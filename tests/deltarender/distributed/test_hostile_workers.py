"""A broken or hostile worker costs its tasks, and nothing else on the client's machine."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import dask.config
import pytest

from deltarender.batch import BatchOptions, render
from deltarender.distributed import DaskExecutor, dask_executor, result_transfer, worker_registry
from deltarender.events import JobStarted
from tests.deltarender.distributed import hostile_work
from tests.deltarender.distributed.cluster_fixture import (
    Cluster,
    another_version,
    certificates,
    until,
)
from tests.deltarender.distributed.test_cluster import GATED, pids

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc"),
]


def test_wrong_answers_are_errors_of_their_jobs_alone(cluster, job_of, tmp_path, monkeypatch):
    # Of a disk with less space than the largest answer promises.
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(
        result_transfer.shutil, "disk_usage", lambda _: usage._replace(free=min(usage.free, 10**9))
    )
    mine = tmp_path / "mine.mp4"
    mine.write_bytes(b"of the user")
    names = list(hostile_work.EXPECTED)
    source = "class Main(Scene): pass\n" + "".join(f"class {n}(Main): pass\n" for n in names)
    jobs = [replace(job_of(source, name), params=(("place", str(tmp_path)),)) for name in names]
    executor = DaskExecutor(cluster.address, work=hostile_work.work)
    report = render(jobs, BatchOptions(split=1), executor=executor)
    json.dumps(report.as_json())
    for result in report.results:
        assert result.status == "failed"
        # Dask may deliver an answer in one message with a bomb, and both are lost.
        expected = (hostile_work.EXPECTED[result.job.target.name], "its answer cannot be read")
        assert any(text in result.error for text in expected)
        assert "(3 attempts)" in result.error
    assert mine.read_bytes() == b"of the user"
    assert not (tmp_path / f"exploded-{os.getpid()}").exists()
    assert list(tmp_path.glob("exploded-*"))  # on the worker, which unpickles its own errors
    assert not list(jobs[0].media_dir.rglob("*.mp4"))


def test_tls_and_a_worker_that_stops(tmp_path, job_of, monkeypatch):
    variables = certificates(tmp_path)
    for name, path in variables.items():
        monkeypatch.setenv(name, path)
    settings = {name[5:].lower().replace("__", "."): path for name, path in variables.items()}
    flags = tmp_path / "flags"
    flags.mkdir()
    job, stopped = (job_of(GATED.format(flags=str(flags)), name) for name in ("Short", "G"))
    cluster = Cluster(tmp_path / "cluster", variables)
    cluster.folder.mkdir()
    warnings: list[str] = []

    def listen(event):
        if isinstance(event, JobStarted):
            until(lambda: pids(flags))
            cluster.stop("one")

    try:
        cluster.scheduler()
        cluster.worker("one")
        with dask.config.set(settings):
            executor = DaskExecutor(cluster.address, warn=warnings.append)
            (result,) = render([job], BatchOptions(split=1), executor=executor).results
            assert result.status == "rendered", result.error
            assert not any("encrypted" in text for text in warnings)
            monkeypatch.setattr(dask_executor, "GRACE_S", 1.0)
            executor = DaskExecutor(cluster.address, timeout=2.0, warn=warnings.append)
            (result,) = render([stopped], BatchOptions(split=1), listen, executor).results
            assert "not done after 2 seconds (--timeout), and one does not answer" in result.error
    finally:
        cluster.end()


def test_a_cluster_without_workers_and_one_of_other_versions(tmp_path, job_of, monkeypatch):
    cluster = Cluster(tmp_path)
    job = job_of("class Main(Scene):\n    def construct(self): self.wait()\n")
    warnings: list[str] = []

    def error() -> str:
        executor = DaskExecutor(cluster.address, warn=warnings.append)
        (result,) = render([job], BatchOptions(split=1), executor=executor).results
        assert result.status == "failed"
        return result.error

    try:
        cluster.scheduler()
        with monkeypatch.context() as patch:
            patch.setattr(worker_registry, "WAIT_FOR_WORKERS_S", 0.5)
            assert "has had no worker for 0.5 seconds" in error()
        assert "the scheduler has no workers" in warnings[0]
        cluster.worker("other", another_version(tmp_path / "copy"))
        refused = error()
        assert "every worker of the cluster is refused" in refused
        assert "Worker other" in refused
    finally:
        cluster.end()
