"""The fork server: a process that has imported what scenes need, and forks workers.

It is replaced if it dies.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing import forkserver, resource_tracker
from pathlib import Path
from types import ModuleType
from typing import Any

from deltarender import native_build
from deltarender.errors import RenderError, SetupError

PRELOAD = ("deltarender.workers.preload_settings", "deltarender.workers.preload")
# Seconds to wait before each attempt: a killed server takes a moment to die.
RETRY_DELAYS = (0.0, 0.1, 0.3, 1.0)
EXIT_POLLS = 20  # of 10 ms each: a server closes its socket just before it has ended


def context(preload: Sequence[str] = ()) -> Any:
    """A multiprocessing context whose fork server imports Manim and the modules of `preload`.

    The server is started once. Raises RenderError where the C extension is missing or outdated.
    """
    if problem := native_build.build_problem():
        raise RenderError(f"{problem}.", hint=native_build.build_hint())
    result = multiprocessing.get_context("forkserver")
    result.set_forkserver_preload([*PRELOAD, *preload])
    with _environment(), _without_interrupts():
        forkserver.ensure_running()
    return result


def launch(process: Any) -> None:
    """Start a process of such a context.

    Raises SetupError if Manim or a plugin of it cannot be imported, RenderError if the server does
    not fork it for another reason.
    """
    for pause in RETRY_DELAYS:
        time.sleep(pause)
        try:
            with _environment(), _no_main_module():
                process.start()
            return
        except (EOFError, OSError) as error:
            reason = type(error).__name__
            if _has_given_up():
                _raise_import_problem()
    raise RenderError(
        f"no worker process could be started: their fork server has ended ({reason}).",
        hint="Its own message stands above: most often a library that cannot be imported.",
    )


def _has_given_up() -> bool:
    """Whether the server has ended by itself, and was not killed."""
    pid = getattr(forkserver._forkserver, "_forkserver_pid", None)
    if pid is None or not hasattr(os, "waitid"):
        return False
    with suppress(ChildProcessError):
        for _ in range(EXIT_POLLS):
            ended = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if ended is not None:
                return ended.si_code == os.CLD_EXITED
            time.sleep(0.01)
    return False


def _raise_import_problem() -> None:
    """Raise SetupError if Manim cannot be imported in a process like the server."""
    source = "from deltarender.workers.import_problem import import_problem as problem\n"
    source += "import json; text = json.dumps(problem()); print('\\n' + text)"
    with _environment():
        answer = subprocess.run(
            [sys.executable, "-c", source], capture_output=True, text=True, check=False
        ).stdout
    what, hint = json.loads(answer.splitlines()[-1]) if answer else ("", "")
    if what:
        raise SetupError(what, hint=hint)


def detach() -> None:
    """Close what a worker has of the fork server and of the resource tracker.

    Both processes run for as long as anyone has their pipes open. A process that a scene leaves
    behind would inherit them, and so keep the standard output of the whole batch open.
    """
    for owner, name in (
        (forkserver._forkserver, "_forkserver_alive_fd"),
        (resource_tracker._resource_tracker, "_fd"),
    ):
        descriptor = getattr(owner, name, None)
        if descriptor is not None:
            setattr(owner, name, None)  # multiprocessing starts a new one where a scene needs it
            with suppress(OSError):
                os.close(descriptor)


@contextmanager
def _no_main_module() -> Iterator[None]:
    """Hide the main module, which multiprocessing would run again in each worker.

    Workers need nothing of it, and a script without a main guard would start its batch anew.
    """
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """Block SIGINT for processes that are started within: Ctrl-C is for this process alone.

    A server that is importing libraries would otherwise print a traceback of its own.
    """
    # Python's resource tracker, which the server needs, unblocks the signal when it is started.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _environment() -> Iterator[None]:
    """Set the environment for a server, which may be started within the block.

    Its children do not see the caller's main module.
    """
    root = str(Path(__file__).resolve().parents[2])
    # The server does not inherit sys.path. One thread per process is enough for small arrays.
    variables = {
        "PYTHONPATH": os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH", "")])),
        **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
        # Freed pictures are returned to the system instead of fragmenting the heap.
        "MALLOC_MMAP_THRESHOLD_": "262144",
        # Sets of strings are iterated in the same order in every run and on every machine.
        "PYTHONHASHSEED": "0",
        # A wave.py or random.py in the working directory must not shadow Python's own.
        "PYTHONSAFEPATH": "1",
    }
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    # A child would run the caller's script again, or import pytest from its start script.
    caller = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = caller
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
