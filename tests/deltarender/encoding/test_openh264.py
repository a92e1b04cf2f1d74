"""A second decoder, OpenH264, shows what our encoder reconstructs, at odd sizes and rates."""

from __future__ import annotations

import numpy as np
import pytest

from deltarender._native import H264Encoder
from tests.deltarender.encoding.openh264 import OpenH264
from tests.deltarender.encoding.test_h264_encoder import noise, shapes, yuv_samples


@pytest.mark.parametrize(
    ("size", "rate"),
    [((330, 190), (30, 1)), ((16, 16), (1, 1)), ((18, 34), (24000, 1001)), ((1920, 1080), (60, 1)),
     ((854, 480), (15, 1)), ((64, 16), (1000, 1)), ((810, 1350), (50, 1))],
)  # fmt: skip
def test_openh264_shows_what_is_reconstructed(size, rate):
    coder = H264Encoder(*size, *rate, (24, 21, 27))
    decoder = OpenH264(coder.parameter_sets())
    drawn = shapes(size, 3)
    noisy = drawn.copy()
    noisy[:48, :48] = noise(size, 1)[:48, :48]
    pictures = [*(np.roll(drawn, k, (0, 1)) for k in (0, 2, 5)), noisy, drawn, drawn]
    for number, pixels in enumerate(pictures):
        coder.update_rect((0, 0, *size), yuv_samples(pixels))
        nal_unit = coder.encode(number in (0, 4), number == 0)
        np.testing.assert_array_equal(decoder.decode(nal_unit), coder.reference())
    decoder.close()
