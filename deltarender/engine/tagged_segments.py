"""Manim's encoder for MOV and WebM, with tags that say which colors are in the file, and ProRes.

Without tags players take HD video for BT.709, and show Manim's BT.601 with other colors.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import av
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc
from manim.scene.video_segment_encoder import VideoSegmentEncoder

from deltarender.encoding.yuv_frame import set_color_metadata
from deltarender.engine.sectioned_writer import CountingWriter

PRORES_OPTIONS = {"profile": "4444", "vendor": "apl0"}  # editors look for Apple's encoder
BT709 = 1  # FFmpeg's AVColorSpace


class TaggedSegmentEncoder(VideoSegmentEncoder):
    """Encodes what Manim would encode, and tags it as BT.601 unless it is RGB."""

    def __init__(self, *, target: Any, spec: Any) -> None:
        super().__init__(target=target, spec=spec)
        if spec.pixel_format.startswith("yuv"):
            set_color_metadata(self._stream.codec_context)


class ProResSegmentEncoder(VideoSegmentEncoder):
    """Encodes ProRes 4444 in BT.709, with an alpha channel where Manim's own format has one."""

    def __init__(self, *, target: Any, spec: Any) -> None:
        alpha = "a" if spec.pixel_format == "argb" else ""
        super().__init__(
            target=target,
            spec=replace(
                spec, codec="prores_ks", pixel_format=f"yuv{alpha}444p10le", options=PRORES_OPTIONS
            ),
        )

    def write_frame(self, pixels: Any, *, repeat: int = 1) -> None:
        """Write a frame of RGBA pixels `repeat` times."""
        self._validate_frame(pixels, repeat)
        frame: Any = av.VideoFrame.from_ndarray(pixels, format="rgba").reformat(
            format=self.spec.pixel_format, dst_colorspace=Colorspace.ITU709,
            dst_color_range=ColorRange.MPEG,
        )  # fmt: skip
        frame.colorspace, frame.color_range = BT709, ColorRange.MPEG
        frame.color_primaries, frame.color_trc = ColorPrimaries.BT709, ColorTrc.BT709
        stream: Any = self._stream
        for _ in range(repeat):
            frame.pts, frame.time_base = self._next_pts, 1 / self.spec.frame_rate
            self._next_pts += 1
            for packet in stream.encode(frame):
                self._container.mux(packet)


class TaggedWriter(CountingWriter):
    """Manim's own file writer, which tags the colors of its files."""

    segment_encoder: type[VideoSegmentEncoder] = TaggedSegmentEncoder

    def _create_segment_encoder(self, target: Any) -> Any:
        spec: Any = self.video_encoder
        return self.segment_encoder(target=target, spec=spec)


class ProResWriter(TaggedWriter):
    """A file writer for MOV files of ProRes 4444."""

    segment_encoder = ProResSegmentEncoder
