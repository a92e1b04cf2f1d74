"""Images placed in a picture equal Manim's, wherever they are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from manim import IN, LEFT, PI, RIGHT, UP, Camera, ImageMobject
from PIL import Image

from deltarender import _native
from deltarender.engine import fast_images, manim_patches

SOURCE = np.random.default_rng(1).integers(0, 256, (12, 17, 4), dtype=np.uint8)


@pytest.fixture(autouse=True)
def stock_manim() -> Iterator[None]:
    manim_patches.remove()
    yield
    manim_patches.remove()


def placed(change: Any) -> ImageMobject:
    image = ImageMobject(SOURCE).scale_to_fit_height(2)
    change(image)
    return image


PLACES = {
    "inside": lambda image: None,
    "larger than the frame": lambda image: image.scale(20).shift(RIGHT),
    "at a corner": lambda image: image.shift(7 * LEFT + 3.7 * UP),
    "turned, partly outside": lambda image: image.scale(4).rotate(PI / 5).shift(4 * LEFT),
    "mirrored": lambda image: image.scale(3).flip().shift(2 * RIGHT),
    "outside": lambda image: image.shift(20 * RIGHT),
    "a point": lambda image: image.scale(0),
    "seen from the edge": lambda image: image.rotate(PI / 2, axis=UP),
    "far away": lambda image: image.scale(1e-3).shift(IN),
    "pixels": lambda image: image.set_resampling_algorithm(Image.Resampling.NEAREST),
    "faint": lambda image: image.set_opacity(0.3).scale(3),
    "nowhere": lambda image: setattr(image, "points", image.points * np.nan),
}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("place", PLACES)
def test_images_equal_manims(place: str) -> None:
    backdrop = np.random.default_rng(2).integers(0, 256, (36, 64, 4), dtype=np.uint8)
    camera = Camera(pixel_width=64, pixel_height=36)
    results = []
    for display in (fast_images.display_image_mobject, Camera.display_image_mobject):
        pixels = backdrop.copy()
        try:
            display(camera, placed(PLACES[place]), pixels)
        except Exception as error:  # what Manim refuses
            results.append(type(error).__name__)
        else:
            results.append(pixels.tobytes())
    assert results[0] == results[1]


def test_this_machines_pillow_rounds_alike() -> None:
    assert fast_images._equals_pillow()


@pytest.mark.parametrize(
    "arguments",
    [
        (SOURCE, (1.0,) * 7, (0, 0, 9, 9)), (SOURCE[:, ::2], (1.0,) * 8, (0, 0, 9, 9)),
        (SOURCE.astype(float), (1.0,) * 8, (0, 0, 9, 9)), (SOURCE, (1.0,) * 8, (9, 0, 0, 9)),
        (SOURCE[..., :3], (1.0,) * 8, (0, 0, 9, 9)), (b"", (1.0,) * 8, (0, 0, 9, 9)),
    ],
)  # fmt: skip
def test_misuse_raises(arguments: tuple[Any, ...]) -> None:
    with pytest.raises((TypeError, ValueError)):
        _native.transform_image(*arguments)


def test_coefficients_that_lead_nowhere_give_nothing() -> None:
    for value in (np.nan, np.inf, 1e300, -1.0):
        pixels = _native.transform_image(SOURCE, (value,) * 8, (0, 0, 5, 4))
        assert pixels.shape == (4, 5, 4)
    assert not _native.transform_image(SOURCE, (np.nan,) * 8, (0, 0, 5, 4)).any()
