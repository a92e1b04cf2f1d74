"""Memory for copies of pixels, used again and again.

A copy of a few megabytes that is made and dropped for each frame is taken from the system and given
back each time, and its pages are filled with zeros: a tenth of what a frame costs.
"""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[Any]  # of uint8

SMALLEST = 1 << 16  # bytes; less than this numpy has at hand anyway
KEPT = 24_000_000  # bytes that wait for the next copy at most


class Buffers:
    """Copies that one thread takes and another gives back; sizes are powers of two."""

    def __init__(self) -> None:
        self._free: dict[int, list[Bytes]] = {}
        self._lock = threading.Lock()

    def copy(self, pixels: Bytes) -> Bytes:
        """A contiguous copy of an array of bytes, to be given back when it is done with."""
        if pixels.nbytes < SMALLEST:
            return pixels.copy()
        size = 1 << (pixels.nbytes - 1).bit_length()
        with self._lock:
            free = self._free.get(size)
            whole = free.pop() if free else np.empty(size, np.uint8)
        copied = whole[: pixels.nbytes].reshape(pixels.shape)
        np.copyto(copied, pixels)
        return copied

    def give_back(self, copied: Bytes) -> None:
        """Let the memory of a copy be used for another one."""
        whole = copied.base
        if whole is None:  # a small one
            return
        with self._lock:
            kept = sum(size * len(free) for size, free in self._free.items())
            if kept + whole.nbytes <= KEPT:
                self._free.setdefault(whole.nbytes, []).append(whole)
