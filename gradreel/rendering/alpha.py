"""Pictures that one can see through, as files want them.

Cairo keeps colours multiplied by their alpha; PNG, WebM and MOV keep them as they are. Written as
cairo has them, whatever is half seen through would be too dark, and so would every smooth rim.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt


def straight(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """RGBA of shape (..., 4) with colours no longer multiplied by alpha."""
    alpha: Any = pixels[..., 3:]
    clear = np.maximum(alpha, 1).astype(np.uint16)
    colours = (pixels[..., :3].astype(np.uint16) * 255 + clear // 2) // clear
    return np.concatenate([np.minimum(colours, 255).astype(np.uint8), alpha], axis=-1)
