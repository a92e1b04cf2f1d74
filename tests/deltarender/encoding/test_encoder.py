"""The encoder: a decoder returns what was written, and the file's metadata is right."""

from __future__ import annotations

from fractions import Fraction

import av
import numpy as np
import pytest

from deltarender._native import rgba_to_yuv420p
from deltarender.encoding.buffer_pool import BufferPool
from deltarender.encoding.encoder_thread import Encoder
from deltarender.encoding.rect import full_rect
from deltarender.encoding.yuv_frame import YuvFrame, convert_rect, plane_array
from deltarender.errors import RenderError

SIZE = (330, 190)


def random_frame(seed: int) -> np.ndarray:
    """Colored rectangles on black, opaque."""
    rng = np.random.default_rng(seed)
    pixels = np.zeros((SIZE[1], SIZE[0], 4), np.uint8)
    pixels[..., 3] = 255
    for _ in range(9):
        x, y = rng.integers(0, SIZE[0] - 50), rng.integers(0, SIZE[1] - 50)
        pixels[y : y + 43, x : x + 37, :3] = rng.integers(0, 255, 3)
    return pixels


def yuv_of(pixels: np.ndarray) -> YuvFrame:
    height, width = pixels.shape[:2]
    frame = YuvFrame(width, height)
    frame.update_rect(*convert_rect(pixels, full_rect(width, height), BufferPool()))
    return frame


@pytest.mark.parametrize("rect", [(48, 32, 112, 96), (0, 0, 16, 16), (304, 176, 330, 190)])
def test_converting_a_rectangle_equals_converting_the_whole_frame(rect):
    before, after = random_frame(1), random_frame(1)
    x0, y0, x1, y1 = rect
    after[y0:y1, x0:x1, :3] = random_frame(2)[y0:y1, x0:x1, :3]
    updated = yuv_of(before)
    updated.update_rect(*convert_rect(after, rect, BufferPool()))
    for plane, expected in zip(updated.planes, yuv_of(after).planes, strict=True):
        assert np.array_equal(plane, expected)


@pytest.mark.parametrize(
    ("height", "red", "blue"),
    [(64, 0.299, 0.114), (718, 0.299, 0.114), (720, 0.2126, 0.0722), (1080, 0.2126, 0.0722)],
)
def test_colors_have_the_matrix_that_players_assume_for_the_size(height, red, blue):
    pixels = np.random.default_rng(4).integers(0, 256, (height, 96, 4), dtype=np.uint8)
    r, g, b = np.moveaxis(pixels[..., :3].astype(float), -1, 0)
    luma = red * r + (1 - red - blue) * g + blue * b

    def subsampled(plane):
        return plane.reshape(height // 2, 2, 48, 2).mean(axis=(1, 3))

    expected = (
        16 + 219 / 255 * luma,
        128 + 224 / 255 * subsampled(b - luma) / (2 - 2 * blue),
        128 + 224 / 255 * subsampled(r - luma) / (2 - 2 * red),
    )
    for plane, exact in zip(yuv_of(pixels).planes, expected, strict=True):
        assert np.abs(plane - exact).max() < 0.52


@pytest.mark.parametrize("encode", ["fast", "small"])
@pytest.mark.parametrize(("height", "matrix"), [(718, 6), (720, 1)])
def test_a_file_is_tagged_with_its_matrix(tmp_path, encode, height, matrix):
    red = np.zeros((height, 64, 4), np.uint8)
    red[...] = (252, 98, 85, 255)
    encoder = Encoder(tmp_path / "film.mp4", (64, height), Fraction(30), encode)
    encoder.write(red, [], 2)
    encoder.close()
    with av.open(str(tmp_path / "film.mp4")) as video:
        context = video.streams.video[0].codec_context
        frame = next(video.decode(video=0))
    assert (int(context.colorspace), int(context.color_range)) == (matrix, 1)
    assert (int(frame.colorspace), int(context.color_primaries), int(context.color_trc)) in (
        (matrix, 1, 1), (5, 1, 1),
    )  # fmt: skip
    shown = frame.to_ndarray(format="rgb24").astype(int)
    assert np.abs(shown - (252, 98, 85)).max() <= 3


def test_colors_are_close_to_ffmpegs():
    pixels = random_frame(6)
    theirs = av.VideoFrame.from_ndarray(pixels, format="rgba").reformat(
        format="yuv420p", dst_colorspace="ITU601", dst_color_range="MPEG"
    )
    for ours, plane in zip(yuv_of(pixels).planes, theirs.planes, strict=True):
        difference = np.abs(ours.astype(int) - plane_array(plane))
        # At edges, each averages colors over different pixels.
        assert np.median(difference) == 0
        assert (difference <= 1).mean() > 0.9


@pytest.mark.parametrize(
    ("rect", "count"), [((0, 0, 15, 16), 400), ((0, 0, 16, 192), 9999), ((0, 0, 16, 16), 99)]
)
def test_an_invalid_rectangle_is_refused(rect, count):
    with pytest.raises(ValueError, match="even edges|room for all samples"):
        rgba_to_yuv420p(random_frame(1), rect, np.empty(count, np.uint8))


@pytest.mark.parametrize("encode", ["fast", "small"])
def test_each_change_is_shown_at_its_frame(tmp_path, encode):
    first, second = random_frame(3), random_frame(3)
    second[64:96, 64:128, :3] = (250, 30, 30)
    encoder = Encoder(tmp_path / "film.mp4", SIZE, Fraction(30), encode)
    encoder.write(first, [], 7)
    encoder.write(second, [(64, 64, 128, 96)], 5)
    encoder.close()
    with av.open(str(tmp_path / "film.mp4")) as video:
        stream = video.streams.video[0]
        context = stream.codec_context
        assert (context.name, context.pix_fmt) == ("h264", "yuv420p")
        assert (stream.width, stream.height, stream.average_rate) == (*SIZE, 30)
        frames = list(video.decode(video=0))
    assert len(frames) == encoder.frames == 12
    assert [frame.pts * frame.time_base for frame in frames] == [Fraction(k, 30) for k in range(12)]
    red = [int(frame.to_ndarray(format="rgb24")[80, 96, 0]) for frame in frames]
    assert all(value > 230 for value in red[7:])
    assert all(abs(value - int(first[80, 96, 0])) < 25 for value in red[:7])


def decode(path) -> list[bytes]:
    with av.open(str(path)) as video:
        return [frame.to_ndarray(format="yuv420p").tobytes() for frame in video.decode(video=0)]


@pytest.mark.parametrize("encode", ["fast", "small"])
def test_frames_after_a_forced_keyframe_do_not_depend_on_earlier_ones(tmp_path, encode):
    # Not SIZE: with an odd number of macroblocks, x264's lookahead reads uninitialized memory,
    # and two runs with the same input may differ.
    size = (320, 176)
    pictures = [random_frame(seed)[: size[1], : size[0]] for seed in (2, 3, 5, 6, 7)]
    for name, first in (("long.mp4", 0), ("short.mp4", 2)):
        encoder = Encoder(tmp_path / name, size, Fraction(30), encode)
        for number, pixels in enumerate(pictures[first:], first):
            if number == 2:
                encoder.force_keyframe()
            encoder.write(pixels, [(0, 0, *size)], 2 + number)
        encoder.close()
    whole, part = decode(tmp_path / "long.mp4"), decode(tmp_path / "short.mp4")
    assert len(part) == 4 + 5 + 6
    assert whole[-len(part) :] == part
    with av.open(str(tmp_path / "long.mp4")) as video:
        frames_per_tick = video.streams.video[0].time_base * 30
        packets = [p for p in video.demux(video=0) if p.pts is not None]
    assert sorted(p.pts * frames_per_tick for p in packets) == list(range(len(whole)))
    assert [p.pts * frames_per_tick for p in packets if p.is_keyframe] == [0, 2 + 3]


@pytest.mark.parametrize("encode", ["fast", "small"])
@pytest.mark.parametrize("lengths", [(1, 12), (2, 1, 1, 9), (1, 1, 1)])
def test_stretches_of_a_frame_or_two_are_followed_by_others(tmp_path, encode, lengths):
    encoder = Encoder(tmp_path / "film.mp4", SIZE, Fraction(30), encode)
    for stretch, length in enumerate(lengths):
        encoder.force_keyframe()
        for k in range(length):
            encoder.write(random_frame(10 * stretch + k), [(0, 0, *SIZE)], 1)
    encoder.close()
    with av.open(str(tmp_path / "film.mp4")) as video:
        times = [frame.pts * frame.time_base for frame in video.decode(video=0)]
    assert times == [Fraction(k, 30) for k in range(sum(lengths))]


def test_faststart_puts_the_index_first(tmp_path):
    encoder = Encoder(tmp_path / "film.mp4", SIZE, Fraction(30), "fast")
    encoder.write(random_frame(1), [], 3)
    encoder.close()
    content = (tmp_path / "film.mp4").read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")


def test_an_unwritable_file_is_an_error(tmp_path):
    encoder = Encoder(tmp_path / "nowhere" / "film.mp4", SIZE, Fraction(30), "fast")
    with pytest.raises((OSError, RenderError)):
        for _ in range(50):
            encoder.write(random_frame(1), [], 1)
        encoder.close()
