"""A Dask cluster for tests: a scheduler and workers in processes and folders of their own."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

HOME = Path(__file__).resolve().parents[3]


class Cluster:
    """Processes on loopback; `end` kills whatever is left of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"tcp://127.0.0.1:{self.port}"
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def scheduler(self) -> None:
        """Start the scheduler and wait until it answers."""
        self._start("scheduler", ["--host", "127.0.0.1", "--port", str(self.port)], HOME)
        until(self._answers)

    def _answers(self) -> bool:
        with socket.socket() as knock:
            return knock.connect_ex(("127.0.0.1", self.port)) == 0

    def worker(self, name: str, home: Path = HOME) -> None:
        """Start a worker that finds the package in `home`."""
        options = ["--nthreads", "1", "--no-nanny", "--name", name]
        self._start("worker", [self.address, *options], home, name)

    def _start(self, kind: str, options: list[str], home: Path, name: str = "scheduler") -> None:
        folder = self.folder / name
        folder.mkdir()
        with open(folder / "log", "wb") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-m", "distributed.cli.dask_" + kind, "--no-dashboard", *options],
                cwd=folder, env={**os.environ, "PYTHONPATH": str(home)}, stdout=log, stderr=log,
            )  # fmt: skip

    def kill(self, name: str) -> None:
        """As a power cut would."""
        self.processes[name].kill()
        self.processes.pop(name).wait()

    def end(self) -> None:
        """Kill everything."""
        for name in list(self.processes):
            self.kill(name)


def another_version(folder: Path) -> Path:
    """A copy of the renderer in which one comment differs."""
    copy = folder / "deltarender"
    shutil.copytree(HOME / "deltarender", copy, ignore=shutil.ignore_patterns("__py*"))
    with open(copy / "jobs.py", "a") as file:
        file.write("# another state of the code\n")
    return folder


def until(holds: Callable[[], object], seconds: float = 90) -> None:
    """Wait for something that must come."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.05)


def alive(pid: int) -> bool:
    """Whether a process is there and not only waiting to be buried."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def interruptible() -> None:
    """Children of a test run in the background would ignore interrupts."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
