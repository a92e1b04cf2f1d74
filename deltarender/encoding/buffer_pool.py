"""Memory for samples of pictures, used again and again.

A megabyte that is taken and dropped for each frame comes from the system and goes back to it each
time, and its pages are filled with zeros: a tenth of what a frame costs.
"""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[Any]  # of uint8

SMALLEST = 1 << 16  # bytes; less than this numpy has at hand anyway
KEPT = 24_000_000  # bytes that wait for the next use at most


class BufferPool:
    """Arrays of bytes that one thread takes and another gives back; sizes are powers of two."""

    def __init__(self) -> None:
        self._free: dict[int, list[Bytes]] = {}
        self._lock = threading.Lock()

    def take(self, count: int) -> Bytes:
        """An array of `count` bytes, whatever they are, to be given back when it is done with."""
        if count < SMALLEST:
            return np.empty(count, np.uint8)
        size = 1 << (count - 1).bit_length()
        with self._lock:
            free = self._free.get(size)
            whole = free.pop() if free else np.empty(size, np.uint8)
        return whole[:count]

    def release(self, taken: Bytes) -> None:
        """Let the memory of an array be used for another one."""
        whole = taken.base
        if whole is None:  # a small one
            return
        with self._lock:
            kept = sum(size * len(free) for size, free in self._free.items())
            if kept + whole.nbytes <= KEPT:
                self._free.setdefault(whole.nbytes, []).append(whole)
