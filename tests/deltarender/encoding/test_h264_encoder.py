"""Our H.264 encoder: FFmpeg's decoder shows, sample for sample, what the encoder reconstructs."""

from __future__ import annotations

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deltarender._native import H264Encoder, rgba_to_yuv420p
from deltarender.encoding.yuv_frame import plane_array


def yuv_samples(pixels: np.ndarray) -> np.ndarray:
    height, width = pixels.shape[:2]
    result = np.empty(width * height * 3 // 2, np.uint8)
    rgba_to_yuv420p(np.ascontiguousarray(pixels), (0, 0, width, height), result)
    return result


def new_coder(size: tuple[int, int], quantizer: int = 24) -> H264Encoder:
    return H264Encoder(*size, 30, 1, (quantizer, quantizer - 3, min(quantizer + 3, 35)))


class Decoder:
    """FFmpeg's decoder, which raises on the first invalid bit."""

    def __init__(self, parameter_sets: bytes) -> None:
        self._context = av.CodecContext.create("h264", "r")
        self._context.extradata = parameter_sets
        self._context.options = {"err_detect": "explode", "flags": "low_delay"}
        self._context.thread_count = 1

    def decode(self, nal_unit: bytes) -> np.ndarray:
        (frame,) = self._context.decode(av.Packet(nal_unit))
        return np.concatenate([plane_array(plane).ravel() for plane in frame.planes])


def encode_and_check(
    size: tuple[int, int], pictures, quantizer: int = 24, keyframes=(0,)
) -> list[int]:
    """Encode pictures and compare each with the decoder and the source; return sizes in bytes."""
    coder = new_coder(size, quantizer)
    decoder = Decoder(coder.parameter_sets())
    sizes = []
    for number, pixels in enumerate(pictures):
        source = yuv_samples(pixels)
        coder.update_rect((0, 0, *size), source)
        nal_unit = coder.encode(number in keyframes, number == 0)
        decoded = decoder.decode(nal_unit)
        np.testing.assert_array_equal(decoded, coder.reference())
        error = np.abs(decoded.astype(int) - source)
        # The quantizer step is 2^(q/6)/1.6; no sample can be off by many steps.
        assert error.max() <= 10 * 2 ** (quantizer / 6)
        assert error.mean() <= 2 ** (quantizer / 6)
        sizes.append(len(nal_unit))
    return sizes


def shapes(size: tuple[int, int], seed: int, shift: float = 0.0) -> np.ndarray:
    """Antialiased discs on black, moved by `shift` pixels, which may be a fraction."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[: size[1], : size[0]]
    pixels = np.zeros((size[1], size[0], 4))
    pixels[..., 3] = 255
    for _ in range(5):
        cx, cy, r = rng.uniform(0, size[0]), rng.uniform(0, size[1]), rng.uniform(3, 40)
        coverage = np.clip(r - np.hypot(x - cx - shift, y - cy - shift / 3), 0, 1)[..., None]
        pixels[..., :3] = pixels[..., :3] * (1 - coverage) + coverage * rng.uniform(0, 255, 3)
    return pixels.round().astype(np.uint8)


def noise(size: tuple[int, int], seed: int, low: int = 0, high: int = 256) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.integers(low, high, (size[1], size[0], 4), dtype=np.uint8)


SIZES = [(330, 190), (128, 64), (16, 16), (2, 2), (18, 34), (64, 16), (16, 80), (1920, 1080)]


@pytest.mark.parametrize("size", SIZES)
def test_changing_shapes(size):
    encode_and_check(size, [shapes(size, seed) for seed in range(4)])


@pytest.mark.parametrize("step", [0.25, 0.5, 1, 1.75, 2.6, 7, 40])
def test_moving_shapes(step):
    size = (330, 190)
    sizes = encode_and_check(size, [shapes(size, 3, step * k) for k in range(12)])
    assert max(sizes[1:]) < 2 * sizes[0]


@pytest.mark.parametrize("quantizer", [15, 18, 24, 29, 33, 35])
def test_noise(quantizer):
    size = (72, 54)
    encode_and_check(size, [noise(size, seed) for seed in range(3)], quantizer)


def test_the_largest_coefficients():
    """Alternating black and white pixels."""
    size = (64, 48)
    y, x = np.mgrid[: size[1], : size[0]]
    patterns = [
        (x // a + y // b) % 2 for a, b in ((1, 1), (1, 64), (64, 1), (2, 3), (4, 4), (16, 16))
    ]
    pictures = [np.repeat((255 * p)[..., None], 4, -1).astype(np.uint8) for p in patterns]
    encode_and_check(size, [each for p in pictures for each in (p, 255 - p)], 15)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 40), st.integers(1, 30), st.integers(0, 10**6), st.integers(15, 35),
    st.lists(st.integers(0, 5), min_size=2, max_size=8),
)  # fmt: skip
def test_random_sequences(columns, rows, seed, quantizer, kinds):
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
    encode_and_check(size, pictures, quantizer, keyframes=(0, 3))


def test_an_unchanged_picture_takes_at_most_12_bytes():
    size = (320, 180)
    sizes = encode_and_check(size, [shapes(size, 1)] * 40)
    assert max(sizes[1:]) <= 12 < sizes[0]


def test_a_uniform_keyframe_takes_few_bits_per_macroblock():
    size = (1920, 1080)
    picture = np.full((size[1], size[0], 4), (30, 32, 38, 255), np.uint8)
    (size_of_keyframe,) = encode_and_check(size, [picture])
    assert size_of_keyframe < 8160 / 8


def test_a_macroblock_has_several_motion_vectors():
    """A bar moves over stripes: with one motion vector, a macroblock of both needs a residual."""
    size = (320, 64)
    stripes = np.zeros((size[1], size[0], 4), np.uint8)
    stripes[::4] = 255
    pictures = []
    for k in range(8):
        picture = stripes.copy()
        picture[8:24, 8 * k : 8 * k + 120] = noise((120, 16), 1)
        pictures.append(picture)
    sizes = encode_and_check(size, pictures, 30)
    assert max(sizes[2:]) < sizes[0] / 4


def test_only_changed_macroblocks_are_coded():
    size = (320, 192)
    before = shapes(size, 1)
    after = before.copy()
    after[64:80, 96:112] = (200, 40, 90, 255)
    coder = new_coder(size)
    coder.update_rect((0, 0, *size), yuv_samples(before))
    coder.encode(True, True)
    first = coder.reference()
    coder.update_rect((0, 0, *size), yuv_samples(after))
    coder.encode(False, False)
    luma = (coder.reference() != first)[: size[0] * size[1]].reshape(size[1], size[0])
    rows, columns = np.nonzero(luma)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (64, 79, 96, 111)


def test_a_uniform_area_has_no_residue():
    """A shape that moved across a uniform background leaves no trace."""
    size = (160, 96)
    background = np.full((size[1], size[0], 4), (13, 17, 23, 255), np.uint8)
    coder = new_coder(size)
    for k in range(30):
        pixels = background.copy()
        pixels[30:50, 4 * k : 4 * k + 20] = (230, 60, 20, 255)
        coder.update_rect((0, 0, *size), yuv_samples(pixels))
        coder.encode(k == 0, k == 0)
    coder.update_rect((0, 0, *size), yuv_samples(background))
    coder.encode(False, False)
    assert np.abs(coder.reference().astype(int) - yuv_samples(background)).max() <= 1


def test_moving_macroblocks_are_refined_once_after_they_stop():
    size = (160, 96)
    coder = H264Encoder(*size, 30, 1, (22, 22, 34))
    decoder = Decoder(coder.parameter_sets())
    pictures = [shapes(size, 5, 1.3 * k) for k in range(12)]
    errors = []
    for number, pixels in enumerate(pictures + pictures[-1:] * 8):
        coder.update_rect((0, 0, *size), yuv_samples(pixels))
        decoded = decoder.decode(coder.encode(number == 0, number == 0))
        np.testing.assert_array_equal(decoded, coder.reference())
        errors.append(((decoded.astype(int) - yuv_samples(pixels)) ** 2).mean())
    assert errors[-1] < 0.8 * errors[11]
    assert all(after <= before for before, after in zip(errors[11:], errors[12:], strict=False))
    assert errors[-1] == errors[-5], "refined once, and completely"


def test_faint_lines_stay_whole():
    """A grid of a contrast that the quantizer's usual step would leave nothing of."""
    size = (160, 96)
    grid = np.full((size[1], size[0], 4), (20, 22, 26, 255), np.uint8)
    grid[::11, :, :3] += 9
    grid[:, ::13, :3] += 9
    coder = H264Encoder(*size, 30, 1, (22, 22, 34))
    coder.update_rect((0, 0, *size), yuv_samples(grid))
    coder.encode(True, True)
    errors = np.abs(coder.reference().astype(int) - yuv_samples(grid))
    assert errors[: size[0] * size[1]].max() <= 4


def test_rectangles_give_the_same_bits_as_the_whole_picture():
    size = (96, 64)
    by_picture, by_rects = new_coder(size), new_coder(size)
    for seed in range(5):
        whole = yuv_samples(shapes(size, seed))
        by_picture.update_rect((0, 0, *size), whole)
        planes = np.split(whole, [size[0] * size[1], size[0] * size[1] * 5 // 4])
        for left, top, right, bottom in ((0, 0, 50, 22), (50, 0, 96, 22), (0, 22, 96, 64)):
            part = [
                plane.reshape(size[1] // n, -1)[top // n : bottom // n, left // n : right // n]
                for plane, n in zip(planes, (1, 2, 2), strict=True)
            ]
            by_rects.update_rect(
                (left, top, right, bottom), np.concatenate([p.ravel() for p in part])
            )
        assert by_picture.encode(seed == 0, seed == 0) == by_rects.encode(seed == 0, seed == 0)


@pytest.mark.parametrize(
    ("rect", "count"),
    [((0, 0, 15, 16), 400), ((0, 0, 66, 16), 9999), ((-2, 0, 16, 16), 999), ((0, 0, 16, 16), 99),
     ((16, 0, 16, 16), 99), ((0, 0, 16, 66), 9999)],
)  # fmt: skip
def test_an_invalid_rectangle_is_refused(rect, count):
    with pytest.raises(ValueError, match="even edges"):
        new_coder((64, 64)).update_rect(rect, np.zeros(count, np.uint8))


@pytest.mark.parametrize(
    "arguments",
    [(63, 64, 30, 1, 24, 21, 26), (64, 0, 30, 1, 24, 21, 26), (64, 64, 30, 1, 40, 21, 26),
     (64, 64, 30, 1, 24, 21, 36), (64, 64, 30, 1, 24, 11, 26), (64, 64, 0, 1, 24, 21, 26),
     (99998, 64, 30, 1, 24, 21, 26)],
)  # fmt: skip
def test_invalid_arguments_are_refused(arguments):
    with pytest.raises(ValueError, match="even"):
        H264Encoder(*arguments[:4], arguments[4:])


@pytest.mark.parametrize(
    ("size", "rate", "level"),
    [((854, 480), 15, 30), ((1280, 720), 30, 31), ((1920, 1080), 60, 42), ((2560, 1440), 60, 51),
     ((3840, 2160), 60, 52)],
)  # fmt: skip
def test_the_level_is_the_lowest_sufficient(size, rate, level):
    parameter_sets = H264Encoder(*size, rate, 1, (24, 21, 26)).parameter_sets()
    assert parameter_sets[4] == 0x67
    assert tuple(parameter_sets[5:8]) == (100, 0, level)
