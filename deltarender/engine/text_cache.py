"""A cache of compiled text (Typst, Pango) that persists between runs, with a lock per process."""

from __future__ import annotations

import contextlib
import fcntl
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from manim import config

from deltarender.atomic_files import open_lock
from deltarender.errors import RenderError

MAX_FOLDERS = 1000
IN_USE = "busy"  # a file that exists while a process uses the folder, and after it has crashed


@contextlib.contextmanager
def text_cache(parent: Path) -> Iterator[Path]:
    """Point Manim's text folders to a cache folder below `parent` that no other process uses.

    Yields that folder.

    Manim checks for a cached file and then writes it without a lock, so two processes must not
    share a folder. Raises RenderError if all MAX_FOLDERS folders are locked.
    """
    for number in range(MAX_FOLDERS):
        folder = parent / f"text-{number}"
        folder.mkdir(parents=True, exist_ok=True)
        lock = _locked(folder)
        if lock is None:
            continue
        with lock:
            _prepare(folder)
            yield folder
            # Not reached after an exception: the files may be incomplete, so the marker stays and
            # the next user empties the folder.
            (folder / IN_USE).unlink()
            return
    raise RenderError(f"{MAX_FOLDERS} renders use this folder at the same time.", where=str(parent))


def _locked(folder: Path) -> IO[bytes] | None:
    """The lock of a cache folder; None if another process has it, or the folder is a link."""
    if folder.is_symlink() or (folder / "lock").is_symlink():
        return None
    lock = open_lock(folder / "lock")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        return None
    return lock


def _prepare(folder: Path) -> None:
    """Set Manim's text folders to `folder`; empty them if their last user did not finish."""
    text_folders = (folder / "typst", folder / "texts")
    if (folder / IN_USE).exists():
        for text_folder in text_folders:
            shutil.rmtree(text_folder, ignore_errors=True)
    open_lock(folder / IN_USE).close()
    config.tex_dir, config.text_dir = (str(text_folder) for text_folder in text_folders)
