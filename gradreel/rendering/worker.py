"""One scene in one process: what runs there, and what it tells the process that started it.

Messages go through a pipe: ("frames", n) now and then, ("done", Outcome) at the end. The pipe is
also the leash: when its other end is gone, so is this process.
"""

from __future__ import annotations

import io
import os
import resource
import signal
import sys
import threading
import time
import traceback
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from gradreel.errors import GradreelError
from gradreel.rendering.files import told
from gradreel.rendering.job import Job

PROGRESS_EVERY = 0.25


NEVER = 1 << 60  # a frame that no film reaches


@dataclass(frozen=True, slots=True)
class Part:
    """The frames of a film from `first` up to `end`; `seed` is the same for all parts of a film.

    With a `first` that no film reaches, a scene is only played through, to see where it can be cut.
    """

    first: int = 0
    end: int = NEVER
    seed: int = 0

    @property
    def empty(self) -> bool:
        """Whether nothing is to be drawn."""
        return self.first == NEVER


@dataclass(frozen=True, slots=True)
class Task:
    """What a worker is to do: `kind` is render, rehearse or stills.

    `watchers` are "module:function" texts, called as function(scene, beat) at each beat's end.
    A render may be one of a `part`: frames from the first up to, and without, the second.
    """

    kind: str
    job: Job
    folder: Path
    watchers: tuple[str, ...] = ()
    part: Part | None = None

    @property
    def log(self) -> Path:
        """Where all that is printed goes; parts that run side by side have a log each."""
        return self.job.log if self.part is None else self.folder / "log"


@dataclass(slots=True)
class Fault:
    """Why a scene failed: one line for the summary, where in its file, the whole trace."""

    message: str
    line: str = ""
    trace: str = ""
    usage: bool = False


@dataclass(slots=True)
class Outcome:
    """What came of a task. `data` depends on its kind; `files` maps paths read to digests."""

    fault: Fault | None = None
    frames: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_memory: int = 0
    data: dict[str, Any] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)


def main(pipe: Connection, task: Task) -> None:
    """The body of a worker process; never returns."""
    os.setsid()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _log_to(task.log)
    threading.Thread(target=_leash, args=(pipe,), daemon=True).start()
    start, cpu = time.perf_counter(), time.process_time()
    outcome = _done(task, pipe)
    outcome.seconds = time.perf_counter() - start
    outcome.cpu_seconds = time.process_time() - cpu
    outcome.peak_memory = _peak_memory()
    sys.stdout.flush()
    sys.stderr.flush()
    with suppress(OSError):
        pipe.send(("done", outcome))
    # Tearing torch and Manim down takes longer than many a scene; there is nothing left to save.
    os._exit(0)


def _done(task: Task, pipe: Connection) -> Outcome:
    from gradreel.rendering import stage
    from gradreel.rendering.performance import perform

    outcome = Outcome()
    media = task.job.media_dir.resolve()
    read = stage.FilesRead([media, task.folder])
    try:
        with stage.text_cache(media / ".cache"):
            stage.configure(task.job, task.folder)
            perform(task, outcome, lambda frames: _tell(pipe, frames), read.note)
    except OSError as error:
        outcome.fault = _fault(_named(error, task), task)
    except BaseException as error:  # a scene may raise anything, SystemExit included
        outcome.fault = _fault(error, task)
    read.stop()
    outcome.files = read.digests
    return outcome


def _named(error: OSError, task: Task) -> BaseException:
    """An error of the output's place told as such; one of the scene's own files left as it is."""
    if isinstance(error, FileNotFoundError) and task.folder.exists():
        return error
    if error.errno is None or isinstance(error, (ConnectionError, TimeoutError)):
        return error
    return told(error, task.job.folder)


def _fault(error: BaseException, task: Task) -> Fault:
    trace = "".join(traceback.format_exception(error))
    print(trace, file=sys.stderr)
    own = str(task.job.target.file.resolve())
    line = ""
    for frame in traceback.extract_tb(error.__traceback__):
        if os.path.realpath(frame.filename) == own:
            line = f"{task.job.target.file}:{frame.lineno}: {frame.line}"
    if isinstance(error, GradreelError):
        # Where it is known what the user has to mend, the line that asked for it is only noise.
        usage = error.exit_code == 2
        return Fault(str(error), "" if usage or error.where else line, trace, usage)
    return Fault(f"{type(error).__name__}: {error}".rstrip(": "), line, trace)


def _tell(pipe: Connection, frames: int) -> None:
    with suppress(OSError):
        pipe.send(("frames", frames))


def _leash(pipe: Connection) -> None:
    with suppress(EOFError, OSError):
        pipe.recv()
    # Whatever this process has started belongs to its group and goes with it.
    os.killpg(0, signal.SIGKILL)


def _log_to(path: Path) -> None:
    """Send everything that is printed, by C libraries too, to the log."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        target = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    except OSError:
        target = os.open(os.devnull, os.O_WRONLY)
    os.dup2(target, 1)
    os.dup2(target, 2)
    os.close(target)
    # Open as long as the process is.
    sys.stdout, sys.stderr = (
        _Patient(io.FileIO(os.dup(number), "w"), write_through=True) for number in (1, 2)
    )


class _Patient(io.TextIOWrapper):
    """A log that never fails: a full disk must not make a scene fail by its chatter."""

    def write(self, text: str) -> int:
        """Write what can be written."""
        with suppress(OSError):
            super().write(text)
        return len(text)

    def flush(self) -> None:
        """Flush what can be flushed."""
        with suppress(OSError):
            super().flush()


def _peak_memory() -> int:
    """The most memory this process has had, in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
