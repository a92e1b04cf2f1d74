"""One encoder for a whole scene, in a thread of its own, fed with changed rectangles.

It keeps one picture in its own colour format. A change is converted into its place there; what does
not change is not touched. Colours are converted as Manim converts them (BT.601, limited range) and,
unlike there, the file says so.

At a cut coding begins anew, so that what comes after owes nothing to what came before: a film made
in parts, each from a cut to a cut, has the very frames of one made in one go.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from queue import Queue
from time import thread_time
from types import MappingProxyType
from typing import Any, Protocol

import av

from deltarender.encoding.buffer_pool import BufferPool
from deltarender.encoding.h264_stream import DeltaH264Stream
from deltarender.encoding.x264_stream import X264Stream
from deltarender.encoding.yuv_frame import Patch, Pixels, patch_of
from deltarender.engine.dirty_tiles import Rect, whole
from deltarender.errors import RenderError


class VideoStream(Protocol):
    """A film that is being written: one picture, which is changed part by part."""

    def put(self, rect: Rect, samples: Pixels) -> None:
        """Take over the samples of a part that has changed."""

    def add(self, cut: bool = False) -> None:
        """Show the picture for one more frame; at a cut it owes nothing to those before."""

    def end(self) -> None:
        """Write what is held back."""


ENCODINGS: Mapping[str, Callable[[Any, tuple[int, int], Fraction], VideoStream]] = MappingProxyType(
    {"fast": DeltaH264Stream, "small": X264Stream}
)
QUEUE_BYTES = 6_000_000  # samples that may wait, so that memory stays bounded


class Encoder:
    """Encodes one scene to `path`; `write` hands over changes, `close` completes the file.

    `size` is width, height in pixels. Raises RenderError where the file cannot be written.
    """

    def __init__(self, path: Path, size: tuple[int, int], rate: Fraction, encode: str) -> None:
        self.path = path
        self.frames = 0
        self.cuts: set[int] = set()
        self.seconds = {"convert": 0.0, "encode": 0.0}
        self._size = size
        self._rate = rate
        self._encode = encode
        self._queue: Queue[tuple[list[Patch], int] | None] = Queue()
        self._room = threading.Condition()
        self._waiting = 0
        self._buffers = BufferPool()
        self._fault: BaseException | None = None
        self._thread: threading.Thread | None = None

    def write(self, pixels: Pixels, rects: Sequence[Rect], repeat: int = 1) -> None:
        """Show `pixels` (height, width, 4; RGBA) for `repeat` frames; only `rects` have changed."""
        if self._fault is not None:
            raise self._told(self._fault)
        if self._thread is None or self.frames in self.cuts:
            rects = [whole(*self._size)]
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="encoder", daemon=True)
            self._thread.start()
        start = thread_time()
        changes = [patch_of(pixels, rect, self._buffers) for rect in rects]
        self.seconds["convert"] += thread_time() - start
        amount = sum(len(samples) for _, samples in changes)
        with self._room:
            # One change larger than the limit must still get through.
            self._room.wait_for(lambda: not self._waiting or self._waiting + amount <= QUEUE_BYTES)
            self._waiting += amount
        self.frames += repeat
        self._queue.put((changes, repeat))

    def cut(self) -> None:
        """Let the next frame be one where the film can be cut, sought or joined uncoded."""
        self.cuts.add(self.frames)

    def close(self) -> None:
        """Wait for the last frame and complete the file."""
        self._queue.put(None)
        if self._thread is not None:
            self._thread.join()
        if self._fault is not None:
            raise self._told(self._fault)

    def _run(self) -> None:
        try:
            with av.open(
                str(self.path), "w", format="mp4", options={"movflags": "faststart"}
            ) as out:
                self._encode_all(out)
        except BaseException as fault:
            self._fault = fault
            self._drain()

    def _encode_all(self, out: Any) -> None:
        film = ENCODINGS[self._encode](out, self._size, self._rate)
        done = 0
        while (item := self._queue.get()) is not None:
            changes, repeat = item
            start = thread_time()
            for rect, samples in changes:
                film.put(rect, samples)
            self._release(changes)
            for _ in range(repeat):
                film.add(cut=done in self.cuts)
                done += 1
            self.seconds["encode"] += thread_time() - start
        start = thread_time()
        film.end()
        self.seconds["encode"] += thread_time() - start

    def _release(self, changes: list[Patch]) -> None:
        for _, samples in changes:
            self._buffers.release(samples)
        with self._room:
            self._waiting -= sum(len(samples) for _, samples in changes)
            self._room.notify()

    def _drain(self) -> None:
        """Let a waiting `write` go on; it will find the fault next time."""
        with self._room:
            self._waiting = -(10**12)
            self._room.notify()

    def _told(self, fault: BaseException) -> BaseException:
        if isinstance(fault, OSError):
            return fault
        return RenderError(f"the video could not be encoded: {fault}", where=str(self.path))
