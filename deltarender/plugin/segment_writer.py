"""Manim's file writer with this package's encoder for the segments of MP4, MOV and GIF files.

Everything else is Manim's: paths, the cache of segments, sections, sound, joining. Where a codec,
a pixel format or an encoder's option was chosen, or the picture is transparent, Manim's encoder
writes the segments, and the pictures are still drawn incrementally.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy.typing as npt
from manim.scene.scene_file_writer import SceneFileWriter

from deltarender.encoding.adaptive_stream import parameter_sets
from deltarender.encoding.buffer_pool import BufferPool
from deltarender.encoding.concat import raise_level
from deltarender.encoding.rect import Rect, full_rect
from deltarender.encoding.segment import SegmentEncoder
from deltarender.encoding.yuv_frame import convert_rect

Pixels = npt.NDArray[Any]
CONTAINERS = ("mp4", "mov")
MANIMS_DEFAULT = ("libx264", "yuv420p", (("crf", "23"),))


class SegmentWriter(SceneFileWriter):
    """A SceneFileWriter to which the changed rectangles of each frame are passed."""

    def __init__(self, settings: Any) -> None:
        self._buffers = BufferPool()
        self._at_first_frame = False
        self._uses_own_encoder = is_default(settings.video_encoder)
        super().__init__(settings)

    def add_partial_movie_file(self, hash_animation: str | None) -> None:
        """Append the path of a segment; None for an animation that is skipped."""
        super().add_partial_movie_file(self._segment_name(hash_animation))

    def is_already_cached(self, hash_invocation: str) -> bool:
        """Whether a segment of the same animation exists, by an encoder whose streams fit."""
        return super().is_already_cached(self._segment_name(hash_invocation))

    def write_changes(self, pixels: Pixels, rects: Sequence[Rect], repeat: int) -> bool:
        """Write a frame `repeat` times, of which only `rects` changed since the last one.

        Returns False if it was not encoded, so that `rects` must be passed again with the next
        frame.
        """
        job = self._current_encode_job
        if not self._uses_own_encoder or job is None or job.failed:
            super().write_frame(pixels if job is None else pixels.copy(), repeat=repeat)
            return False
        if self._at_first_frame:
            self._at_first_frame = False
            rects = [full_rect(*pixels.shape[1::-1])]
        # The queue of the segment passes on whatever its encoder takes.
        changes: Any = [convert_rect(pixels, rect, self._buffers) for rect in rects]
        job.put(repeat, changes)
        return True

    def write_frame(self, pixels: Pixels, *, repeat: int = 1) -> None:
        """Write a frame of which everything may have changed."""
        self.write_changes(pixels, [full_rect(*pixels.shape[1::-1])], repeat)

    def combine_files(
        self, input_files: list[str], output_file: Path, *args: Any, **kw: Any
    ) -> None:
        """Join segments, and name the highest level of any: Manim takes that of the first."""
        super().combine_files(input_files, output_file, *args, **kw)
        if self._uses_own_encoder and output_file.suffix != ".gif":
            raise_level(output_file, map(Path, input_files))

    def _create_segment_encoder(self, target: Path) -> Any:
        if not self._uses_own_encoder:
            return super()._create_segment_encoder(target)
        spec: Any = self.video_encoder
        self._at_first_frame = True
        return SegmentEncoder(target, (spec.width, spec.height), spec.frame_rate, self._buffers)

    def _segment_name(self, name: Any) -> Any:
        """The name of a segment in Manim's cache, different for encoders that do not fit.

        Segments are joined without decoding them, so they must have the same parameter sets.
        """
        if name is None or not self._uses_own_encoder or name.startswith("uncached_"):
            return name
        spec: Any = self.video_encoder
        sets = parameter_sets((spec.width, spec.height), spec.frame_rate)
        return f"{name}_{hashlib.sha256(sets).hexdigest()[:8]}"


def is_default(spec: Any) -> bool:
    """Whether a VideoEncoderSpec is Manim's own choice for opaque H.264, of even size."""
    if spec is None or spec.container_format not in CONTAINERS:
        return False
    chosen = (spec.codec, spec.pixel_format, spec.options)
    return bool(chosen == MANIMS_DEFAULT and not (spec.width % 2 or spec.height % 2))
