"""How different two pictures look, and a picture of the difference.

Colors are compared in CIELAB, where equal distances look about equal. A pixel counts as different
from a distance on; antialiasing that differs between machines leaves single such pixels, a changed
digit leaves many in one place. So what is measured is how many there are in the worst window.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

WINDOW = 12  # pixels; about the size of a digit in a 480p picture
DIM = 0.35  # brightness of what is equal, in a picture of the difference
MARK = (255, 40, 90)
# Rows of the matrix from linear sRGB to CIE XYZ, divided by the white point D65.
_TO_XYZ = np.array([[0.4339, 0.3762, 0.1899], [0.2126, 0.7152, 0.0722], [0.0178, 0.1094, 0.8727]])

Pixels = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]


def read_picture(path: Path) -> Pixels:
    """The pixels of a picture, height x width x RGB. Raises OSError, ValueError."""
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB"))


def different_pixels(one: Pixels, other: Pixels, threshold: float) -> Mask:
    """Where two pictures of one size differ by more than `threshold` in CIELAB (delta E 1976)."""
    changed: Mask = (one != other).any(axis=2)
    result = np.zeros(changed.shape, dtype=bool)
    distance = np.linalg.norm(_lab(one[changed]) - _lab(other[changed]), axis=-1)
    result[changed] = distance > threshold
    return result


def worst_window(mask: Mask) -> int:
    """The largest number of marked pixels in a square of WINDOW x WINDOW."""
    if not mask.any():
        return 0
    padded = np.pad(mask.astype(np.int64), ((1, WINDOW), (1, WINDOW)))
    sums = padded.cumsum(axis=0).cumsum(axis=1)
    step = WINDOW
    counts = sums[step:, step:] - sums[:-step, step:] - sums[step:, :-step] + sums[:-step, :-step]
    return int(counts.max())


def difference_picture(golden: Pixels, now: Pixels, mask: Mask | None) -> Image.Image:
    """The golden picture, the present one and, where sizes are equal, what differs, side by side.

    What differs is marked on the dimmed picture.
    """
    panels = [golden, now]
    if mask is not None:
        marked = (now * DIM).astype(np.uint8)
        marked[mask] = MARK
        panels.append(marked)
    height = max(panel.shape[0] for panel in panels)
    panels = [np.pad(p, ((0, height - p.shape[0]), (0, 4), (0, 0))) for p in panels]
    return Image.fromarray(np.concatenate(panels, axis=1))


def _lab(colors: Pixels) -> npt.NDArray[np.float64]:
    """sRGB colors, n x 3, as CIELAB."""
    srgb = colors / 255
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    xyz = linear @ _TO_XYZ.T
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz * (29 / 6) ** 2 / 3 + 4 / 29)
    x, y, z = f.T
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)
