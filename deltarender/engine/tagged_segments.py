"""Manim's encoder for MOV and WebM, with tags that say which colors are in the file, and ProRes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import av
from av.video.reformatter import ColorRange, Colorspace
from manim.scene.video_segment_encoder import VideoSegmentEncoder

from deltarender.encoding.yuv_frame import is_hd, set_color_metadata
from deltarender.engine.sectioned_writer import CountingWriter

PRORES_OPTIONS = {"profile": "4444", "vendor": "apl0"}  # editors look for Apple's encoder


class TaggedSegmentEncoder(VideoSegmentEncoder):
    """Encodes what Manim would encode; YUV with the matrix for its size, and tagged with it."""

    def __init__(self, *, target: Any, spec: Any) -> None:
        super().__init__(target=target, spec=spec)
        self._is_yuv = spec.pixel_format.startswith("yuv")
        if self._is_yuv:
            set_color_metadata(self._stream.codec_context)

    def write_frame(self, pixels: Any, *, repeat: int = 1) -> None:
        """Write a frame of RGBA pixels `repeat` times."""
        if not self._is_yuv:
            super().write_frame(pixels, repeat=repeat)
            return
        self._validate_frame(pixels, repeat)
        matrix = Colorspace.ITU709 if is_hd(self.spec.height) else Colorspace.ITU601
        frame: Any = av.VideoFrame.from_ndarray(pixels, format="rgba").reformat(
            format=self.spec.pixel_format, dst_colorspace=matrix, dst_color_range=ColorRange.MPEG
        )
        set_color_metadata(frame)
        stream: Any = self._stream
        for _ in range(repeat):
            frame.pts, frame.time_base = self._next_pts, 1 / self.spec.frame_rate
            self._next_pts += 1
            for packet in stream.encode(frame):
                self._container.mux(packet)


class ProResSegmentEncoder(TaggedSegmentEncoder):
    """Encodes ProRes 4444, with an alpha channel where Manim's own format has one."""

    def __init__(self, *, target: Any, spec: Any) -> None:
        alpha = "a" if spec.pixel_format == "argb" else ""
        super().__init__(
            target=target,
            spec=replace(
                spec, codec="prores_ks", pixel_format=f"yuv{alpha}444p10le", options=PRORES_OPTIONS
            ),
        )


class TaggedWriter(CountingWriter):
    """Manim's own file writer, which tags the colors of its files."""

    segment_encoder: type[VideoSegmentEncoder] = TaggedSegmentEncoder

    def _create_segment_encoder(self, target: Any) -> Any:
        spec: Any = self.video_encoder
        return self.segment_encoder(target=target, spec=spec)


class ProResWriter(TaggedWriter):
    """A file writer for MOV files of ProRes 4444."""

    segment_encoder = ProResSegmentEncoder
