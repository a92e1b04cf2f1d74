"""A cache of compiled text (Typst, Pango) that persists between runs, with a lock per process."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import IO

from manim import config

from deltarender import facts
from deltarender.atomic_files import open_lock
from deltarender.errors import RenderError
from deltarender.installed_library import installed_version
from deltarender.regular_files import read_limited

MAX_FOLDERS = 1000
STAMP = "made-with"  # a file that says under which state the texts were laid out
TEXT_LIBRARIES = ("manim", "manimpango", "typst", "python")
TEXT_VARIABLES = (
    "LANG", "LC_ALL", "LC_CTYPE", "LANGUAGE", "FONTCONFIG_FILE", "FONTCONFIG_PATH", "TEXINPUTS",
)  # fmt: skip
IN_USE = "busy"  # a file that exists while a process uses the folder, and after it has crashed


@contextlib.contextmanager
def text_cache(parent: Path, made_with: str | None = None, forced_by: str = "") -> Iterator[Path]:
    """Point Manim's text folders to a cache folder below `parent` that no other process uses.

    Yields that folder. What is in it was laid out under the same `made_with`, by default the
    present `state_of_text`, or is removed. Each run that is `forced_by` another name empties it
    once.

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
            if _used_by_another(folder):
                continue
            _prepare(folder, state_of_text() if made_with is None else made_with, forced_by)
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


def _used_by_another(folder: Path) -> bool:
    """Whether a process uses the folder without a lock: its scene has closed the descriptor."""
    with contextlib.suppress(OSError, ValueError):
        user = int((folder / IN_USE).read_text())
        if user != os.getpid():
            os.kill(user, 0)
            return True
    return False


def state_of_text() -> str:
    """On what the layout of a text depends besides the text itself."""
    versions = (f"{name} {installed_version(name)}" for name in TEXT_LIBRARIES)
    variables = (f"{name}={os.environ.get(name, '')}" for name in TEXT_VARIABLES)
    return "; ".join([*versions, *variables, f"fonts {installed_fonts()}"])


@cache
def installed_fonts() -> str:
    """The state of the installed fonts when this was first called, or in the fork server."""
    return facts.fonts()


def _prepare(folder: Path, made_with: str, forced_by: str) -> None:
    """Set Manim's text folders to `folder`; empty them unless all in them can be used."""
    text_folders = (folder / "typst", folder / "texts")
    stamp = folder / STAMP
    before, _, forced_before = _read(stamp).partition("\n")
    is_forced = bool(forced_by) and forced_by != forced_before
    if (folder / IN_USE).exists() or before != made_with or is_forced:
        for text_folder in text_folders:
            shutil.rmtree(text_folder, ignore_errors=True)
        stamp.unlink(missing_ok=True)
        stamp.write_text(f"{made_with}\n{forced_by}", errors="replace")
    with open_lock(folder / IN_USE) as marker:
        marker.truncate()
        marker.write(str(os.getpid()).encode())
    config.tex_dir, config.text_dir = (str(text_folder) for text_folder in text_folders)


def _read(path: Path) -> str:
    try:
        return read_limited(path, 10_000).decode(errors="replace")
    except OSError:
        return ""
