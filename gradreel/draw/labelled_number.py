"""A label with a number that changes, and panels of such rows."""

from __future__ import annotations

from collections.abc import Callable

from manim import DOWN, LEFT, RIGHT, VGroup, VMobject

from gradreel.draw.baseline import align_baselines
from gradreel.draw.layout import Rect, point
from gradreel.draw.numbers import Readout
from gradreel.draw.text import math
from gradreel.tape import Quantity
from gradreel.theme import FontSize, colors


class LabelledNumber(VGroup):
    """A label in Typst math, an equals sign and a number that follows `source`."""

    def __init__(
        self,
        label: str,
        source: Quantity | Callable[[], Quantity],
        *,
        color: str | Callable[[Quantity], str] = "",
        places: int | None = 2,
        font_size: float = FontSize.formula,
    ) -> None:
        super().__init__()
        self.label = math(f"{label} =", font_size=font_size, color=colors.muted)
        self.readout = Readout(
            source, places=places, font_size=font_size, color=color, align="left"
        )
        self.readout.next_to(self.label, RIGHT, buff=0.18)
        align_baselines(self.label, self.readout)
        self.add(self.label, self.readout)


def panel(area: Rect, *rows: VMobject, gap: float = 0.5) -> VGroup:
    """Rows stacked with aligned left edges, at the left and half the height of `area`."""
    block = VGroup(*rows).arrange(DOWN, buff=gap, aligned_edge=LEFT)
    if block.width > area.width:
        block.scale_to_fit_width(area.width)
    return block.move_to(area.center).align_to(point(area.left, 0), LEFT)
