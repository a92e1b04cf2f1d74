"""Our encoder and x264 in one video: which encodes what, and that decoders show all of it."""

from __future__ import annotations

import io
from fractions import Fraction

import av
import numpy as np
import pytest

from deltarender.encoding.adaptive_stream import AdaptiveH264Stream, parameter_sets
from deltarender.encoding.h264_stream import create_coder
from deltarender.encoding.x264_stretch import MAX_KILOBITS
from deltarender.encoding.yuv_frame import plane_array
from tests.deltarender.encoding.openh264 import OpenH264
from tests.deltarender.encoding.test_h264_encoder import shapes, yuv_samples

SIZE, RATE = (256, 128), Fraction(60)
START_CODE = b"\0\0\0\1"


def moving(count: int, start: int = 0) -> list[np.ndarray]:
    picture = np.maximum(shapes(SIZE, 4), 40)
    return [np.roll(picture, start + k, (0, 1)) for k in range(count)]


def still(count: int) -> list[np.ndarray]:
    """A picture of which one macroblock changes."""
    pictures = [shapes(SIZE, 6) for _ in range(count)]
    for k, picture in enumerate(pictures):
        picture[16:32, 32:48, :3] = 3 * k
    return pictures


def encode(
    pictures, size=SIZE, forced=(), *, file_format: str = "h264", rate: Fraction = RATE
) -> io.BytesIO:
    """Encode what changes between pictures as one rectangle."""
    output = io.BytesIO()
    with av.open(output, "w", format=file_format) as out:
        stream = AdaptiveH264Stream(out, size, rate)
        last = None
        for number, picture in enumerate(pictures):
            is_small = last is not None and np.array_equal(last[32:], picture[32:])
            left, top, right, bottom = (32, 16, 48, 32) if is_small else (0, 0, *size)
            stream.update_rect(
                (left, top, right, bottom), yuv_samples(picture[top:bottom, left:right])
            )
            stream.add_frame(number in forced)
            last = picture
        stream.finish()
    output.seek(0)
    return output


def decode(video: io.BytesIO) -> tuple[list[np.ndarray], list[int]]:
    """The samples of all frames, and which are keyframes."""
    with av.open(video) as source:
        source.streams.video[0].codec_context.options = {"err_detect": "explode"}
        frames = list(source.decode(video=0))
    samples = [np.concatenate([plane_array(p).ravel() for p in f.planes]) for f in frames]
    return samples, [number for number, frame in enumerate(frames) if frame.key_frame]


def test_x264_encodes_what_moves_and_our_encoder_the_rest():
    pictures = moving(20) + still(30) + moving(20)
    frames, keyframes = decode(encode(pictures, file_format="mp4"))
    assert keyframes == [0, 21, 50]  # of frame 20 everything differs from the one before
    for frame, picture in zip(frames, pictures, strict=True):
        assert np.square(frame - yuv_samples(picture).astype(float)).mean() < 25


def test_a_second_decoder_shows_the_same():
    video = encode(moving(20) + still(30) + moving(20))
    expected, _ = decode(io.BytesIO(parameter_sets(SIZE, RATE) + video.getvalue()))
    decoder = OpenH264(parameter_sets(SIZE, RATE))
    pictures = [unit for unit in video.getvalue().split(START_CODE) if unit]
    assert len(pictures) == len(expected) == 70
    for unit, samples in zip(pictures, expected, strict=True):
        np.testing.assert_array_equal(decoder.decode(START_CODE + unit), samples)
    decoder.close()


def test_a_video_joined_of_parts_is_the_undivided_one():
    first, second = still(6) + moving(20), moving(9, 20) + still(20)
    whole = encode(first + second, forced=(len(first),), file_format="mp4")
    parts = [decode(encode(part, file_format="mp4"))[0] for part in (first, second)]
    np.testing.assert_array_equal(decode(whole)[0], parts[0] + parts[1])


def test_noise_in_motion_keeps_to_the_bits_of_its_level():
    size, rng = (640, 320), np.random.default_rng(3)  # level 3.0 at 30 frames per second
    pictures = [rng.integers(0, 256, (320, 640, 4), dtype=np.uint8) for _ in range(40)]
    video = encode(pictures, size, rate=Fraction(30))
    assert parameter_sets(size, Fraction(30))[7] == 30
    assert 8 * len(video.getvalue()) < 1.05 * MAX_KILOBITS[30] * 1000 * (40 / 30 + 1)


def test_x264_is_not_asked_where_two_runs_of_it_may_differ():
    size = (48, 48)  # an odd number of macroblocks
    pictures = [np.ascontiguousarray(p[:48, :48]) for p in moving(20)]
    assert decode(encode(pictures, size, file_format="mp4"))[1] == [0]
    assert parameter_sets(size, RATE) == create_coder(size, RATE).parameter_sets()


@pytest.mark.parametrize("size", [(854, 480), (1280, 720), (1920, 1080), (3840, 2160)])
def test_manims_sizes_have_both_encoders(size):
    names = [unit[0] for unit in parameter_sets(size, RATE).split(START_CODE)[1:]]
    assert names == [0x67, 0x68, 0x68, 0x68], "with and without CABAC, and that of x264"
