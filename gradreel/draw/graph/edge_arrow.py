"""An arrow of the graph from an input to the op that uses it, and what travels along it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from manim import UP, Animation, Dot, Polygon, VGroup, VMobject, smooth

from gradreel.draw.numbers import Readout
from gradreel.draw.plane import Floats
from gradreel.draw.text import math
from gradreel.draw.text_background import text_background
from gradreel.tape import Quantity
from gradreel.theme import FontSize, StrokeWidth, colors

TIP_LENGTH = 0.22
ARRIVAL = 0.06  # the share of the way on which a traveller fades


class ArrowPath(Protocol):
    """Something that can be travelled along."""

    def place(self, share: float) -> Floats:
        """The point `share` of the way from its start."""
        ...


class EdgeArrow(VGroup):
    """A smooth line through `points`, tip at the last; `label_place` is where its number stands."""

    def __init__(self, points: Sequence[Floats]) -> None:
        super().__init__()
        end = np.asarray(points[-1])
        route = [np.asarray(p) for p in points[:-1]] + [end - np.array([TIP_LENGTH * 0.8, 0, 0])]
        self.line = VMobject(stroke_color=colors.muted, stroke_width=StrokeWidth.arrow)
        self.line.start_new_path(route[0])
        for start, stop in zip(route, route[1:], strict=False):
            # Leave and arrive level, so that arrows read as flowing from left to right.
            reach = np.array([(stop[0] - start[0]) * 0.45, 0, 0])
            self.line.add_cubic_bezier_curve_to(start + reach, stop - reach, stop)
        half = TIP_LENGTH * 0.42
        back = end - np.array([TIP_LENGTH, 0, 0])
        self.tip = Polygon(
            end, back + half * UP, back - half * UP,
            stroke_width=0, fill_color=colors.muted, fill_opacity=1,
        )  # fmt: skip
        self.add(self.line, self.tip)

    def place(self, share: float) -> Floats:
        """The point `share` of the way from input to op."""
        point: Floats = self.line.point_from_proportion(share)
        return point

    def label(
        self, number: Quantity, color: str, *, font_size: float = FontSize.body, times: bool = False
    ) -> Tag:
        """A number at the arrow, on a patch of background so that the line does not cross it."""
        readout = Readout(number, font_size=font_size, color=color)
        return Tag(readout, font_size, times=times).move_to(self.place(0.5))


class Tag(VGroup):
    """A number on a patch of the background's colour, with × before it if it multiplies."""

    def __init__(self, readout: Readout, font_size: float, *, times: bool = False) -> None:
        super().__init__()
        inner = VGroup(readout)
        if times:
            sign = math("times", font_size=font_size, color=readout.get_fill_color().to_hex())
            inner = VGroup(sign, readout).arrange(buff=0.08)
        self.readout = readout
        self.add(text_background(inner), inner)


class Travel(Animation):
    """A mobject runs along an arrow's line and is gone at the end; `back` runs against it."""

    def __init__(
        self, traveller: VMobject, arrow: ArrowPath, *, back: bool = False, **kwargs: Any
    ) -> None:
        self.arrow, self.back = arrow, back
        self._opacities = [(part, part.get_fill_opacity()) for part in traveller.get_family()]
        self._fading = 1.0
        kwargs.setdefault("rate_func", smooth)
        super().__init__(traveller, introducer=True, remover=True, **kwargs)

    def interpolate_mobject(self, alpha: float) -> None:
        """Put the traveller where it is at `alpha` of the way."""
        share = self.rate_func(alpha)
        self.mobject.move_to(self.arrow.place(1 - share if self.back else share))
        # Inside a longer sequence a remover stays until the whole is over; so it fades on arrival.
        fading = min((1 - share) / ARRIVAL, 1.0)
        if fading != self._fading:
            self._fading = fading
            for part, opacity in self._opacities:
                part.set_fill(opacity=opacity * fading, family=False)


def pulse(color: str) -> VGroup:
    """A glowing dot that stands for a gradient under way."""
    halo = Dot(radius=0.2, fill_color=color, fill_opacity=0.3, stroke_width=0)
    return VGroup(halo, Dot(radius=0.1, fill_color=color, stroke_width=0))
