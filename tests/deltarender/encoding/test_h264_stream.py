"""Our own coder: FFmpeg's decoder shows, sample for sample, what the coder says it does."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deltarender._native import Coder, to_yuv
from deltarender.encoding.encoder import Encoder
from deltarender.encoding.yuv_frame import plane_array


def samples(pixels: np.ndarray) -> np.ndarray:
    height, width = pixels.shape[:2]
    made = np.empty(width * height * 3 // 2, np.uint8)
    to_yuv(np.ascontiguousarray(pixels), (0, 0, width, height), made)
    return made


def coder(size: tuple[int, int], quantizer: int = 24) -> Coder:
    return Coder(*size, 30, 1, (quantizer, quantizer - 3, min(quantizer + 3, 29)))


class Decoder:
    """FFmpeg's, which stops at the first bit that it does not understand."""

    def __init__(self, sets: bytes) -> None:
        self._context = av.CodecContext.create("h264", "r")
        self._context.extradata = sets
        self._context.options = {"err_detect": "explode", "flags": "low_delay"}
        self._context.thread_count = 1

    def shown(self, unit: bytes) -> np.ndarray:
        (frame,) = self._context.decode(av.Packet(unit))
        return np.concatenate([plane_array(plane).ravel() for plane in frame.planes])


def follow(size: tuple[int, int], pictures, quantizer: int = 24, keys=(0,)) -> list[int]:
    """Code pictures, holding each against the decoder and its source; sizes in bytes."""
    making = coder(size, quantizer)
    decoder = Decoder(making.sets())
    sizes = []
    for number, pixels in enumerate(pictures):
        wanted = samples(pixels)
        making.put((0, 0, *size), wanted)
        unit = making.code(number in keys, number == 0)
        shown = decoder.shown(unit)
        np.testing.assert_array_equal(shown, making.shown())
        away = np.abs(shown.astype(int) - wanted)
        # A step of the quantizer is 2^(q/6)/1.6; no sample can be off by many.
        assert away.max() <= 10 * 2 ** (quantizer / 6)
        assert away.mean() <= 2 ** (quantizer / 6)
        sizes.append(len(unit))
    return sizes


def shapes(size: tuple[int, int], seed: int, shift: float = 0.0) -> np.ndarray:
    """Soft discs and bars on black, which can be moved by parts of a pixel."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[: size[1], : size[0]]
    pixels = np.zeros((size[1], size[0], 4))
    pixels[..., 3] = 255
    for _ in range(5):
        cx, cy, r = rng.uniform(0, size[0]), rng.uniform(0, size[1]), rng.uniform(3, 40)
        share = np.clip(r - np.hypot(x - cx - shift, y - cy - shift / 3), 0, 1)[..., None]
        pixels[..., :3] = pixels[..., :3] * (1 - share) + share * rng.uniform(0, 255, 3)
    return pixels.round().astype(np.uint8)


def noise(size: tuple[int, int], seed: int, low: int = 0, high: int = 256) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.integers(low, high, (size[1], size[0], 4), dtype=np.uint8)


SIZES = [(330, 190), (128, 64), (16, 16), (2, 2), (18, 34), (64, 16), (16, 80), (1920, 1080)]


@pytest.mark.parametrize("size", SIZES)
def test_shapes_that_change(size):
    follow(size, [shapes(size, seed) for seed in range(4)])


@pytest.mark.parametrize("step", [0.25, 0.5, 1, 1.75, 2.6, 7, 40])
def test_shapes_that_move(step):
    size = (330, 190)
    sizes = follow(size, [shapes(size, 3, step * k) for k in range(12)])
    assert max(sizes[1:]) < 2 * sizes[0]


@pytest.mark.parametrize("quantizer", [15, 18, 22, 24, 29])
def test_noise(quantizer):
    size = (72, 54)
    follow(size, [noise(size, seed) for seed in range(3)], quantizer)


def test_extremes():
    """Black and white by turns, pixel for pixel: the largest coefficients there are."""
    size = (64, 48)
    y, x = np.mgrid[: size[1], : size[0]]
    boards = [
        (x // a + y // b) % 2 for a, b in ((1, 1), (1, 64), (64, 1), (2, 3), (4, 4), (16, 16))
    ]
    pictures = [np.repeat((255 * board)[..., None], 4, -1).astype(np.uint8) for board in boards]
    follow(size, [picture for board in pictures for picture in (board, 255 - board)], 15)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 40), st.integers(1, 30), st.integers(0, 10**6), st.integers(15, 29),
    st.lists(st.integers(0, 5), min_size=2, max_size=8),
)  # fmt: skip
def test_whatever_is_shown(columns, rows, seed, quantizer, kinds):
    size = (2 * columns, 2 * rows)
    rng = np.random.default_rng(seed)
    pictures = [shapes(size, seed)]
    for number, kind in enumerate(kinds):
        last = pictures[-1].copy()
        shift = tuple(int(n) for n in rng.integers(-9, 10, 2))
        x, y = int(rng.integers(0, size[0])), int(rng.integers(0, size[1]))
        if kind == 0:
            last = np.roll(last, shift, (0, 1))
        elif kind == 1:
            last[y : y + 20, x : x + 20] = rng.integers(0, 256, 4)
        elif kind == 2:
            last = shapes(size, seed + number)
        elif kind == 3:
            last[y:, x:] = noise(size, seed + number)[y:, x:]
        elif kind == 4:
            last = (last * 0.8).astype(np.uint8)
        pictures.append(last)
    follow(size, pictures, quantizer, keys=(0, 3))


def test_a_picture_in_which_nothing_changes_takes_a_dozen_bytes():
    size = (320, 180)
    sizes = follow(size, [shapes(size, 1)] * 40)
    assert max(sizes[1:]) <= 12 < sizes[0]


def test_only_what_has_changed_is_coded():
    size = (320, 192)
    before = shapes(size, 1)
    after = before.copy()
    after[64:80, 96:112] = (200, 40, 90, 255)
    making = coder(size)
    making.put((0, 0, *size), samples(before))
    making.code(True, True)
    first = making.shown()
    making.put((0, 0, *size), samples(after))
    making.code(False, False)
    luma = (making.shown() != first)[: size[0] * size[1]].reshape(size[1], size[0])
    rows, columns = np.nonzero(luma)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (64, 79, 96, 111)


def test_a_plain_area_becomes_exactly_plain():
    """What has passed leaves no trace on the ground."""
    size = (160, 96)
    ground = np.full((size[1], size[0], 4), (13, 17, 23, 255), np.uint8)
    making = coder(size)
    for k in range(30):
        pixels = ground.copy()
        pixels[30:50, 4 * k : 4 * k + 20] = (230, 60, 20, 255)
        making.put((0, 0, *size), samples(pixels))
        making.code(k == 0, k == 0)
    making.put((0, 0, *size), samples(ground))
    making.code(False, False)
    assert np.abs(making.shown().astype(int) - samples(ground)).max() <= 1


def test_what_moves_is_made_good_once_it_rests():
    size = (160, 96)
    making = coder(size)
    decoder = Decoder(making.sets())
    pictures = [shapes(size, 5, 1.3 * k) for k in range(12)]
    errors = []
    for number, pixels in enumerate(pictures + pictures[-1:] * 8):
        making.put((0, 0, *size), samples(pixels))
        shown = decoder.shown(making.code(number == 0, number == 0))
        np.testing.assert_array_equal(shown, making.shown())
        errors.append(((shown.astype(int) - samples(pixels)) ** 2).mean())
    assert errors[-1] < 0.8 * errors[11]
    assert all(later <= sooner for sooner, later in zip(errors[11:], errors[12:], strict=False))
    assert errors[-1] == errors[-5], "it is made good once, and at once"


def test_parts_make_the_same_film_as_the_whole():
    size = (96, 64)
    one, other = coder(size), coder(size)
    for seed in range(5):
        whole = samples(shapes(size, seed))
        one.put((0, 0, *size), whole)
        planes = np.split(whole, [size[0] * size[1], size[0] * size[1] * 5 // 4])
        for left, top, right, bottom in ((0, 0, 50, 22), (50, 0, 96, 22), (0, 22, 96, 64)):
            part = [
                plane.reshape(size[1] // fine, -1)[
                    top // fine : bottom // fine, left // fine : right // fine
                ]
                for plane, fine in zip(planes, (1, 2, 2), strict=True)
            ]
            other.put((left, top, right, bottom), np.concatenate([p.ravel() for p in part]))
        assert one.code(seed == 0, seed == 0) == other.code(seed == 0, seed == 0)


@pytest.mark.parametrize(
    ("rect", "count"),
    [((0, 0, 15, 16), 400), ((0, 0, 66, 16), 9999), ((-2, 0, 16, 16), 999), ((0, 0, 16, 16), 99),
     ((16, 0, 16, 16), 99), ((0, 0, 16, 66), 9999)],
)  # fmt: skip
def test_a_part_that_is_not_there_is_refused(rect, count):
    with pytest.raises(ValueError, match="even edges"):
        coder((64, 64)).put(rect, np.zeros(count, np.uint8))


@pytest.mark.parametrize(
    "wrong", [(63, 64, 30, 1, 24, 21, 26), (64, 0, 30, 1, 24, 21, 26), (64, 64, 30, 1, 40, 21, 26),
              (64, 64, 30, 1, 24, 21, 30), (64, 64, 30, 1, 24, 11, 26), (64, 64, 0, 1, 24, 21, 26),
              (99998, 64, 30, 1, 24, 21, 26)]
)  # fmt: skip
def test_what_cannot_be_coded_is_refused(wrong):
    with pytest.raises(ValueError, match="even"):
        Coder(*wrong[:4], wrong[4:])


@pytest.mark.parametrize(
    ("size", "rate", "level"),
    [((854, 480), 15, 30), ((1280, 720), 30, 31), ((1920, 1080), 60, 42), ((2560, 1440), 60, 51),
     ((3840, 2160), 60, 52)],
)  # fmt: skip
def test_the_level_is_the_least_that_holds_it(size, rate, level):
    sets = Coder(*size, rate, 1, (24, 21, 26)).sets()
    assert sets[4] == 0x67
    assert tuple(sets[5:8]) == (66, 0xC0, level)


# -- Films -------------------------------------------------------------------------------------

SIZE = (128, 64)


def film(path: Path, holds: list[int], *, cuts: tuple[int, ...] = (), fps: int = 100) -> Path:
    """Noise that changes in a corner, each picture held for so many frames."""
    rng = np.random.default_rng(7)
    pixels = noise(SIZE, 7)
    encoder = Encoder(path, SIZE, Fraction(fps), "fast")
    for index, hold in enumerate(holds):
        x = 8 * (index % 12)
        pixels[8:40, x : x + 24] = rng.integers(0, 255, (32, 24, 4), dtype=np.uint8)
        if encoder.frames in cuts:
            encoder.force_keyframe()
        encoder.write(pixels, [(x, 8, x + 24, 40)] if index else [(0, 0, *SIZE)], hold)
    encoder.close()
    return path


def decoded(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as source:
        source.streams.video[0].codec_context.options = {"err_detect": "explode"}
        return [frame.to_ndarray() for frame in source.decode(video=0)]


def packets(path: Path) -> list[tuple[int, bool]]:
    with av.open(str(path)) as source:
        return [(p.size, p.is_keyframe) for p in source.demux(video=0) if p.size]


@pytest.mark.parametrize(
    "holds", [[1] * 40, [1, 2, 1, 3, 1, 5], [20, 1, 37, 1], [1, 17, 16, 15, 33]]
)
def test_a_held_picture_stays_as_it_is(tmp_path: Path, holds: list[int]) -> None:
    held = decoded(film(tmp_path / "held.mp4", holds))
    assert len(held) == sum(holds)
    starts = np.cumsum([0, *holds[:-1]])
    for start, hold in zip(starts, holds, strict=True):
        # Made good once, if it was in motion before; fps / 20 pictures later.
        kinds = {picture.tobytes() for picture in held[start : start + hold]}
        assert len(kinds) <= 2
        assert len({picture.tobytes() for picture in held[start + 8 : start + hold]}) <= 1


def test_long_holds_can_be_sought_in(tmp_path: Path) -> None:
    path = film(tmp_path / "f.mp4", [1, 300, 1], fps=10)
    keys = [k for k, (_, key) in enumerate(packets(path)) if key]
    assert len(keys) > 5
    assert max(np.diff([*keys, 302])) <= 50


def test_a_cut_within_a_hold(tmp_path: Path) -> None:
    pictures = decoded(film(tmp_path / "w.mp4", [3, 20, 4, 9], cuts=(23,)))
    assert len(pictures) == 36
    assert packets(tmp_path / "w.mp4")[23][1]
    np.testing.assert_array_equal(pictures[22], pictures[3])


@pytest.mark.parametrize("rate", [Fraction(60), Fraction(30000, 1001), Fraction(7), Fraction(15)])
def test_a_film_lasts_as_long_as_it_should(tmp_path: Path, rate: Fraction) -> None:
    encoder = Encoder(tmp_path / "f.mp4", SIZE, rate, "fast")
    encoder.write(noise(SIZE, 1), [], 21)
    encoder.close()
    with av.open(str(tmp_path / "f.mp4")) as source:
        stream = source.streams.video[0]
        assert stream.frames == 21
        assert stream.average_rate == pytest.approx(rate)
        times = [frame.time for frame in source.decode(video=0)]
    assert times == pytest.approx([float(k / rate) for k in range(21)], abs=1e-4)
