"""Records every file that this process opens for reading, with an audit hook."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy

SYSTEM_FOLDERS = ("/proc", "/sys", "/dev", "/usr", "/etc")


class ReadTracker:
    """The files read since construction: `digests` maps real paths to SHA-256 at first read.

    Not recorded: files of Python and of installed packages, files below `excluded` folders, and
    files that this process has opened for writing.
    """

    def __init__(self, excluded: Iterable[Path]) -> None:
        self.digests: dict[str, str] = {}
        # numpy stands for all packages: sys.prefix is not always where they are installed.
        site_packages = os.path.dirname(os.path.dirname(numpy.__file__))
        libraries = {sys.prefix, sys.base_prefix, site_packages, *SYSTEM_FOLDERS}
        self._excluded = tuple(
            os.path.join(os.path.realpath(p), "") for p in (*libraries, *map(str, excluded))
        )
        self._written: set[str] = set()
        self._in_hook = False
        self._active = True
        sys.addaudithook(self._on_audit_event)

    def stop(self) -> None:
        """Stop recording. The hook itself stays: Python cannot remove audit hooks."""
        self._active = False

    def note(self, path: str) -> None:
        """Record `path` as read."""
        real = os.path.realpath(path)
        if "__pycache__" in real and real.endswith(".pyc"):
            real = importlib.util.source_from_cache(real)
        if real in self.digests or real in self._written or real.startswith(self._excluded):
            return
        if os.path.isfile(real):
            with open(real, "rb") as file:
                self.digests[real] = hashlib.sha256(file.read()).hexdigest()

    def _on_audit_event(self, event: str, args: tuple[Any, ...]) -> None:
        # `note` opens files itself, which would call this hook again.
        if event != "open" or not self._active or self._in_hook:
            return
        path, mode, flags = args
        if isinstance(path, bytes):
            path = os.fsdecode(path)
        if not isinstance(path, (str, os.PathLike)):
            return
        self._in_hook = True
        try:
            writing = (flags or 0) & (os.O_WRONLY | os.O_RDWR) or set(mode or "") & set("wax+")
            if writing:
                self._written.add(os.path.realpath(path))
            else:
                self.note(os.fspath(path))
        except (OSError, ValueError, NotImplementedError):
            # An unreadable file is reported to the scene by its own `open`, not here.
            pass
        finally:
            self._in_hook = False
