"""The level of a file allows the bits that it has."""

from __future__ import annotations

from fractions import Fraction
from types import SimpleNamespace

import av
import pytest

from deltarender.encoding.concat import concatenate
from deltarender.encoding.encoder_thread import Encoder
from deltarender.encoding.h264_level import MAX_KILOBITS, BitRateMeter, level_for
from deltarender.plugin.segment_writer import SegmentWriter
from gradreel.publish.mux_film import mux_film
from tests.deltarender.encoding.test_h264_encoder import noise, shapes

SIZE, RATE, FRAMES = (400, 400), Fraction(60), 40  # 625 macroblocks: x264 encodes none of them


def levels(video):
    """The level in the description of the stream and in its SPS."""
    with av.open(str(video)) as source:
        extradata = source.streams.video[0].codec_context.extradata
        assert sum(1 for _ in source.decode(video=0)) % FRAMES == 0
    return extradata[3], extradata[11]


def encode(path, pictures):
    encoder = Encoder(path, SIZE, RATE, "fast")
    for pixels in pictures:
        encoder.write(pixels, [(0, 0, *SIZE)])
    encoder.close()
    return path


@pytest.fixture(scope="module")
def videos(tmp_path_factory):
    folder = tmp_path_factory.mktemp("levels")
    quiet = [shapes(SIZE, 1)] * FRAMES
    noisy = [noise(SIZE, seed) for seed in range(FRAMES)]
    return encode(folder / "quiet.mp4", quiet), encode(folder / "noisy.mp4", noisy)


def test_noise_raises_the_level(videos):
    quiet, noisy = videos
    assert levels(quiet) == (30, 30)
    bits = 8 * noisy.stat().st_size * RATE / FRAMES
    level, in_sps = levels(noisy)
    assert level == in_sps > 30
    assert 1000 * MAX_KILOBITS[level] >= 0.9 * bits, "the file is a little larger than its frames"


def test_joined_videos_have_the_highest_level(videos, tmp_path):
    level = levels(videos[1])
    concatenate(videos, tmp_path / "joined.mp4")
    mux_film([(path, FRAMES) for path in videos], RATE, tmp_path / "film.mp4")
    assert levels(tmp_path / "joined.mp4") == levels(tmp_path / "film.mp4") == level


def test_segments_that_manim_joins_have_the_highest_level(videos, tmp_path):
    writer = SegmentWriter.__new__(SegmentWriter)
    writer._uses_own_encoder = True
    writer.output_spec = SimpleNamespace(transparent=False, segment_extension=".mp4")
    writer.combine_files([str(path) for path in videos], tmp_path / "joined.mp4")
    assert levels(tmp_path / "joined.mp4") == levels(videos[1])


def test_the_meter_finds_the_largest_second():
    meter = BitRateMeter(Fraction(3))
    for size in (1, 5, 5, 5, 1, 1):
        meter.add_frame(size)
    assert meter.max_bits == 8 * 15


@pytest.mark.parametrize(
    ("kilobits", "at_least", "level"),
    [(100, 30, 30), (100, 42, 42), (12_501, 30, 31), (100_000, 30, 50), (10**7, 30, 62)],
)
def test_the_level_is_the_lowest_that_allows_the_bits(kilobits, at_least, level):
    assert level_for(1000 * kilobits, at_least) == level
