"""What the view of LearningRates shows: first, and when it has followed every descent."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gradreel.draw.plane import Floats, curve_range
from gradreel.functions.function import Function
from gradreel.measure.gradient_descent import Descent
from gradreel.scenes.descent.rate_outcomes import LEAVING, outcome_of
from gradreel.scenes.descent.zoom_plane_figure import Range

FARTHEST = 30.0  # how far the view follows a descent, in widths of the view at the beginning


def states_of(descent: Descent) -> Floats:
    """x and loss after each step, shape (states, 2)."""
    return np.column_stack([descent.positions[:, 0], descent.losses])


def views(
    f: Function, descents: Sequence[Descent], start: float
) -> tuple[tuple[Range, Range], tuple[Range, Range]]:
    """The ranges of x and of the loss that are seen first, and those that show every descent."""
    staying = [d for d in descents if outcome_of(d) not in LEAVING] or [descents[0]]
    low, high = _reach(staying, start - 1e3, start + 1e3)
    reach = high - low or 1.0
    near = (low - 0.12 * reach, high + 0.12 * reach)
    width = near[1] - near[0]
    low, high = _reach(descents, near[0] - FARTHEST * width, near[1] + FARTHEST * width)
    margin = 0.08 * (high - low)
    far = (min(near[0], low - margin), max(near[1], high + margin))
    return (near, _heights(f, near)), (far, _heights(f, far))


def _reach(descents: Sequence[Descent], least: float, most: float) -> Range:
    """The lowest and the highest x of these descents, within limits."""
    xs = np.concatenate([d.positions[:, 0] for d in descents])
    xs = np.clip(xs[np.isfinite(xs)], least, most)
    return float(xs.min()), float(xs.max())


def _heights(f: Function, span: Range) -> Range:
    return curve_range(f.sample(*span, 301).values, 0.12)
