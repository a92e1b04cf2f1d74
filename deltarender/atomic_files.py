"""Files that appear whole or not at all, and scratch folders that outlive nobody.

A scratch folder is locked by the process that made it. Whoever comes next removes those whose
lock is free, so that a killed run leaves nothing for long.
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

LOCK = "lock"
OURS = b"scratch folder; removed by the next run\n"
LOG = b"--- log of a render ---\n"


def atomic_write(path: Path, data: str | bytes) -> None:
    """Write a file beside its place and rename it. Raises OSError."""
    raw = data.encode() if isinstance(data, str) else data
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(raw)
        os.chmod(name, 0o666 & ~_umask())
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


def as_json(data: Any) -> str:
    """Data as the text of a JSON file."""
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def atomic_move(source: Path, target: Path) -> None:
    """Put a finished file of the same file system in its place."""
    os.chmod(source, 0o666 & ~_umask())
    os.replace(source, target)


def ensure_writable(folder: Path) -> Path:
    """`folder`, made if need be. Raises RenderError that names it if it cannot be written to."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise as_render_error(error, folder) from None
    return folder


def as_render_error(error: OSError, where: Path) -> RenderError:
    """What the operating system said about a place, for a user."""
    reason = (error.strerror or str(error)).lower()
    hints = {
        "no space left on device": "Free some space or choose another --media-dir.",
        "read-only file system": "Choose another --media-dir.",
        "permission denied": "Choose a --media-dir that you may write to.",
    }
    place = Path(error.filename) if isinstance(error.filename, str) else where
    return RenderError(
        f"cannot write there: {reason}.", where=str(place), hint=hints.get(reason, "")
    )


@contextlib.contextmanager
def scratch_folder(parent: Path) -> Iterator[Path]:
    """A temporary folder under `parent`, gone when the block ends or, at the latest, next time."""
    ensure_writable(parent)
    try:
        with dir_lock(parent):
            folder = Path(tempfile.mkdtemp(prefix="run-", dir=parent))
            lock = open_lock(folder / LOCK)  # held for as long as the folder is
            fcntl.flock(lock, fcntl.LOCK_EX)
            os.write(lock.fileno(), OURS)
    except OSError as error:
        raise as_render_error(error, parent) from None
    with lock:
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def remove_stale_scratch(parent: Path) -> None:
    """Remove the scratch folders that nobody holds any more."""
    # In turn: a folder that is just being made has no lock yet.
    with contextlib.suppress(OSError), dir_lock(parent):
        for folder in parent.glob("run-*"):
            if _left(folder):
                shutil.rmtree(folder, ignore_errors=True)
            else:  # one that was killed before it had its lock is empty
                with contextlib.suppress(OSError):
                    folder.rmdir()


def _left(folder: Path) -> bool:
    """Whether `folder` is a scratch folder whose process has ended: marked as ours, lock free."""
    if folder.is_symlink() or not (folder / LOCK).is_file():
        return False
    try:
        with open_lock(folder / LOCK) as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return lock.read() == OURS
    except OSError:
        return False


def open_lock(path: Path) -> IO[bytes]:
    """Open a file to lock it, made if need be. What it holds stays; links are not followed.

    Raises OSError, also for what is not a plain file.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    handle = os.open(path, flags, 0o666)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(errno.EEXIST, "something that is not a file is in the way", str(path))
    return os.fdopen(handle, "r+b", buffering=0)


def new_log(path: Path) -> int:
    """A descriptor of a new, empty log at `path`; only an earlier log is replaced by it.

    Anything else that is there, a link too, is renamed to `name.kept-N`. Raises OSError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if os.path.lexists(path):
        if _is_log(path):
            path.unlink()
        else:
            path.rename(free_name(path))
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644)
    os.write(handle, LOG)
    return handle


def write_log(path: Path, raw: bytes) -> None:
    """Write a whole log, made elsewhere, to `path`. Raises OSError."""
    with os.fdopen(new_log(path), "wb") as file:
        file.write(raw.removeprefix(LOG))


def free_name(path: Path) -> Path:
    """The first of `name.kept-1`, `name.kept-2` ... that is free."""
    number = 1
    while os.path.lexists(place := path.with_name(f"{path.name}.kept-{number}")):
        number += 1
    return place


def _is_log(path: Path) -> bool:
    if path.is_symlink() or not path.is_file():
        return False
    with open(path, "rb") as file:
        return file.read(len(LOG)) in (LOG, b"")


@contextlib.contextmanager
def dir_lock(folder: Path) -> Iterator[None]:
    """One at a time among all processes that put results into `folder`."""
    with open_lock(folder / ".turn") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
