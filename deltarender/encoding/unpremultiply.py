"""Conversion of cairo's premultiplied alpha to the straight alpha of PNG, WebM and MOV.

Premultiplied colors written to such a file would make half-transparent pixels too dark, including
every antialiased edge.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt


def unpremultiply(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """RGBA of shape (..., 4) with colors divided by alpha, rounded; transparent black stays."""
    alpha: Any = pixels[..., 3:]
    divisor = np.maximum(alpha, 1).astype(np.uint16)
    colors = (pixels[..., :3].astype(np.uint16) * 255 + divisor // 2) // divisor
    return np.concatenate([np.minimum(colors, 255).astype(np.uint8), alpha], axis=-1)
