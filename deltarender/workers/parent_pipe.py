"""The pipe from a worker to the process that started it, and its messages besides the result."""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass
from multiprocessing.connection import Connection

from deltarender.results import TaskResult


@dataclass(frozen=True, slots=True)
class Progress:
    """A message to the parent: the number of frames that are encoded so far."""

    frames: int


class ParentPipe:
    """Sends messages through a pipe, unless a scene has closed its descriptor.

    The number of a closed descriptor is given to the next file that is opened, and a message must
    not be written there.
    """

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._identity = self._inode()

    def send(self, message: Progress | TaskResult) -> None:
        """Send `message`. Raises OSError if the pipe is not open any more."""
        if self._inode() != self._identity:
            raise OSError(errno.EBADF, "the pipe was closed")
        self._pipe.send(message)

    def _inode(self) -> tuple[int, int]:
        status = os.fstat(self._pipe.fileno())
        return status.st_dev, status.st_ino
