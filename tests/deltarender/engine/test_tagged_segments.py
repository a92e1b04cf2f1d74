"""MOV and WebM say which colors they have, so that players show the drawn ones."""

from __future__ import annotations

from fractions import Fraction

import av
import numpy as np
import pytest
from manim._config.video_encoder import VideoEncoderSpec

from deltarender.engine.tagged_segments import ProResSegmentEncoder, TaggedSegmentEncoder
from deltarender.errors import UsageError
from deltarender.jobs import RenderSettings

COLORS = [(255, 0, 0, 255), (30, 200, 90, 255), (10, 20, 200, 128), (0, 0, 0, 0)]
BT601, BT709 = (5, 6), (1,)  # FFmpeg has two for BT.601
WIDTH = 1280


@pytest.mark.parametrize(
    ("kind", "codec", "pixel_format", "encoder", "height", "matrix"),
    [
        ("mov", "libx264", "yuv420p", TaggedSegmentEncoder, 480, BT601),
        ("mov", "libx264", "yuv420p", TaggedSegmentEncoder, 720, BT709),
        ("webm", "libvpx-vp9", "yuv420p", TaggedSegmentEncoder, 720, BT709),
        ("mov", "libx264", "yuv420p", ProResSegmentEncoder, 720, BT709),
        ("mov", "qtrle", "argb", ProResSegmentEncoder, 720, BT709),
    ],
)
def test_colors_are_tagged_and_close_to_the_drawn_ones(
    tmp_path, kind, codec, pixel_format, encoder, height, matrix
):
    pixels = np.repeat(np.array(COLORS, np.uint8), WIDTH // len(COLORS), 0)[None]
    pixels = np.ascontiguousarray(np.broadcast_to(pixels, (height, WIDTH, 4)))
    options = {} if codec == "qtrle" else {"crf": "23"}
    spec = VideoEncoderSpec(kind, codec, pixel_format, WIDTH, height, Fraction(30), options)
    segment = encoder(target=tmp_path / f"segment.{kind}", spec=spec)
    segment.write_frame(pixels, repeat=2)
    segment.finish()
    with av.open(str(segment.target)) as source:
        frames = list(source.decode(video=0))
        primaries = int(source.streams.video[0].codec_context.color_primaries)
    assert len(frames) == 2
    assert int(frames[0].colorspace) in matrix
    assert (int(frames[0].color_range), primaries) == (1, 1)
    shown = frames[0].to_ndarray(format="rgba")[height // 2, WIDTH // 8 :: WIDTH // 4].astype(int)
    # Where nothing is clear, or the format has no alpha, the colors are the drawn ones.
    assert np.abs(shown[:2, :3] - [color[:3] for color in COLORS[:2]]).max() <= 3
    if pixel_format == "argb":
        assert np.abs(shown - COLORS).max() <= 3


def test_prores_is_for_mov_alone():
    RenderSettings(64, 36, 10, format="mov", encode="prores", transparent=True)
    with pytest.raises(UsageError, match="--format mov"):
        RenderSettings(64, 36, 10, format="webm", encode="prores")
