"""Wrong use of the C encoder and of color conversion is a Python exception."""

from __future__ import annotations

from threading import Thread

import numpy as np
import pytest

from deltarender._native import H264Encoder, rgba_to_yuv420p

SIZE = (640, 360)
SETTINGS = (*SIZE, 30, 1, (24, 21, 26))
BLACK = np.zeros(SIZE[0] * SIZE[1] * 3 // 2, np.uint8)


def expect_refusal(encoder: H264Encoder) -> None:
    """Each method raises."""
    for call in (
        lambda: encoder.encode(True, True),
        lambda: encoder.update_rect((0, 0, 16, 16), BLACK),
        encoder.parameter_sets,
        encoder.reference,
    ):
        with pytest.raises(RuntimeError, match="not initialized"):
            call()


def test_an_encoder_without_init_is_refused() -> None:
    expect_refusal(H264Encoder.__new__(H264Encoder))


@pytest.mark.parametrize(
    ("settings", "error"),
    [((*SIZE, 30, 1, (24, 21, 99)), ValueError), ((63, 64, 30, 1, (24, 21, 26)), ValueError),
     ((64, 64), TypeError), (("64", 64, 30, 1, (24, 21, 26)), TypeError),
     ((*SIZE, -30, 1, (24, 21, 26)), ValueError), ((*SIZE, 2**31, 1, (24, 21, 26)), ValueError),
     ((*SIZE, 30, 2**32 + 1, (24, 21, 26)), ValueError),
     ((*SIZE, 2**70, 1, (24, 21, 26)), OverflowError)],
)  # fmt: skip
def test_an_encoder_after_a_failed_init_is_refused(settings: tuple, error: type) -> None:
    encoder = H264Encoder.__new__(H264Encoder)
    with pytest.raises(error):
        encoder.__init__(*settings)  # type: ignore[misc]
    expect_refusal(encoder)
    encoder.__init__(*SETTINGS)  # type: ignore[misc]
    assert encoder.encode(True, True)[4] == 0x65
    with pytest.raises(RuntimeError, match="twice"):
        encoder.__init__(*SETTINGS)  # type: ignore[misc]
    assert encoder.encode(False, False)[4] == 0x41


def test_two_threads_on_one_encoder_are_reported() -> None:
    encoder = H264Encoder(*SETTINGS)
    noise = np.random.default_rng(1).integers(0, 256, len(BLACK), dtype=np.uint8)
    errors: list[Exception] = []

    def encode() -> None:
        for number in range(200):
            try:
                encoder.update_rect((0, 0, *SIZE), noise if number % 2 else BLACK)
                encoder.encode(number == 0, number == 0)
            except Exception as error:
                errors.append(error)
            if errors:
                return

    threads = [Thread(target=encode) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors
    assert all("in use by another thread" in str(error) for error in errors)
    assert all(type(error) is RuntimeError for error in errors)
    assert encoder.encode(True, True)[4] == 0x65, "it can be used again"


def read_only(count: int) -> np.ndarray:
    array = np.zeros(count, np.uint8)
    array.flags.writeable = False
    return array


@pytest.mark.parametrize(
    "output",
    [np.zeros(384, object), np.zeros(384, np.float64), np.zeros(48, np.uint64), read_only(384),
     np.zeros(768, np.uint8)[::2], np.zeros(383, np.uint8), np.zeros(384, np.int8)],
)  # fmt: skip
def test_output_of_another_kind_is_refused(output: np.ndarray) -> None:
    pixels = np.full((16, 16, 4), 200, np.uint8)
    before = output.copy()
    with pytest.raises(ValueError, match="room for all samples"):
        rgba_to_yuv420p(pixels, (0, 0, 16, 16), output)
    np.testing.assert_array_equal(output, before)


@pytest.mark.parametrize(
    "pixels",
    [np.zeros((16, 16, 3), np.uint8), np.zeros((16, 16), np.uint32), np.zeros((16, 16, 4)),
     np.zeros((16, 16, 4), object), np.zeros((16, 32, 4), np.uint8)[:, ::2],
     np.zeros((16, 16, 8), np.uint8)[..., ::2],
     np.zeros(16 * 16 * 4 + 1, np.uint8)[1:].reshape(16, 16, 4)],
)  # fmt: skip
def test_pictures_of_another_kind_are_refused(pixels: np.ndarray) -> None:
    with pytest.raises(ValueError, match="RGBA bytes"):
        rgba_to_yuv420p(pixels, (0, 0, 16, 16), np.zeros(384, np.uint8))


@pytest.mark.parametrize("rect", [(0, 0, 18, 16), (2**31 - 2, 0, 16, 16), (-2, 0, 16, 16),
                                  (0, 16, 16, 0), (16, 0, 0, 16)])  # fmt: skip
def test_rectangles_outside_the_picture_are_refused(rect: tuple[int, int, int, int]) -> None:
    with pytest.raises(ValueError, match="even edges"):
        rgba_to_yuv420p(np.zeros((16, 16, 4), np.uint8), rect, np.zeros(384, np.uint8))


@pytest.mark.parametrize("samples", [np.zeros(384, object), np.zeros(384), np.zeros(383, np.uint8),
                                     np.zeros(768, np.uint8)[::2]])  # fmt: skip
def test_samples_of_another_kind_are_refused(samples: np.ndarray) -> None:
    with pytest.raises(ValueError, match="all its samples"):
        H264Encoder(*SETTINGS).update_rect((0, 0, 16, 16), samples)
