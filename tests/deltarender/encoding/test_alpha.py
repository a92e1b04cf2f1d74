"""Straight alpha from cairo's premultiplied alpha."""

from __future__ import annotations

import numpy as np

from deltarender.encoding.unpremultiply import unpremultiply


def test_multiplying_by_alpha_again_gives_the_input() -> None:
    color, alpha = np.mgrid[0:256, 0:256]
    premultiplied = np.minimum(color, alpha)
    pixels = np.stack([premultiplied, premultiplied // 2, alpha * 0, alpha], -1).astype(np.uint8)
    straight = unpremultiply(pixels).astype(int)
    again = np.rint(straight[..., :3] * straight[..., 3:] / 255)
    assert (again == pixels[..., :3]).all()
    assert (straight[..., 3] == alpha).all()


def test_opaque_and_fully_transparent_pixels_are_unchanged() -> None:
    opaque = np.random.default_rng(1).integers(0, 256, (20, 30, 4), dtype=np.uint8)
    opaque[..., 3] = 255
    clear = np.zeros((2, 2, 4), np.uint8)
    assert (unpremultiply(opaque) == opaque).all()
    assert (unpremultiply(clear) == clear).all()
