"""Pictures taken from videos have the colors that were drawn."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from deltarender.encoding.encoder_thread import Encoder
from gradreel.publish.video_frames import frame_at


@pytest.mark.parametrize("height", [480, 720])
@pytest.mark.parametrize("color", [(14, 20, 27), (236, 230, 226), (252, 98, 85)])
def test_the_colors_of_a_poster_are_the_drawn_ones(tmp_path, height, color):
    pixels = np.zeros((height, 64, 4), np.uint8)
    pixels[...] = (*color, 255)
    encoder = Encoder(tmp_path / "film.mp4", (64, height), Fraction(10), "fast")
    encoder.write(pixels, [], 3)
    encoder.close()
    shown = np.asarray(frame_at(tmp_path / "film.mp4", 0.1)).astype(int)
    assert np.abs(shown - color).max() <= 1
