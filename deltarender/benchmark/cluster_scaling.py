"""Measures what a Dask cluster costs compared with this machine, on loopback.

    figures = measure(targets, profile, [4, 16, 64], folder)

Two experiments, each with its own scheduler and workers:
- overhead: the same batch in local processes and on a cluster with as many workers;
- sleeping: each render is replaced by a sleep of the same duration, and its video is transferred
  as usual. This shows how well more workers than this machine has cores would be kept busy.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

import psutil

from deltarender.batch import BatchOptions, Preload, preload_nothing, render
from deltarender.benchmark.timed_runs import Figures
from deltarender.distributed.answers import RemoteFile, RemoteResult, encode_answer
from deltarender.distributed.dask_executor import DaskExecutor
from deltarender.distributed.job_bundle import HOME, JobBundle
from deltarender.errors import RenderError
from deltarender.events import BatchEvent, JobStarted
from deltarender.jobs import Job, RenderSettings, SceneRef
from deltarender.results import Task, TaskEvent, TaskKind, TaskResult, TaskStarted, VideoResult

REPEATS = 3  # medians are taken, because of other load on the machine
OVERHEAD_WORKERS = 2  # of the first experiment, local and on the cluster
JOBS_PER_WORKER = 8  # of the second experiment
ANSWER_TIMEOUT_S = 180.0
POLL_INTERVAL_S = 0.5
# As the README recommends: with Dask's defaults an idle worker takes 4 % of a core, so 1 %.
DASK_ENVIRONMENT = {
    "DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False",
    "DASK_DISTRIBUTED__ADMIN__TICK__INTERVAL": "500ms",
}


def measure(
    targets: Sequence[SceneRef], profile: RenderSettings, workers: Sequence[int], folder: Path,
    *, preload: Preload = preload_nothing,
) -> Figures:  # fmt: skip
    """The figures of both experiments, times in seconds; the videos go to `folder`.

    `preload` is that of BatchOptions. Raises RenderError if a scene fails or the cluster does not
    start.
    """
    jobs = [Job(target, profile, media_dir=folder / "here") for target in targets]
    overhead = _measure_overhead(jobs, folder, preload)
    return {
        "overhead": overhead,
        "sleeping": [_measure_sleeping(jobs, count, folder) for count in workers],
    }


def _measure_overhead(jobs: Sequence[Job], folder: Path, preload: Preload) -> Figures:
    """The batch, alternately local and on a cluster; the first run of each is not counted."""
    cluster_jobs = [replace(job, media_dir=folder / "there") for job in jobs]
    with _cluster(OVERHEAD_WORKERS, folder / "cluster") as address:
        runs = [
            (_time_batch(jobs, preload), _time_batch(cluster_jobs, preload, address))
            for _ in range(1 + REPEATS)
        ][1:]
    local, cluster = (_medians(side) for side in zip(*runs, strict=True))
    extra = cluster["wall"] - cluster["ready_after"] - (local["wall"] - local["ready_after"])
    return {
        "jobs": len(jobs),
        "workers": OVERHEAD_WORKERS,
        "local": local,
        "cluster": cluster,
        "seconds_a_job": round(extra * OVERHEAD_WORKERS / len(jobs), 3),
        "cpu_ratio": round(cluster["cpu"] / local["cpu"], 3),
    }


def _medians(runs: Sequence[Figures]) -> Figures:
    return {name: median(run[name] for run in runs) for name in runs[0]}


def _time_batch(jobs: Sequence[Job], preload: Preload, address: str = "") -> Figures:
    """Render a batch on the cluster at `address`, or in local processes."""
    timer = _StartTimer()
    cpu_before, start = _total_cpu_seconds(), time.perf_counter()
    options = BatchOptions(jobs=OVERHEAD_WORKERS, force=True, split=1, preload=preload)
    report = render(jobs, options, timer.listen, DaskExecutor(address) if address else None)
    wall = time.perf_counter() - start
    if report.failed:
        raise RenderError(f"it could not be measured: {report.failed[0].error}")
    return {
        "wall": round(wall, 3),
        "ready_after": round(timer.first_start - start, 3),
        "cpu": round(_total_cpu_seconds() - cpu_before, 3),
    }


def _measure_sleeping(jobs: Sequence[Job], count: int, folder: Path) -> Figures:
    """JOBS_PER_WORKER jobs for each of `count` workers; each sleeps as long as its render took."""
    tasks = _sleeping_tasks(jobs, count, folder / f"sleeping-{count}")
    work_seconds = sum(_manifest(task.job)["seconds"] for task in tasks)
    timer = _StartTimer()
    with _cluster(count, folder / f"cluster-{count}") as address:
        start = time.perf_counter()
        executor = DaskExecutor(address, work=sleep)
        for _, result in executor.run(tasks, timer.listen, stop=lambda: False):
            if result.error is not None:
                raise RenderError(f"it could not be measured: {result.error.message}")
        end = time.perf_counter()
        scheduler_seconds = _cpu_seconds(_scheduler_process(address))
    wall = end - timer.first_start
    return {
        "workers": count,
        "jobs": len(tasks),
        "work": round(work_seconds, 1),
        "ready_after": round(timer.first_start - start, 2),
        "wall": round(wall, 2),
        "efficiency": round(work_seconds / (count * wall), 3),
        "scheduler_ms_a_job": round(1000 * scheduler_seconds / len(tasks), 1),
        "client_ms_a_job": round(1000 * timer.client_cpu_seconds() / len(tasks), 1),
    }


def _sleeping_tasks(jobs: Sequence[Job], count: int, folder: Path) -> list[Task]:
    """Each job several times, the longest jobs first."""
    longest_first = sorted(jobs, key=lambda job: -_manifest(job)["seconds"])
    copies = math.ceil(JOBS_PER_WORKER * count / len(jobs))
    return [
        Task(TaskKind.RENDER, job, folder / f"{job.target.cls}-{n}")
        for job in longest_first
        for n in range(copies)
    ]


def sleep(bundle: JobBundle, number: int, topic: str, every: float, seconds: float) -> bytes:
    """Replaces a worker's render function: sleep as long as the render took, return its video."""
    manifest = _manifest(bundle.task.job)
    folder = Path(tempfile.mkdtemp())  # which the client has removed once it has the video
    video = Path(shutil.copy(bundle.task.job.video, folder))
    time.sleep(manifest["seconds"])
    content = video.read_bytes()
    files = (RemoteFile(str(video), len(content), hashlib.sha256(content).hexdigest()),)
    width, height = manifest["size"]
    made = VideoResult(video, manifest, [], (width, height), manifest["fps"])
    result = TaskResult(frames=manifest["frames"], video=made)
    return encode_answer(RemoteResult(result, str(folder), files, b"", str(HOME), str(HOME)))


def _manifest(job: Job) -> Figures:
    manifest: Figures = json.loads(job.manifest.read_text())
    return manifest


@dataclass(slots=True)
class _StartTimer:
    """Records when the first job started, and the CPU time of this process from then on."""

    first_start: float = 0.0
    cpu_at_start: float = 0.0

    def listen(self, event: BatchEvent | TaskEvent) -> None:
        """Receive an event of a batch or an executor."""
        if isinstance(event, (JobStarted, TaskStarted)) and not self.first_start:
            self.first_start, self.cpu_at_start = time.perf_counter(), time.process_time()

    def client_cpu_seconds(self) -> float:
        return time.process_time() - self.cpu_at_start


def _scheduler_process(address: str) -> psutil.Process:
    port = address.rpartition(":")[2]
    return next(child for child in psutil.Process().children() if port in child.cmdline())


def _total_cpu_seconds() -> float:
    """CPU seconds of this process and all its descendants, including those that have ended."""
    this_process = psutil.Process()
    return sum(_cpu_seconds(p) for p in (this_process, *this_process.children(recursive=True)))


def _cpu_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system + times.children_user + times.children_system)


@contextmanager
def _cluster(count: int, folder: Path) -> Iterator[str]:
    """A scheduler and `count` workers with one thread each; yields the scheduler's address."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = str(unused.getsockname()[1])
    address = f"tcp://127.0.0.1:{port}"
    scheduler_options = ["--host", "127.0.0.1", "--port", port]
    processes = [_start("scheduler", scheduler_options, folder / "scheduler")]
    try:
        _wait_until(lambda: _accepts_connections(int(port)), "the scheduler does not answer")
        worker_options = [address, "--nthreads", "1", "--no-nanny"]
        processes += [_start("worker", worker_options, folder / f"{k}") for k in range(count)]
        _wait_until(
            lambda: DaskExecutor(address).capacity() == count, "not all workers have connected"
        )
        yield address
    finally:
        for process in processes:
            process.kill()
        for process in processes:
            process.wait()


def _start(kind: str, options: list[str], folder: Path) -> subprocess.Popen[bytes]:
    """Start a Dask scheduler or worker in `folder`, where its log goes."""
    folder.mkdir(parents=True)
    python_path = os.pathsep.join(filter(None, [str(HOME), os.environ.get("PYTHONPATH", "")]))
    with open(folder / "log", "wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.dask_{kind}", "--no-dashboard", *options],
            cwd=folder, env={**os.environ, **DASK_ENVIRONMENT, "PYTHONPATH": python_path},
            stdout=log, stderr=log,
        )  # fmt: skip


def _accepts_connections(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def _wait_until(condition: Callable[[], bool], problem: str) -> None:
    """Poll `condition`; raises RenderError with `problem` after ANSWER_TIMEOUT_S."""
    deadline = time.monotonic() + ANSWER_TIMEOUT_S
    while not condition():
        if time.monotonic() > deadline:
            raise RenderError(f"{problem} after {ANSWER_TIMEOUT_S:g} seconds.")
        time.sleep(POLL_INTERVAL_S)


def as_text(figures: Figures) -> str:
    """The figures of `measure` as text."""
    overhead = figures["overhead"]
    ready = [f"{overhead[side]['ready_after']:.1f}" for side in ("local", "cluster")]
    lines = [
        f"{overhead['jobs']} jobs on {overhead['workers']} workers: "
        f"local {overhead['local']['wall']:.1f} s, "
        f"on a cluster {overhead['cluster']['wall']:.1f} s; "
        f"ready after {' and '.join(ready)} s, then {overhead['seconds_a_job']:+.2f} s per job; "
        f"CPU x {overhead['cpu_ratio']:.2f}",
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
