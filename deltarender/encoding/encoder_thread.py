"""The video encoder of a scene: a thread that receives changed rectangles and writes an MP4 file.

The caller converts changed rectangles to YUV; the rest of the picture is not touched. The file
is tagged with the matrix of that conversion.

At a forced keyframe the encoder starts over, so that later frames do not depend on earlier ones.
A video that is rendered in segments, each from one forced keyframe to another, has exactly the
same frames as one that is rendered at once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from queue import Queue
from time import thread_time
from types import MappingProxyType
from typing import Any

import av

from deltarender.encoding.adaptive_stream import AdaptiveH264Stream
from deltarender.encoding.buffer_pool import BufferPool
from deltarender.encoding.rect import Rect, full_rect
from deltarender.encoding.video_stream import VideoStream
from deltarender.encoding.x264_stream import X264Stream
from deltarender.encoding.yuv_frame import Pixels, RectSamples, convert_rect
from deltarender.errors import RenderError

ENCODINGS: Mapping[str, Callable[[Any, tuple[int, int], Fraction], VideoStream]] = MappingProxyType(
    {"fast": AdaptiveH264Stream, "small": X264Stream}
)
MAX_QUEUED_BYTES = 6_000_000  # of samples, so that memory stays bounded


class Encoder:
    """Encodes one scene to `path`: `write` queues changes, `close` completes the file.

    `size` is (width, height) in pixels, `rate` frames per second, `encode` a key of ENCODINGS.
    `write` and `close` raise RenderError or OSError if the file cannot be written.
    """

    def __init__(self, path: Path, size: tuple[int, int], rate: Fraction, encode: str) -> None:
        self.path = path
        self.frames = 0
        self.keyframes: set[int] = set()
        self.seconds = {"convert": 0.0, "encode": 0.0}
        self._size = size
        self._rate = rate
        self._encode = encode
        self._queue: Queue[tuple[list[RectSamples], int] | None] = Queue()
        self._queue_changed = threading.Condition()
        self._queued_bytes = 0
        self._buffers = BufferPool()
        self._error: BaseException | None = None
        self._thread: threading.Thread | None = None

    def write(self, pixels: Pixels, rects: Sequence[Rect], repeat: int = 1) -> None:
        """Append `pixels` (height, width, 4; RGBA) as `repeat` frames; only `rects` changed."""
        if self._error is not None:
            raise self._to_render_error(self._error)
        if self._thread is None or self.frames in self.keyframes:
            rects = [full_rect(*self._size)]
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="encoder", daemon=True)
            self._thread.start()
        start = thread_time()
        changes = [convert_rect(pixels, rect, self._buffers) for rect in rects]
        self.seconds["convert"] += thread_time() - start
        size = sum(len(samples) for _, samples in changes)
        with self._queue_changed:
            # Changes larger than the limit are queued as soon as the queue is empty.
            self._queue_changed.wait_for(
                lambda: not self._queued_bytes or self._queued_bytes + size <= MAX_QUEUED_BYTES
            )
            self._queued_bytes += size
        self.frames += repeat
        self._queue.put((changes, repeat))

    def force_keyframe(self) -> None:
        """Encode the next frame as a keyframe; the video can be split there."""
        self.keyframes.add(self.frames)

    def close(self) -> None:
        """Wait for the last frame and complete the file."""
        self._queue.put(None)
        if self._thread is not None:
            self._thread.join()
        if self._error is not None:
            raise self._to_render_error(self._error)

    def _run(self) -> None:
        try:
            with av.open(
                str(self.path), "w", format="mp4", options={"movflags": "faststart"}
            ) as out:
                stream = ENCODINGS[self._encode](out, self._size, self._rate)
                self._encode_queue(stream)
            stream.correct_level(self.path)
        except BaseException as error:
            self._error = error
            self._unblock_writer()

    def _encode_queue(self, stream: VideoStream) -> None:
        index = 0
        while (item := self._queue.get()) is not None:
            changes, repeat = item
            start = thread_time()
            for rect, samples in changes:
                stream.update_rect(rect, samples)
            self._release(changes)
            for _ in range(repeat):
                stream.add_frame(force_keyframe=index in self.keyframes)
                index += 1
            self.seconds["encode"] += thread_time() - start
        start = thread_time()
        stream.finish()
        self.seconds["encode"] += thread_time() - start

    def _release(self, changes: list[RectSamples]) -> None:
        for _, samples in changes:
            self._buffers.release(samples)
        with self._queue_changed:
            self._queued_bytes -= sum(len(samples) for _, samples in changes)
            self._queue_changed.notify()

    def _unblock_writer(self) -> None:
        """Let a blocked `write` return; the next one raises the error."""
        with self._queue_changed:
            self._queued_bytes = -(10**12)
            self._queue_changed.notify()

    def _to_render_error(self, error: BaseException) -> BaseException:
        if isinstance(error, OSError):
            return error
        return RenderError(f"the video could not be encoded: {error}", where=str(self.path))
