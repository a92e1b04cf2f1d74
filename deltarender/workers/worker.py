"""One scene in one process: what runs there, and what it tells the process that started it.

Messages go through a pipe: ("frames", n) now and then, ("done", Outcome) at the end. The pipe is
also the leash: when its other end is gone, so is this process.
"""

from __future__ import annotations

import errno
import gc
import io
import os
import resource
import signal
import sys
import threading
import time
import traceback
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path

from deltarender.atomic_files import as_render_error, new_log
from deltarender.errors import UserFacingError
from deltarender.results import Task, TaskError, TaskResult

# What a disk may say when a file that is open cannot be written on.
_OF_THE_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO)


def main(pipe: Connection, task: Task) -> None:
    """The body of a worker process; never returns."""
    os.setsid()
    gc.freeze()  # what was imported is not looked through, and so stays shared
    gc.enable()
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
    _end()


def _done(task: Task, pipe: Connection) -> TaskResult:
    from deltarender.engine import library_reads, manim_config
    from deltarender.engine.scene_runner import run_task

    outcome = TaskResult()
    media = task.job.media_dir.resolve()
    read = manim_config.ReadTracker([media, task.folder])
    try:
        with manim_config.text_cache(media / ".cache"):
            manim_config.configure(task.job, task.folder)
            library_reads.install(read.note, task.folder)
            run_task(task, outcome, lambda frames: _tell(pipe, frames), read.note)
    except OSError as error:
        outcome.fault = _fault(_named(error, task), task)
    except BaseException as error:  # a scene may raise anything, SystemExit included
        outcome.fault = _fault(error, task)
    read.stop()
    outcome.files = read.digests
    return outcome


def _named(error: OSError, task: Task) -> BaseException:
    """An error of the output's place told as such; one of the scene's own files left as it is."""
    if error.errno is None or isinstance(error, (ConnectionError, TimeoutError)):
        return error
    if isinstance(error.filename, str):
        path = Path(error.filename).absolute()
        ours = path.is_relative_to(task.job.media_dir.absolute()) or (
            path.is_relative_to(task.folder.absolute())
        )
    else:
        ours = error.errno in _OF_THE_DISK
    gone = not task.folder.exists()
    if not (ours or gone) or (isinstance(error, FileNotFoundError) and not gone):
        return error
    return as_render_error(error, task.job.folder)


def _fault(error: BaseException, task: Task) -> TaskError:
    trace = "".join(traceback.format_exception(error))
    print(trace, file=sys.stderr)
    own = str(task.job.target.file.resolve())
    line = ""
    for frame in traceback.extract_tb(error.__traceback__):
        if os.path.realpath(frame.filename) == own:
            line = f"{task.job.target.file}:{frame.lineno}: {frame.line}"
    if isinstance(error, UserFacingError):
        # Where it is known what the user has to mend, the line that asked for it is only noise.
        usage = error.exit_code == 2
        return TaskError(str(error), "" if usage or error.where else line, trace, usage)
    return TaskError(f"{type(error).__name__}: {_words(error)}".rstrip(": "), line, trace)


def _words(error: BaseException) -> str:
    try:
        return str(error)
    except Exception as fault:  # a scene's own class may say anything, or fail to
        return f"(it cannot be told: {type(fault).__name__})"


def _tell(pipe: Connection, frames: int) -> None:
    with suppress(OSError):
        pipe.send(("frames", frames))


def _leash(pipe: Connection) -> None:
    with suppress(EOFError, OSError):
        pipe.recv()
    _end()


def _end() -> None:
    """End this process and whatever it has started, which belongs to its group.

    A child left alive would hold pipes at whose other end the batch waits.
    """
    os.killpg(0, signal.SIGKILL)


def _log_to(path: Path) -> None:
    """Send everything that is printed, by C libraries too, to the log."""
    try:
        target = new_log(path)
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
    """A log that never fails: a full disk must not make a scene fail by its chatter.

    Nor does a scene that closes its standard output.
    """

    def write(self, text: str) -> int:
        """Write what can be written."""
        with suppress(OSError, ValueError):
            super().write(text)
        return len(text)

    def flush(self) -> None:
        """Flush what can be flushed."""
        with suppress(OSError, ValueError):
            super().flush()


def _peak_memory() -> int:
    """The most memory this process has had, in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
