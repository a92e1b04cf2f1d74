"""The encoder: what is put in is what a decoder gives back, and the file says what it is."""

from __future__ import annotations

from fractions import Fraction

import av
import numpy as np
import pytest

from deltarender._native import rgba_to_yuv420p
from deltarender.encoding.buffer_pool import BufferPool
from deltarender.encoding.encoder import Encoder
from deltarender.encoding.yuv_frame import YuvFrame, patch_of, plane_of
from gradreel.errors import RenderError

SIZE = (330, 190)


def picture(seed: int) -> np.ndarray:
    """Coloured rectangles on black, opaque."""
    rng = np.random.default_rng(seed)
    pixels = np.zeros((SIZE[1], SIZE[0], 4), np.uint8)
    pixels[..., 3] = 255
    for _ in range(9):
        x, y = rng.integers(0, SIZE[0] - 50), rng.integers(0, SIZE[1] - 50)
        pixels[y : y + 43, x : x + 37, :3] = rng.integers(0, 255, 3)
    return pixels


@pytest.mark.parametrize("rect", [(48, 32, 112, 96), (0, 0, 16, 16), (304, 176, 330, 190)])
def test_converting_a_part_equals_converting_the_whole(rect):
    before, after = picture(1), picture(1)
    x0, y0, x1, y1 = rect
    after[y0:y1, x0:x1, :3] = picture(2)[y0:y1, x0:x1, :3]
    kept, whole = YuvFrame(*SIZE), YuvFrame(*SIZE)
    for pixels, changed in ((before, (0, 0, *SIZE)), (after, rect)):
        kept.put(*patch_of(pixels, changed, BufferPool()))
    whole.put(*patch_of(after, (0, 0, *SIZE), BufferPool()))
    for mine, expected in zip(kept.planes, whole.planes, strict=True):
        assert np.array_equal(mine, expected)


def test_colours_are_those_of_bt_601_in_limited_range():
    pixels = np.random.default_rng(4).integers(0, 256, (64, 96, 4), dtype=np.uint8)
    shown = YuvFrame(96, 64)
    shown.put(*patch_of(pixels, (0, 0, 96, 64), BufferPool()))
    r, g, b = np.moveaxis(pixels[..., :3].astype(float), -1, 0)
    luma = 0.299 * r + 0.587 * g + 0.114 * b

    def halved(plane):
        return plane.reshape(32, 2, 48, 2).mean(axis=(1, 3))

    expected = (
        16 + 219 / 255 * luma,
        128 + 224 / 255 * halved(b - luma) / 1.772,
        128 + 224 / 255 * halved(r - luma) / 1.402,
    )
    for plane, exact in zip(shown.planes, expected, strict=True):
        assert np.abs(plane - exact).max() < 0.52


def test_colours_are_those_of_ffmpeg():
    pixels = picture(6)
    shown = YuvFrame(*SIZE)
    shown.put(*patch_of(pixels, (0, 0, *SIZE), BufferPool()))
    theirs = av.VideoFrame.from_ndarray(pixels, format="rgba").reformat(
        format="yuv420p", dst_colorspace="ITU601", dst_color_range="MPEG"
    )
    for mine, plane in zip(shown.planes, theirs.planes, strict=True):
        away = np.abs(mine.astype(int) - plane_of(plane))
        # Away from edges, where each means colours over pixels of its own choice.
        assert np.median(away) == 0
        assert (away <= 1).mean() > 0.9


@pytest.mark.parametrize(
    ("rect", "count"), [((0, 0, 15, 16), 400), ((0, 0, 16, 192), 9999), ((0, 0, 16, 16), 99)]
)
def test_a_rectangle_that_is_not_there_is_refused(rect, count):
    with pytest.raises(ValueError, match="even edges|room for all samples"):
        rgba_to_yuv420p(picture(1), rect, np.empty(count, np.uint8))


@pytest.mark.parametrize("encode", ["fast", "small"])
def test_the_file_shows_each_change_when_it_happened(tmp_path, encode):
    first, second = picture(3), picture(3)
    second[64:96, 64:128, :3] = (250, 30, 30)
    encoder = Encoder(tmp_path / "film.mp4", SIZE, Fraction(30), encode)
    encoder.write(first, [], 7)
    encoder.write(second, [(64, 64, 128, 96)], 5)
    encoder.close()
    with av.open(str(tmp_path / "film.mp4")) as film:
        stream = film.streams.video[0]
        told = stream.codec_context
        assert (told.name, told.pix_fmt) == ("h264", "yuv420p")
        assert (stream.width, stream.height, stream.average_rate) == (*SIZE, 30)
        # BT.601 matrix in limited range, as converted; without the tags HD would be taken for 709.
        assert (int(told.colorspace), int(told.color_range)) == (6, 1)
        frames = list(film.decode(video=0))
    assert len(frames) == encoder.frames == 12
    assert [frame.pts * frame.time_base for frame in frames] == [Fraction(k, 30) for k in range(12)]
    reddest = [int(frame.to_ndarray(format="rgb24")[80, 96, 0]) for frame in frames]
    assert all(value > 230 for value in reddest[7:])
    assert all(abs(value - int(first[80, 96, 0])) < 25 for value in reddest[:7])


def decoded(path) -> list[bytes]:
    with av.open(str(path)) as film:
        return [frame.to_ndarray(format="yuv420p").tobytes() for frame in film.decode(video=0)]


@pytest.mark.parametrize("encode", ["fast", "small"])
def test_after_a_cut_frames_owe_nothing_to_those_before(tmp_path, encode):
    # Other than in SIZE, x264's look ahead reads no stray memory here: with `small` and an odd
    # number of macroblocks, two runs of the same pictures may differ.
    size = (320, 176)
    pictures = [picture(seed)[: size[1], : size[0]] for seed in (2, 3, 5, 6, 7)]
    for name, first in (("long.mp4", 0), ("short.mp4", 2)):
        encoder = Encoder(tmp_path / name, size, Fraction(30), encode)
        for number, pixels in enumerate(pictures[first:], first):
            if number == 2:
                encoder.cut()
            encoder.write(pixels, [(0, 0, *size)], 2 + number)
        encoder.close()
    whole, part = decoded(tmp_path / "long.mp4"), decoded(tmp_path / "short.mp4")
    assert len(part) == 4 + 5 + 6
    assert whole[-len(part) :] == part
    with av.open(str(tmp_path / "long.mp4")) as film:
        step = film.streams.video[0].time_base * 30
        packets = [p for p in film.demux(video=0) if p.pts is not None]
    assert sorted(p.pts * step for p in packets) == list(range(len(whole)))
    assert [p.pts * step for p in packets if p.is_keyframe] == [0, 2 + 3]


def test_faststart_puts_the_index_first(tmp_path):
    encoder = Encoder(tmp_path / "film.mp4", SIZE, Fraction(30), "fast")
    encoder.write(picture(1), [], 3)
    encoder.close()
    raw = (tmp_path / "film.mp4").read_bytes()
    assert raw.index(b"moov") < raw.index(b"mdat")


def test_a_file_that_cannot_be_written_is_an_error(tmp_path):
    encoder = Encoder(tmp_path / "nowhere" / "film.mp4", SIZE, Fraction(30), "fast")
    with pytest.raises((OSError, RenderError)):
        for _ in range(50):
            encoder.write(picture(1), [], 1)
        encoder.close()
