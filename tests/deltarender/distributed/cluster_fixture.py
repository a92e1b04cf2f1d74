"""A Dask cluster for tests: a scheduler and workers, each in its own process and folder."""

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
    """Processes on loopback; `end` kills those that are left."""

    def __init__(self, folder: Path, tls: dict[str, str] | None = None) -> None:
        """`tls` are the environment variables that name certificates; without, it is tcp://."""
        self.folder = folder
        self.environment = {**os.environ, **(tls or {})}
        self.protocol = "tls" if tls else "tcp"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"{self.protocol}://127.0.0.1:{self.port}"
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def scheduler(self) -> None:
        """Start the scheduler and wait until it answers."""
        self._start(
            "scheduler",
            ["--host", "127.0.0.1", "--port", str(self.port), "--protocol", self.protocol], HOME,
        )  # fmt: skip
        until(self._answers)

    def _answers(self) -> bool:
        with socket.socket() as knock:
            return knock.connect_ex(("127.0.0.1", self.port)) == 0

    def worker(self, name: str, home: Path = HOME) -> None:
        """Start a worker that imports the package from `home`."""
        options = ["--nthreads", "1", "--no-nanny", "--name", name]
        self._start("worker", [self.address, *options], home, name)

    def wait_for(self, name: str) -> None:
        """Wait until a worker has joined."""
        log = self.folder / name / "log"
        until(lambda: b"Registered to" in log.read_bytes())

    def _start(self, kind: str, options: list[str], home: Path, name: str = "scheduler") -> None:
        folder = self.folder / name
        folder.mkdir()
        with open(folder / "log", "wb") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-m", "distributed.cli.dask_" + kind, "--no-dashboard", *options],
                cwd=folder, env={**self.environment, "PYTHONPATH": str(home)},
                stdout=log, stderr=log,
            )  # fmt: skip

    def kill(self, name: str) -> None:
        """Kill a process without warning, as a power failure would."""
        self.processes[name].kill()
        self.processes.pop(name).wait()

    def stop(self, name: str) -> None:
        """Suspend a process: its connections stay open, and it answers nothing."""
        self.processes[name].send_signal(signal.SIGSTOP)

    def end(self) -> None:
        """Kill all processes."""
        for name in list(self.processes):
            self.kill(name)


def certificates(folder: Path) -> dict[str, str]:
    """Certificates for all nodes of a cluster, as the environment variables that Dask reads."""
    request = ["openssl", "req", "-newkey", "rsa:2048", "-nodes"]
    for command in (
        [*request, "-x509", "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=authority"],
        [*request, "-keyout", "key.pem", "-out", "node.req", "-subj", "/CN=node"],
        ["openssl", "x509", "-req", "-in", "node.req", "-CA", "ca.pem", "-CAkey", "ca.key",
         "-CAcreateserial", "-out", "node.pem"],
    ):  # fmt: skip
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
    roles = {
        f"{role}__{kind}": folder / name
        for role in ("CLIENT", "SCHEDULER", "WORKER")
        for kind, name in (("CERT", "node.pem"), ("KEY", "key.pem"))
    }
    variables = {"CA_FILE": folder / "ca.pem", **roles}
    return {f"DASK_DISTRIBUTED__COMM__TLS__{name}": str(path) for name, path in variables.items()}


def another_version(folder: Path) -> Path:
    """A copy of the renderer in which one comment differs."""
    copy = folder / "deltarender"
    shutil.copytree(HOME / "deltarender", copy, ignore=shutil.ignore_patterns("__py*"))
    with open(copy / "jobs.py", "a") as file:
        file.write("# another state of the code\n")
    return folder


def until(condition: Callable[[], object], seconds: float = 90) -> None:
    """Wait for a condition; fails after `seconds`."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "the condition was never met"
        time.sleep(0.05)


def alive(pid: int) -> bool:
    """Whether a process exists and is not a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def interruptible() -> None:
    """Restore SIGINT, which children of a test run in the background would ignore."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
