"""Files that appear whole or not at all, and scratch folders that outlive nobody.

A scratch folder is locked by the process that made it. Whoever comes next removes those whose
lock is free, so that a killed run leaves nothing for long.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from deltarender.errors import RenderError

LOCK = "lock"


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


def atomic_write_json(path: Path, data: Any) -> None:
    """Write data as JSON, whole."""
    atomic_write(path, json.dumps(data, ensure_ascii=False, indent=1) + "\n")


def atomic_move(source: Path, target: Path) -> None:
    """Put a finished file or folder of the same file system in its place."""
    if source.is_dir():
        # A folder cannot replace another in one step; the old one goes just before.
        old = source.with_name(source.name + ".old")
        if target.exists():
            target.rename(old)
        source.rename(target)
        shutil.rmtree(old, ignore_errors=True)
    else:
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
            lock = open(folder / LOCK, "w")  # noqa: SIM115, held for as long as the folder is
            fcntl.flock(lock, fcntl.LOCK_EX)
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
            if not _held(folder):
                shutil.rmtree(folder, ignore_errors=True)


def _held(folder: Path) -> bool:
    try:
        with open(folder / LOCK) as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False


@contextlib.contextmanager
def dir_lock(folder: Path) -> Iterator[None]:
    """One at a time among all processes that put results into `folder`."""
    with open(folder / ".turn", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
