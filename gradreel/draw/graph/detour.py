"""Ways for an arrow past the cards of the columns that it crosses, where it would run over one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gradreel.draw.layout import Rect
from gradreel.draw.plane import Floats

CLEAR = 0.14  # between an arrow and a card, or another arrow that makes way


def touches(points: Floats, rects: Sequence[Rect]) -> bool:
    """Whether a line of cubic Bezier curves runs into one of the rectangles."""
    curves = np.asarray(points)[:, :2].reshape(-1, 4, 2)
    t = np.linspace(0, 1, 16)[:, None]
    weights = [(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3]
    on_lines = np.sum([w * curves[:, k, None, :] for k, w in enumerate(weights)], axis=0)
    x, y = on_lines[..., 0], on_lines[..., 1]
    return any(
        bool(((x > r.left) & (x < r.right) & (y > r.bottom) & (y < r.top)).any()) for r in rects
    )


def free_height(y: float, column: Sequence[Rect], taken: Sequence[float]) -> float:
    """The height nearest to `y` that is clear of the cards of a column and of heights `taken`."""
    blocked = [(card.bottom - CLEAR, card.top + CLEAR) for card in column]
    blocked += [(other - CLEAR, other + CLEAR) for other in taken]
    candidates = [y, *(end for interval in blocked for end in interval)]
    free = [h for h in candidates if not any(low < h < high for low, high in blocked)]
    return min(free, key=lambda h: (abs(h - y), h))
