"""Atomic writes, locks, log files, and scratch folders that are removed even after a crash.

A scratch folder is locked by the process that created it. Every later run removes the scratch
folders whose lock is free, so that what a killed run has left does not stay for long.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from deltarender.errors import RenderError

# Errors of a disk that cannot be written to.
DISK_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO)
SCRATCH_LOCK = "lock"
SCRATCH_MARK = b"scratch folder; removed by the next run\n"
LOG_HEADER = b"--- log of a render ---\n"


def atomic_write(path: Path, data: str | bytes) -> None:
    """Write a file so that it appears complete: to a temporary file, which is renamed.

    Raises OSError.
    """
    raw = data.encode() if isinstance(data, str) else data
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(raw)
        os.chmod(name, 0o666 & ~_umask())
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


def as_json(data: Any) -> str:
    """`data` as the text of a JSON file."""
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def atomic_move(source: Path, target: Path) -> None:
    """Move a complete file to `target`, also from another file system. Raises OSError."""
    os.chmod(source, 0o666 & ~_umask())
    try:
        os.replace(source, target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        _copy_then_rename(source, target)
        source.unlink()


def _copy_then_rename(source: Path, target: Path) -> None:
    descriptor, name = tempfile.mkstemp(
        prefix=f".{target.name}.", suffix=".part", dir=target.parent
    )
    try:
        with os.fdopen(descriptor, "wb") as copy, open(source, "rb") as original:
            shutil.copyfileobj(original, copy, 1 << 20)
        shutil.copymode(source, name)
        os.replace(name, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


def ensure_writable(folder: Path) -> Path:
    """Create `folder` if needed, and return it. Raises RenderError if it cannot be written to."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise as_render_error(error, folder) from None
    return folder


def as_render_error(error: OSError, where: Path) -> RenderError:
    """An error of the operating system as a RenderError; `where` is used if it names no file."""
    reason = (error.strerror or str(error)).lower()
    hints = {
        "no space left on device": "The disk is full, or has no room for more files (inodes): free "
        "some space, or choose another --media-dir.",
        "disk quota exceeded": "Free some space or choose another --media-dir.",
        "read-only file system": "Choose another --media-dir.",
        "permission denied": "Choose a --media-dir that you may write to.",
    }
    path = Path(error.filename) if isinstance(error.filename, str) else where
    return RenderError(
        f"cannot write there: {reason}.", where=str(path), hint=hints.get(reason, "")
    )


@contextlib.contextmanager
def scratch_folder(parent: Path) -> Iterator[Path]:
    """A new temporary folder in `parent`, removed when the block ends.

    After a crash the next run removes it. Raises RenderError if it cannot be created.
    """
    ensure_writable(parent)
    try:
        with dir_lock(parent):
            folder = Path(tempfile.mkdtemp(prefix="run-", dir=parent))
            lock = open_lock(folder / SCRATCH_LOCK)  # held while the folder is in use
            fcntl.flock(lock, fcntl.LOCK_EX)
            os.write(lock.fileno(), SCRATCH_MARK)
    except OSError as error:
        raise as_render_error(error, parent) from None
    with lock:
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def remove_stale_scratch(parent: Path) -> None:
    """Remove the scratch folders in `parent` whose processes have ended."""
    # Under the lock of `parent`, as a folder that is just being created has no lock of its own yet.
    with contextlib.suppress(OSError), dir_lock(parent):
        for folder in parent.glob("run-*"):
            if _is_stale(folder):
                shutil.rmtree(folder, ignore_errors=True)
            else:  # rmdir succeeds only for a folder left by a process killed before it had a lock
                with contextlib.suppress(OSError):
                    folder.rmdir()


def _is_stale(folder: Path) -> bool:
    """Whether `folder` has the mark of a scratch folder and its lock is free."""
    if folder.is_symlink() or not (folder / SCRATCH_LOCK).is_file():
        return False
    try:
        with open_lock(folder / SCRATCH_LOCK) as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return lock.read() == SCRATCH_MARK
    except OSError:
        return False


def open_lock(path: Path) -> IO[bytes]:
    """Open a lock file, created if needed. Its content is kept; symbolic links are not followed.

    Raises OSError, also for anything that is not a regular file.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    descriptor = os.open(path, flags, 0o666)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EEXIST, "something that is not a file is in the way", str(path))
    return os.fdopen(descriptor, "r+b", buffering=0)


def new_log(path: Path) -> int:
    """Create an empty log at `path`, and return its file descriptor.

    An earlier log is replaced. Anything else at `path`, a symbolic link too, is renamed to
    `name.kept-N`. Raises OSError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if os.path.lexists(path):
        if _is_log(path):
            path.unlink()
        else:
            path.rename(free_name(path))
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644)
    os.write(descriptor, LOG_HEADER)
    return descriptor


def write_log(path: Path, raw: bytes) -> None:
    """Write `raw`, the content of a log, as a log at `path`. Raises OSError."""
    with os.fdopen(new_log(path), "wb") as file:
        file.write(raw.removeprefix(LOG_HEADER))


def free_name(path: Path) -> Path:
    """The first of `name.kept-1`, `name.kept-2`, ... that does not exist."""
    number = 1
    while os.path.lexists(candidate := path.with_name(f"{path.name}.kept-{number}")):
        number += 1
    return candidate


def _is_log(path: Path) -> bool:
    if path.is_symlink() or not path.is_file():
        return False
    with open(path, "rb") as file:
        return file.read(len(LOG_HEADER)) in (LOG_HEADER, b"")


@contextlib.contextmanager
def dir_lock(folder: Path) -> Iterator[None]:
    """Hold the lock of `folder`: one process at a time writes results into it. Raises OSError."""
    with open_lock(folder / ".turn") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
