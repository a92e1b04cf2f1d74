"""A folder of compiled texts that all processes share: each text is compiled once.

A process compiles into folders of its own, as Manim writes files in several steps and deletes all
others beside them. A complete file is then put into the store, at once and under its own name.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from deltarender.atomic_files import atomic_write, open_lock
from deltarender.regular_files import read_limited

FORCED_BY = "forced-by"  # a file that names the forced run which emptied the store
MAX_AGE_S = 30 * 86_400  # a store that nobody used for so long is removed
MAX_BYTES = 100_000_000  # of one text
LOCKS = 64


class TextStore:
    """The texts that were laid out under the same `made_with`, below the folder `parent`.

    Each run that is `forced_by` another name empties the store once. A store that cannot be used,
    because the folder is a link or the disk is full, keeps nothing.
    """

    def __init__(self, parent: Path, made_with: str, forced_by: str = "") -> None:
        texts = parent / "texts"
        self.folder = texts / hashlib.sha256(made_with.encode(errors="replace")).hexdigest()[:16]
        self._usable = False
        with contextlib.suppress(OSError):
            if texts.is_symlink() or self.folder.is_symlink():
                return
            is_new = not self.folder.exists()
            self.folder.mkdir(parents=True, exist_ok=True)
            self._empty_once(forced_by)
            os.utime(self.folder)
            if is_new:
                _remove_unused(texts)
            self._usable = True

    @contextlib.contextmanager
    def text(self, name: str, local: Path) -> Iterator[None]:
        """In the block, `local` is compiled unless it exists; the store has it under `name`.

        Another process that needs the same text waits meanwhile.
        """
        if not self._usable or local.exists() or self._fetch(name, local):
            yield
            return
        with self._locked(name):
            is_new = not self._fetch(name, local)
            yield
            if is_new:
                self._put(name, local)

    @contextlib.contextmanager
    def _locked(self, name: str) -> Iterator[None]:
        """Hold the lock for `name`, if there can be one."""
        number = int(hashlib.sha256(name.encode()).hexdigest(), 16) % LOCKS
        with contextlib.ExitStack() as stack:
            with contextlib.suppress(OSError):
                lock = stack.enter_context(open_lock(self.folder / f"lock-{number}"))
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _fetch(self, name: str, local: Path) -> bool:
        try:
            content = read_limited(self.folder / name, MAX_BYTES)
            local.parent.mkdir(parents=True, exist_ok=True)
            local.write_bytes(content)
        except OSError:
            return False
        return True

    def _put(self, name: str, local: Path) -> None:
        with contextlib.suppress(OSError):
            atomic_write(self.folder / name, read_limited(local, MAX_BYTES))

    def _empty_once(self, forced_by: str) -> None:
        with open_lock(self.folder / FORCED_BY) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if not forced_by or file.read() == forced_by.encode():
                return
            for path in self.folder.glob("*.svg"):
                path.unlink(missing_ok=True)
            file.seek(0)
            file.truncate()
            file.write(forced_by.encode())


def _remove_unused(texts: Path) -> None:
    """Remove the stores that were not used for MAX_AGE_S: fonts and libraries have changed."""
    for folder in texts.iterdir():
        with contextlib.suppress(OSError):
            if time.time() - folder.lstat().st_mtime > MAX_AGE_S and not folder.is_symlink():
                shutil.rmtree(folder, ignore_errors=True)
