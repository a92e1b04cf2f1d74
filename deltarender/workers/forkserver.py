"""The process that workers are forked from: it has done the imports, and is replaced if it dies."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import forkserver
from pathlib import Path
from typing import Any

from deltarender import native_build
from deltarender.errors import RenderError

PRELOAD = ("deltarender.workers.preload_first", "deltarender.workers.preload")
RETRY_DELAYS = (
    0.0,
    0.1,
    0.3,
    1.0,
)  # seconds before each try: a killed server takes a moment to die


def context(torch: bool) -> Any:
    """The context of a fork server that imports what scenes need; started once.

    Raises RenderError where the part in C is missing or stale.
    """
    trouble = native_build.build_problem()
    if trouble:
        raise RenderError(f"{trouble}.", hint="`make setup` builds it.")
    made = multiprocessing.get_context("forkserver")
    made.set_forkserver_preload([*PRELOAD, *(["torch"] if torch else [])])
    with _environment():
        forkserver.ensure_running()
    return made


def launch(process: Any) -> None:
    """Start a process of such a context. Raises RenderError if no server can be had."""
    for pause in RETRY_DELAYS:
        time.sleep(pause)
        try:
            with _environment():
                process.start()
            return
        except (EOFError, OSError) as error:
            fault = type(error).__name__
    raise RenderError(
        f"no worker process could be started: the one they are forked from has ended ({fault}).",
        hint="What it said stands above; `render.py doctor` tells what is missing.",
    )


@contextmanager
def _environment() -> Iterator[None]:
    """The environment in which a server is started, should one be."""
    home = str(Path(__file__).resolve().parents[2])
    # The server does not get our sys.path, and one thread a process is enough for arrays so small.
    wanted = {
        "PYTHONPATH": os.pathsep.join(filter(None, [home, os.environ.get("PYTHONPATH", "")])),
        **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
        # Pictures go back to the system when they are dropped, and do not pile up as holes.
        "MALLOC_MMAP_THRESHOLD_": "262144",
        # Sets of texts come in one order in every run and on every machine.
        "PYTHONHASHSEED": "0",
        # A wave.py or random.py where the user is must not stand in for Python's own.
        "PYTHONSAFEPATH": "1",
    }
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
