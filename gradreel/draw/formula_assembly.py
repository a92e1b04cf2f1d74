"""An animation that assembles a formula: its numbers move in, the rest fades in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from manim import Animation, Mobject, VGroup

from gradreel.draw.formula import Formula


class FormulaAssembly(Animation):
    """Brings `formula` on stage; `origins` maps slots to the mobjects their numbers come from.

    The number of such a slot starts at the position and with the height of its origin and ends in
    the formula; everything else fades in. The formula is on stage from the first frame, so its
    numbers count as shown.
    """

    def __init__(self, formula: Formula, origins: Mapping[str, Mobject], **kwargs: Any) -> None:
        self.formula = formula
        self.origins = {
            slot: (origin.get_center(), origin.height) for slot, origin in origins.items()
        }
        super().__init__(formula, introducer=True, **kwargs)

    def begin(self) -> None:
        """Store the final positions."""
        moving = {id(piece) for slot in self.origins for piece in self.formula.part(slot)}
        self._fading = [piece for piece in self.formula if id(piece) not in moving]
        self._finals = {slot: self._final(self.formula.part(slot)) for slot in self.origins}
        super().begin()

    def _final(self, part: VGroup) -> tuple[Any, float, list[Any]]:
        """Center, height and points of a slot's outlines in the formula."""
        return part.get_center(), part.height, [piece.points.copy() for piece in part]

    def interpolate_mobject(self, alpha: float) -> None:
        """Move each number and set the opacity of the rest."""
        share = self.rate_func(alpha)
        for slot, (start, height) in self.origins.items():
            center, final_height, points = self._finals[slot]
            scale = share + (1 - share) * (height / final_height if final_height else 1.0)
            middle = start + (center - start) * share
            for piece, final in zip(self.formula.part(slot), points, strict=True):
                piece.points = (final - center) * scale + middle
        for piece in self._fading:
            _set_opacity(piece, share)


def _set_opacity(piece: Any, share: float) -> None:
    if piece.get_fill_opacity() > 0 or not piece.get_stroke_width():
        piece.set_fill(opacity=max(share, 1e-3))
    else:
        piece.set_stroke(opacity=share)
