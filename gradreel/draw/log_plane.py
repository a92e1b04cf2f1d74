"""A coordinate plane with logarithmic axes, and curves on it."""

from __future__ import annotations

import numpy as np
from manim import DOWN, VMobject

from gradreel.draw.glyphs import number_outline
from gradreel.draw.plane import GAP, Curve, Floats, Plane, TickLabel
from gradreel.draw.text import em
from gradreel.theme import FontSize


class PowerLabel(TickLabel):
    """A power of ten as a tick label."""

    def __init__(self, exponent: float, font_size: float = FontSize.small) -> None:
        super().__init__(exponent, font_size)
        # The outline of 1 × 10^k without the first two characters.
        skipped = len(number_outline("1×"))
        points = number_outline(f"1e{round(exponent)}")[skipped:]
        self.points = (points - [points[:, 0].min(), 0, 0]) * em(font_size)


class LogPlane(Plane):
    """Axes over log10: `x_range` and `y_range` are exponents, with ticks at integers.

    With `linear_x` the x axis is linear, for example for steps, and so is y with `linear_y`.
    """

    def __init__(
        self,
        x_range: tuple[float, float],
        y_range: tuple[float, float],
        *args: object,
        linear_x: bool = False,
        linear_y: bool = False,
        **kwargs: object,
    ) -> None:
        self.linear_x, self.linear_y = linear_x, linear_y
        super().__init__(x_range, y_range, *args, **kwargs)  # type: ignore[arg-type]

    def _tick(self, value: float) -> VMobject:
        return super()._tick(value) if self.linear_y else PowerLabel(value)

    def _axis_at(self, span: tuple[float, float]) -> float:
        # Exponent 0 is no special value, so the axes are at the edges.
        return span[0]

    def _label(self, value: float, position: Floats, side: Floats) -> None:
        if self.linear_x if side is DOWN else self.linear_y:
            super()._label(value, position, side)
        elif abs(value - round(value)) < 1e-9:
            self.labels.add(PowerLabel(value).next_to(position, side, buff=GAP))

    def at(self, x: float, y: float) -> Floats:
        """The screen position of (x, y), given as numbers, not as exponents."""
        across = x if self.linear_x else float(np.log10(x))
        return self.point(across, float(log10_or_nan([y])[0]))

    def curve(self, x: Floats, y: Floats, color: str) -> Curve:
        """The curve through (x, y), given as numbers; broken at zeros and outside the plane."""
        across = np.asarray(x, dtype=float) if self.linear_x else log10_or_nan(x)
        return Curve(self, across, log10_or_nan(y), color=color)


def log10_or_nan(values: Floats | list[float]) -> Floats:
    """log10 of the magnitudes; NaN for zero and for what is not finite."""
    sizes = np.abs(np.asarray(values, dtype=float))
    is_positive = np.isfinite(sizes) & (sizes > 0)
    logs: Floats = np.where(is_positive, np.log10(np.where(is_positive, sizes, 1.0)), np.nan)
    return logs
