"""The body of a worker process: run one task and report to the process that started it.

Messages through the pipe are `Progress` now and then, and a `TaskResult` at the end. The worker
exits when the parent's end of the pipe closes.
"""

from __future__ import annotations

import gc
import io
import multiprocessing
import os
import resource
import signal
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from deltarender.atomic_files import DISK_ERRORS, as_render_error, new_log, remove_stale_scratch
from deltarender.errors import UnsplittableError, UserFacingError
from deltarender.jobs import CACHE_VARIABLE, Job
from deltarender.own_packages import own_code
from deltarender.results import Task, TaskError, TaskResult
from deltarender.workers.forkserver import detach
from deltarender.workers.parent_pipe import ParentPipe, Progress

if TYPE_CHECKING:
    from deltarender.engine.read_tracker import ReadTracker

LOST_PIPE = 97  # exit code of a worker that cannot send its result

CLEANUP_DELAY_S = 0.5  # until all workers of a killed batch have ended


# Folders of a media folder that only the renderer uses.
OWN_FOLDERS = (".cache", ".scratch")


def main(pipe: Connection, task: Task) -> None:
    """Run `task` and send its result through `pipe`; never returns."""
    os.setsid()
    gc.freeze()  # imported objects are not traversed, and so their memory stays shared
    gc.enable()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    detach()
    redirect_output(task.log)
    scratch = task.job.scratch.absolute()
    threading.Thread(target=_exit_with_parent, args=(pipe, scratch), daemon=True).start()
    parent = ParentPipe(pipe)
    start, cpu = time.perf_counter(), time.process_time()
    result = _run(task, parent)
    result.seconds = time.perf_counter() - start
    result.cpu_seconds = time.process_time() - cpu
    result.peak_memory = _peak_memory()
    for stream in (sys.stdout, sys.stderr):
        with suppress(Exception):  # a scene may have replaced it by anything, None included
            stream.flush()
    try:
        parent.send(result)
    except OSError:
        os._exit(LOST_PIPE)
    # Finalizing the interpreter takes longer than many a scene, and there is nothing to save.
    exit_now()


def _run(task: Task, parent: ParentPipe) -> TaskResult:
    from deltarender.cache_key import loaded_libraries, unowned_modules
    from deltarender.engine import (
        asset_read_hooks,
        manim_config,
        scene_loader,
        segment_seeding,
        text_cache,
    )
    from deltarender.engine.scene_runner import run_task
    from deltarender.engine.text_store import TextStore

    result = TaskResult()
    place = _absolute(task)
    media = place.job.media_dir.resolve()
    if task.part is not None:
        segment_seeding.seed_everything(task.part.seed)
    # Before what is asked for counts as the scene's.
    store = TextStore(media / ".cache", text_cache.state_of_text(), task.forced_by)
    tracker = _tracker(place, media)
    try:
        with text_cache.text_cache(store, place.folder / "text"):
            manim_config.configure(place.job, place.folder)
            os.environ[CACHE_VARIABLE] = str(media / ".cache")
            asset_read_hooks.install_read_hooks(tracker.note, place.folder)
            run_task(place, result, lambda frames: _report(parent, frames), tracker.note)
            tracker.declare(scene_loader.declared_dependencies(place.job.target))
    except OSError as error:
        result.error = describe_error(
            _as_output_error(error, task, place), task.job, place.job.target.file
        )
    except BaseException as error:  # a scene may raise anything, SystemExit included
        result.error = describe_error(error, task.job, place.job.target.file)
    tracker.stop()
    result.files, result.sources = unowned_modules() | tracker.digests, tracker.sources
    result.facts, result.causes = tracker.facts, tracker.causes
    result.libraries = loaded_libraries()
    return result


def _tracker(place: Task, media: Path) -> ReadTracker:
    """Notes what the task reads, except what this program keeps for itself."""
    from deltarender.engine.read_tracker import ReadTracker

    return ReadTracker(
        [*(media / name for name in OWN_FOLDERS), place.folder, place.log, *_socket_folders()],
        [place.job.target.file.parent],
        [name for name, _ in place.job.profile.environment],
        recompile=bool(place.forced_by),
        scene=place.job.target,
        preloaded=True,
    )


def _absolute(task: Task) -> Task:
    """`task` with absolute paths: a scene's file may change the working directory."""
    job = task.job
    target = replace(job.target, file=job.target.file.absolute())
    job = replace(job, target=target, media_dir=job.media_dir.absolute())
    return replace(task, job=job, folder=task.folder.absolute())


def _socket_folders() -> list[Path]:
    """Where multiprocessing keeps its sockets, if it does."""
    folder = getattr(multiprocessing.current_process(), "_config", {}).get("tempdir")
    return [Path(folder)] if folder else []


def _as_output_error(error: OSError, task: Task, place: Task) -> BaseException:
    """The error of an output that cannot be written, as a RenderError; others as they are.

    `place` is `task` with absolute paths. An error about one of the scene's own files is the
    scene's.
    """
    if error.errno is None or isinstance(error, (ConnectionError, TimeoutError)):
        return error
    if isinstance(error.filename, str):
        path = Path(error.filename).absolute()
        is_output = path.is_relative_to(place.job.media_dir) or path.is_relative_to(place.folder)
    else:
        is_output = error.errno in DISK_ERRORS
    folder_gone = not place.folder.exists()
    if not (is_output or folder_gone) or (isinstance(error, FileNotFoundError) and not folder_gone):
        return error
    return as_render_error(error, task.job.folder)


def describe_error(error: BaseException, job: Job, file: Path | None = None) -> TaskError:
    """An exception of a scene as plain data; its traceback is printed to the log.

    `file` is the absolute path of the scene's file, where the working directory may have changed.
    """
    trace = _printable("".join(traceback.format_exception(error)))
    if sys.stderr is not None:  # a scene may have removed it
        print(trace, file=sys.stderr)
    scene_file = os.path.realpath(file or job.target.file)
    line = ""
    for frame in traceback.extract_tb(error.__traceback__):
        if os.path.realpath(frame.filename) == scene_file:
            line = f"{job.target.file}:{frame.lineno}: {frame.line}"
    if isinstance(error, UserFacingError):
        # Where the message names a line of code itself, that of the scene adds nothing; nor does a
        # line of this distribution's own scenes.
        usage = error.exit_code == 2
        own = any(Path(scene_file).is_relative_to(folder) for folder in own_code())
        line = "" if ".py" in error.where or (usage and own) else line
        unsplittable = isinstance(error, UnsplittableError)
        message = _printable(str(error))
        return TaskError(message, line, trace, usage, unsplittable=unsplittable)
    message = f"{type(error).__name__}: {_message_of(error)}".rstrip(": ")
    return TaskError(message, line, trace, missing=tuple(_missing(error)))


def _message_of(error: BaseException) -> str:
    try:
        return _printable(str(error))
    except Exception as failure:  # the __str__ of a scene's own class may raise anything
        return f"(its message cannot be read: {type(failure).__name__})"


def _printable(text: str) -> str:
    """`text` with escapes for lone surrogates, which no file and no terminal takes."""
    return text.encode("utf-8", "backslashreplace").decode()


def _missing(error: BaseException) -> Iterator[str]:
    """The names of files and modules that were not found."""
    if isinstance(error, ImportError):
        if error.name:
            path = error.name.replace(".", "/")
            yield from (error.name, f"{path}.py", f"{path}/__init__.py")
    elif isinstance(error, OSError):
        if isinstance(error.filename, str):
            yield error.filename
        yield from _assets_not_found(error.__traceback__)


def _assets_not_found(trace: TracebackType | None) -> Iterator[str]:
    """What Manim looked for in its asset folders, whose error holds no file name."""
    from manim.utils.file_ops import seek_full_path_from_defaults

    for frame, _ in traceback.walk_tb(trace):
        if frame.f_code is seek_full_path_from_defaults.__code__:
            yield str(frame.f_locals["file_name"])


def _report(parent: ParentPipe, frames: int) -> None:
    with suppress(OSError):
        parent.send(Progress(frames))


def _exit_with_parent(pipe: Connection, scratch: Path) -> None:
    """Wait until the parent's end of the pipe closes, then remove its files and exit."""
    with suppress(EOFError, OSError):
        pipe.recv()
    # The parent was killed, or it would have killed this process first.
    group = os.getpgrp()
    if os.fork() == 0:
        # Files can be removed for good only once nobody writes any more.
        os.setsid()
        os.killpg(group, signal.SIGKILL)
        time.sleep(CLEANUP_DELAY_S)
        remove_stale_scratch(scratch)
        os._exit(0)
    # Killed from there: killing the group from here could hit the child before it has left it.
    time.sleep(CLEANUP_DELAY_S)
    exit_now()


def exit_now() -> None:
    """Kill this process and all that it has started, which are its process group.

    A child left alive would keep pipes open on whose other end the batch waits.
    """
    os.killpg(0, signal.SIGKILL)


def redirect_output(path: Path) -> None:
    """Send standard output and error, those of C libraries too, to a log file."""
    try:
        target = new_log(path)
    except OSError:
        target = os.open(os.devnull, os.O_WRONLY)
    os.dup2(target, 1)
    os.dup2(target, 2)
    os.close(target)
    # Open for as long as the process lives.
    sys.stdout, sys.stderr = (
        _TolerantLog(
            io.FileIO(os.dup(number), "w"), "utf-8", "backslashreplace", write_through=True
        )
        for number in (1, 2)
    )


class _TolerantLog(io.TextIOWrapper):
    """A log whose writes never raise, not even on a full disk or after a scene has closed it."""

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
    """The peak resident memory of this process, in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
