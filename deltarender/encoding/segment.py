"""Encodes a segment of a video, to be joined with others of the same size and rate."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import av

from deltarender.encoding.adaptive_stream import AdaptiveH264Stream
from deltarender.encoding.buffer_pool import BufferPool
from deltarender.encoding.yuv_frame import RectSamples


class SegmentEncoder:
    """Writes changed rectangles to an MP4 or MOV file, which appears at `target` when complete.

    `size` is (width, height) in pixels, `rate` frames per second; `buffers` is where the samples
    were acquired. The interface is that of Manim's VideoSegmentEncoder.
    """

    def __init__(
        self, target: Path, size: tuple[int, int], rate: Fraction, buffers: BufferPool
    ) -> None:
        self.target = target
        self._buffers = buffers
        target.parent.mkdir(parents=True, exist_ok=True)
        # Manim takes any file with a segment's name for complete, even after a crash.
        self._unfinished = target.with_name(f".{target.name}.part")
        container_format = target.suffix.removeprefix(".")
        self._container = av.open(str(self._unfinished), "w", format=container_format)
        self._stream = AdaptiveH264Stream(self._container, size, rate)

    def write_frame(self, changes: Sequence[RectSamples], *, repeat: int) -> None:
        """Change the picture, and append it as `repeat` frames. The first change is all of it."""
        for rect, samples in changes:
            self._stream.update_rect(rect, samples)
            self._buffers.release(samples)
        for _ in range(repeat):
            self._stream.add_frame()

    def finish(self) -> None:
        """Complete the file."""
        self._stream.finish()
        self._container.close()
        self._stream.correct_level(self._unfinished)
        self._unfinished.replace(self.target)

    def abort(self) -> None:
        """Remove what was written."""
        with suppress(av.FFmpegError):  # such as for a file without frames
            self._container.close()
        self._unfinished.unlink(missing_ok=True)
