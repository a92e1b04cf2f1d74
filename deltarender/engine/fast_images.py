"""Images placed in a picture as Manim places them, computed only where they are seen.

Manim has Pillow transform a whole image, which may be many times as large as the frame.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
from manim import Camera
from manim.utils.space_ops import cross2d
from PIL import Image

from deltarender import _native
from deltarender.encoding.rect import Rect
from deltarender.engine.fast_methods import overlay_image

Floats = npt.NDArray[np.float64]
Pixels = npt.NDArray[np.uint8]

MIN_HEIGHT = 0.5  # in pixels; images seen from the edge are not drawn

_display_image_mobject: Any = Camera.display_image_mobject
_overlay_image: Any = Camera.overlay_PIL_image


def display_image_mobject(self: Any, image_mobject: Any, pixel_array: Any) -> None:
    """Manim's `Camera.display_image_mobject`."""
    source = image_mobject.get_pixel_array()
    corners = self.points_to_subpixel_coords(image_mobject, image_mobject.points)
    if not _is_usual(self, source, corners, pixel_array, image_mobject.resampling_algorithm):
        _display_image_mobject(self, image_mobject, pixel_array)
        return
    whole = corners.astype(np.int64)
    origin = whole.min(axis=0)
    corners -= origin
    size = (whole - origin).max(axis=0)
    height, width = pixel_array.shape[:2]
    left, top = np.maximum(-origin, 0).tolist()
    right, bottom = np.minimum(size, (width, height) - origin).tolist()
    if right <= left or bottom <= top or _is_seen_from_the_edge(corners):
        return
    coefficients = _perspective(corners, source.shape[1], source.shape[0])
    if coefficients is not None:
        image = _transformed(source, coefficients, (left, top, right, bottom))
        x, y = origin.tolist()
        part = pixel_array[y + top : y + bottom, x + left : x + right]
        backdrop = Image.fromarray(np.ascontiguousarray(part))
        part[...] = np.asarray(Image.alpha_composite(backdrop, image))


def _is_usual(camera: Any, source: Any, corners: Any, pixel_array: Any, resampling: Any) -> bool:
    camera_class = type(camera)
    overlays = (_overlay_image, overlay_image)
    size = camera.pixel_height, camera.pixel_width, 4
    return bool(
        resampling == Image.Resampling.BICUBIC
        and camera_class.get_image is Camera.get_image
        and camera_class.overlay_PIL_image in overlays
        and camera.image_mode == "RGBA"
        and (pixel_array.dtype, pixel_array.shape) == (np.uint8, size)
        and (source.dtype, source.shape[2:]) == (np.uint8, (4,))
        and source.size
        and corners.shape == (4, 2)
        and np.abs(corners).max() < 2**31
        and _equals_pillow()
    )


def _is_seen_from_the_edge(corners: Floats) -> bool:
    """Whether the height over the longest side is too small, computed as Manim does."""
    vertices = [corners[i] for i in (0, 1, 3, 2)]
    sides = [vertices[(i + 1) % 4] - vertices[i] for i in range(4)]
    lengths = np.linalg.norm(sides, axis=1)
    longest = int(np.argmax(lengths))
    if lengths[longest] == 0:
        return True
    area = abs(cross2d(sides[longest], sides[(longest - 1) % 4]))
    return bool(area / lengths[longest] < MIN_HEIGHT)


def _perspective(corners: Floats, width: int, height: int) -> Any:
    """The coefficients from target to source pixels; None if three corners are on a line."""
    rows = []
    places = np.array([[0, 0], [width, 0], [0, height], [width, height]])
    for (x, y), (u, v) in zip(corners, places, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y])
    try:
        return np.linalg.solve(np.array(rows, np.float64), places.reshape(8).astype(np.float64))
    except np.linalg.LinAlgError:
        return None


def _transformed(source: Pixels, coefficients: Floats, rect: Rect) -> Any:
    """A rectangle of `Image.transform` with these coefficients, as an RGBA image."""
    premultiplied = np.asarray(Image.fromarray(source).convert("RGBa"))
    pixels = _native.transform_image(premultiplied, tuple(coefficients.tolist()), rect)
    height, width = pixels.shape[:2]
    return Image.frombytes("RGBa", (width, height), pixels.tobytes()).convert("RGBA")


@cache
def _equals_pillow() -> bool:
    """Whether Pillow rounds as `_native` does: it may have been compiled in another way."""
    source = np.random.default_rng(1).integers(0, 256, (9, 7, 4), dtype=np.uint8)
    coefficients = np.array([0.31, 0.07, -1.0, -0.04, 0.37, 0.3, 0.001, 0.002])
    size = (32, 32)
    expected = Image.fromarray(source).transform(
        size, Image.Transform.PERSPECTIVE, coefficients.tolist(), Image.Resampling.BICUBIC
    )
    ours = _transformed(source, coefficients, (0, 0, *size))
    return np.array_equal(np.asarray(ours), np.asarray(expected))
