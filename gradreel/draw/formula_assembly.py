"""Animations that assemble a formula: parts of it move in from the drawing, the rest fades in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from manim import Animation, Mobject, VGroup

from gradreel.draw.formula import Formula
from gradreel.draw.plane import Floats


class PiecesAssembly(Animation):
    """Brings `group` on stage; `moves` pairs parts of it with the mobjects that they come from.

    Such a part starts at the center and with the height of its origin and ends where it is now;
    everything else fades in. The group is on stage from the first frame, so its numbers count as
    shown.
    """

    def __init__(
        self, group: VGroup, moves: Sequence[tuple[Mobject, Mobject]], **kwargs: Any
    ) -> None:
        self._moves = [(part, origin.get_center(), origin.height) for part, origin in moves]
        super().__init__(group, introducer=True, **kwargs)

    def begin(self) -> None:
        """Store the final positions."""
        parts = [part.family_members_with_points() for part, _, _ in self._moves]
        moving = {id(piece) for pieces in parts for piece in pieces}
        family: Any = self.mobject.family_members_with_points()
        self._fading = [
            (piece, piece.get_fill_opacity(), piece.get_stroke_opacity())
            for piece in family
            if id(piece) not in moving
        ]
        self._finals = [
            (part.get_center(), part.height, [(piece, piece.points.copy()) for piece in pieces])
            for (part, _, _), pieces in zip(self._moves, parts, strict=True)
        ]
        super().begin()

    def interpolate_mobject(self, alpha: float) -> None:
        """Move each part and set the opacity of the rest."""
        share = self.rate_func(alpha)
        for (_, start, height), final in zip(self._moves, self._finals, strict=True):
            _place(final, start, height, share)
        for piece, fill, stroke in self._fading:
            _set_opacity(piece, fill, stroke, share)


def _place(final: tuple[Floats, float, Any], start: Floats, height: float, share: float) -> None:
    """Draw a part on its way from `start`, where it has `height`, to its final position."""
    center, final_height, pieces = final
    scale = share + (1 - share) * (height / final_height if final_height else 1.0)
    middle = start + (center - start) * share
    for piece, points in pieces:
        piece.points = (points - np.asarray(center)) * scale + middle


def _set_opacity(piece: Any, fill: float, stroke: float, share: float) -> None:
    if fill > 0 or not piece.get_stroke_width():
        piece.set_fill(opacity=max(fill * share, 1e-3), family=False)
    if piece.get_stroke_width():
        piece.set_stroke(opacity=stroke * share, family=False)


class FormulaAssembly(PiecesAssembly):
    """Brings `formula` on stage; `origins` maps slots to the mobjects their numbers come from."""

    def __init__(self, formula: Formula, origins: Mapping[str, Mobject], **kwargs: Any) -> None:
        moves = [(formula.part(slot), origin) for slot, origin in origins.items()]
        super().__init__(formula, moves, **kwargs)
