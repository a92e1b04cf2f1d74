"""Conversion of videos to GIF."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from deltarender.encoding import gif
from deltarender.encoding.encoder_thread import Encoder
from deltarender.jobs import RenderSettings

SIZE = (64, 48)
COLORS = [(230, 40, 40), (40, 200, 60), (50, 60, 220), (240, 240, 240)]
FRAMES_PER_COLOR = 10


def write_video(path: Path, fps: int) -> Path:
    encoder = Encoder(path, SIZE, Fraction(fps), "fast")
    for color in COLORS:
        pixels = np.full((SIZE[1], SIZE[0], 4), (*color, 255), np.uint8)
        encoder.write(pixels, [(0, 0, *SIZE)], FRAMES_PER_COLOR)
    encoder.close()
    return path


@pytest.mark.parametrize(("fps", "step"), [(10, 1), (30, 2), (60, 4)])
def test_a_gif_has_the_colors_of_the_video_at_most_15_times_per_second(
    tmp_path: Path, fps: int, step: int
) -> None:
    target = tmp_path / "film.gif"
    count, rate = gif.convert(write_video(tmp_path / "film.mp4", fps), target)
    assert (count, rate) == (len(COLORS) * FRAMES_PER_COLOR // step, fps / step)
    with av.open(str(target)) as source:
        frames = [frame.to_ndarray(format="rgb24") for frame in source.decode(video=0)]
    assert len(frames) == count
    for number, frame in enumerate(frames):
        expected = COLORS[number * step // FRAMES_PER_COLOR]
        assert np.abs(frame.astype(int) - expected).max() <= 12


@pytest.mark.parametrize(
    ("width", "format", "transparent", "expected"),
    [(64, "gif", False, True), (64, "gif", True, False), (63, "gif", False, False),
     (64, "mp4", False, False)],
)  # fmt: skip
def test_only_opaque_gifs_of_even_size_are_converted(
    width: int, format: str, transparent: bool, expected: bool
) -> None:
    settings = RenderSettings(width, 48, 10, format=format, transparent=transparent)
    assert gif.can_convert(settings) is expected
