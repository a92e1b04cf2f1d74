"""What a cluster costs beside one machine, measured on this one.

    figures = measure(targets, profile, [4, 16, 64], folder)

Two experiments with a scheduler and workers of their own on loopback: the same batch here and on a
cluster of as many workers, which tells the overhead of a job; and batches in which each render is
replaced by a sleep as long as it took, its film coming back as ever, which tells how well more
workers than this machine has cores would be kept at work.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

import psutil

from deltarender.batch import BatchOptions, render
from deltarender.distributed.dask_executor import DaskExecutor
from deltarender.distributed.dask_worker import Made
from deltarender.distributed.job_bundle import HOME, JobBundle
from deltarender.errors import RenderError
from deltarender.jobs import Job, RenderSettings, SceneRef
from deltarender.results import Task, TaskResult

TIMES = 3  # machines are noisy: medians of as many runs
BOTH = 2  # workers of the first experiment, here and there
EACH = 8  # jobs for each worker in the second
ANSWER_TIMEOUT_S = 180.0
SETTINGS = {  # as the README has them: Dask's looking after itself takes 4 % of a core, else 1 %
    "DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False",
    "DASK_DISTRIBUTED__ADMIN__TICK__INTERVAL": "500ms",
}

Figures = dict[str, Any]


def measure(
    targets: Sequence[SceneRef], profile: RenderSettings, workers: Sequence[int], folder: Path
) -> Figures:
    """Both experiments; `folder` takes the films. Times are in seconds.

    Raises RenderError if a scene fails or the cluster does not come up.
    """
    jobs = [Job(target, profile, media_dir=folder / "here") for target in targets]
    overhead = _overhead(jobs, folder)
    return {"overhead": overhead, "sleeping": [_sleeping(jobs, n, folder) for n in workers]}


def _overhead(jobs: Sequence[Job], folder: Path) -> Figures:
    """The batch here and on a cluster in turn, once to warm up and `TIMES` for the clock."""
    there = [replace(job, media_dir=folder / "there") for job in jobs]
    with _cluster(BOTH, folder / "cluster") as address:
        runs = [(_timed(jobs), _timed(there, address)) for _ in range(1 + TIMES)][1:]
    local, remote = (_medians(side) for side in zip(*runs, strict=True))
    longer = remote["wall"] - remote["ready_after"] - (local["wall"] - local["ready_after"])
    return {
        "jobs": len(jobs),
        "workers": BOTH,
        "local": local,
        "cluster": remote,
        "seconds_a_job": round(longer * BOTH / len(jobs), 3),
        "cpu_ratio": round(remote["cpu"] / local["cpu"], 3),
    }


def _medians(runs: Sequence[Figures]) -> Figures:
    return {name: median(run[name] for run in runs) for name in runs[0]}


def _timed(jobs: Sequence[Job], address: str = "") -> Figures:
    watch = _EventTimes(len(jobs))
    before, start = _cpu(), time.perf_counter()
    options = BatchOptions(jobs=BOTH, force=True, split=1)
    report = render(jobs, options, watch.hear, DaskExecutor(address) if address else None)
    wall = time.perf_counter() - start
    if report.failed:
        raise RenderError(f"it could not be measured: {report.failed[0].error}")
    return {
        "wall": round(wall, 3),
        "ready_after": round(watch.first - start, 3),
        "cpu": round(_cpu() - before, 3),
    }


def _sleeping(jobs: Sequence[Job], count: int, folder: Path) -> Figures:
    """`EACH` jobs for each of `count` workers; every job sleeps as long as it took to render."""
    longest_first = sorted(jobs, key=lambda job: -_told(job)["seconds"])
    times = math.ceil(EACH * count / len(jobs))
    place = folder / f"sleeping-{count}"
    tasks = [
        Task("render", job, place / f"{name.target.cls}-{n}")
        for name in longest_first
        for n, job in enumerate([name] * times)
    ]
    work = sum(_told(task.job)["seconds"] for task in tasks)
    watch = _EventTimes(len(tasks))
    with _cluster(count, folder / f"cluster-{count}") as address:
        start = time.perf_counter()
        for _, outcome in DaskExecutor(address, work=sleep).run(
            tasks, watch.hear, stop=lambda: False
        ):
            if outcome.fault is not None:
                raise RenderError(f"it could not be measured: {outcome.fault.message}")
        end = time.perf_counter()
        scheduler = _spent(watch.scheduler(address))
    return {
        "workers": count,
        "jobs": len(tasks),
        "work": round(work, 1),
        "ready_after": round(watch.first - start, 2),
        "wall": round(end - watch.first, 2),
        "efficiency": round(work / (count * (end - watch.first)), 3),
        "scheduler_ms_a_job": round(1000 * scheduler / len(tasks), 1),
        "client_ms_a_job": round(1000 * watch.client() / len(tasks), 1),
    }


def sleep(parcel: JobBundle, number: int, topic: str, every: float, seconds: float) -> Made:
    """Stands for `remote.render`: waits as long as that took, and gives the film made then."""
    told = _told(parcel.task.job)
    film = parcel.task.job.video
    time.sleep(told["seconds"])
    raw = film.read_bytes()
    files = ((str(film), len(raw), hashlib.sha256(raw).hexdigest()),)
    outcome = TaskResult(frames=told["frames"], data={"file": str(film), "size": told["size"]})
    return Made(outcome, "", files, b"", str(HOME), str(HOME), installed=False)


def _told(job: Job) -> Figures:
    manifest: Figures = json.loads(job.manifest.read_text())
    return manifest


@dataclass(slots=True)
class _EventTimes:
    """When the first job began, and what this process has spent since."""

    jobs: int
    first: float = 0.0
    spent: float = 0.0

    def hear(self, event: tuple[str, Any, Any]) -> None:
        if event[0] == "start" and not self.first:
            self.first, self.spent = time.perf_counter(), time.process_time()

    def client(self) -> float:
        return time.process_time() - self.spent

    def scheduler(self, address: str) -> psutil.Process:
        port = address.rpartition(":")[2]
        return next(child for child in psutil.Process().children() if port in child.cmdline())


def _cpu() -> float:
    """Seconds that this process and all below it have spent, the dead ones included."""
    own = psutil.Process()
    return sum(_spent(process) for process in (own, *own.children(recursive=True)))


def _spent(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system + times.children_user + times.children_system)


@contextmanager
def _cluster(count: int, folder: Path) -> Iterator[str]:
    """A scheduler and `count` workers of one thread, each in a folder of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    address = f"tcp://127.0.0.1:{port}"
    running = [_start("scheduler", ["--host", "127.0.0.1", "--port", port], folder / "scheduler")]
    try:
        _until(lambda: _answers(int(port)), "the scheduler does not answer")
        options = [address, "--nthreads", "1", "--no-nanny"]
        running += [_start("worker", options, folder / f"{k}") for k in range(count)]
        _until(lambda: DaskExecutor(address).capacity() == count, "not all workers have come")
        yield address
    finally:
        for process in running:
            process.kill()
        for process in running:
            process.wait()


def _start(kind: str, options: list[str], folder: Path) -> subprocess.Popen[bytes]:
    folder.mkdir(parents=True)
    places = os.pathsep.join(filter(None, [str(HOME), os.environ.get("PYTHONPATH", "")]))
    with open(folder / "log", "wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.dask_{kind}", "--no-dashboard", *options],
            cwd=folder, env={**os.environ, **SETTINGS, "PYTHONPATH": places},
            stdout=log, stderr=log,
        )  # fmt: skip


def _answers(port: int) -> bool:
    with socket.socket() as knock:
        return knock.connect_ex(("127.0.0.1", port)) == 0


def _until(holds: Any, otherwise: str) -> None:
    end = time.monotonic() + ANSWER_TIMEOUT_S
    while not holds():
        if time.monotonic() > end:
            raise RenderError(f"{otherwise} after {ANSWER_TIMEOUT_S:g} seconds.")
        time.sleep(0.5)


def as_text(figures: Figures) -> str:
    """The figures for people."""
    cost = figures["overhead"]
    ready = [f"{cost[where]['ready_after']:.1f}" for where in ("local", "cluster")]
    lines = [
        f"{cost['jobs']} jobs on {cost['workers']} workers: here {cost['local']['wall']:.1f} s, "
        f"on a cluster {cost['cluster']['wall']:.1f} s; "
        f"ready after {' and '.join(ready)} s, from there {cost['seconds_a_job']:+.2f} s a job; "
        f"CPU x {cost['cpu_ratio']:.2f}",
        "",
        "workers   jobs    work s   ready s   wall s   efficiency   scheduler   client",
    ]
    lines += [
        f"{row['workers']:7} {row['jobs']:6} {row['work']:9.1f} {row['ready_after']:9.1f} "
        f"{row['wall']:8.1f} {row['efficiency']:11.1%} {row['scheduler_ms_a_job']:8.1f} ms "
        f"{row['client_ms_a_job']:5.1f} ms"
        for row in figures["sleeping"]
    ]
    return "\n".join(lines)
