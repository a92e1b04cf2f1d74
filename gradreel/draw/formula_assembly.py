"""A formula comes together: its numbers fly in from where they arose, the rest appears."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from manim import Animation, Mobject, VGroup

from gradreel.draw.formula import Formula


class FormulaAssembly(Animation):
    """Brings `formula` on stage; `origins` maps slots to the mobjects their numbers come from.

    A slot's number starts as large as its origin and where that is, and ends in its place; what
    has no origin fades in. The formula itself is on stage from the start, so its numbers count.
    """

    def __init__(self, formula: Formula, origins: Mapping[str, Mobject], **kwargs: Any) -> None:
        self.formula = formula
        self.origins = {
            slot: (origin.get_center(), origin.height) for slot, origin in origins.items()
        }
        super().__init__(formula, introducer=True, **kwargs)

    def begin(self) -> None:
        """Remember where everything is to end."""
        flying = {id(piece) for slot in self.origins for piece in self.formula.part(slot)}
        self._rest = [piece for piece in self.formula if id(piece) not in flying]
        self._ends = {slot: self._end(self.formula.part(slot)) for slot in self.origins}
        super().begin()

    def _end(self, part: VGroup) -> tuple[Any, float, list[Any]]:
        return part.get_center(), part.height, [piece.points.copy() for piece in part]

    def interpolate_mobject(self, alpha: float) -> None:
        """Put every number on its way and the rest at its strength."""
        share = self.rate_func(alpha)
        for slot, (start, height) in self.origins.items():
            center, full, points = self._ends[slot]
            scale = share + (1 - share) * (height / full if full else 1.0)
            middle = start + (center - start) * share
            for piece, final in zip(self.formula.part(slot), points, strict=True):
                piece.points = (final - center) * scale + middle
        for piece in self._rest:
            _show(piece, share)


def _show(piece: Any, share: float) -> None:
    if piece.get_fill_opacity() > 0 or not piece.get_stroke_width():
        piece.set_fill(opacity=max(share, 1e-3))
    else:
        piece.set_stroke(opacity=share)
