"""Reading files of which nothing is known: pipes never block, and sizes are limited.

Standard library only.
"""

from __future__ import annotations

import errno
import os
import stat
from io import BufferedReader
from pathlib import Path
from urllib.parse import quote_from_bytes, unquote_to_bytes

URI = "file://"


def open_regular(path: str | Path) -> BufferedReader:
    """Open a regular file for reading, symbolic links followed.

    Raises OSError, also for a pipe, a device or a folder, none of which is opened for longer than
    it takes to see what it is, and for a name that no file can have.
    """
    try:
        # Without O_NONBLOCK, opening a pipe waits for somebody to write to it.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    except ValueError as error:  # a null character, or a lone surrogate
        raise OSError(errno.EINVAL, str(error)) from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "it is not a regular file", str(path))
    return os.fdopen(descriptor, "rb")


def read_limited(path: str | Path, limit: int) -> bytes:
    """The content of a regular file of at most `limit` bytes. Raises OSError, also for others."""
    with open_regular(path) as file:
        raw = file.read(limit + 1)
    if len(raw) > limit:
        raise OSError(errno.EFBIG, f"it is larger than {limit >> 20} MB", str(path))
    return raw


def path_to_text(path: str) -> str:
    """A path as text that any JSON file can hold: a file URI if the path is not valid UTF-8."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return URI + quote_from_bytes(os.fsencode(path))
    return path


def path_from_text(text: str) -> str:
    """The path that `path_to_text` has turned into `text`."""
    return os.fsdecode(unquote_to_bytes(text[len(URI) :])) if text.startswith(URI) else text
