"""Animations that assemble a formula: parts of it move in from the drawing, the rest fades in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from manim import Animation, Mobject, VGroup, rate_functions

from gradreel.draw.formula import Formula
from gradreel.draw.plane import Floats


@dataclass(frozen=True)
class Move:
    """Outlines on their way: where and how high they begin, and their final points.

    Halfway they are `aside` of the straight way.
    """

    start: Floats
    height: float
    center: Floats
    final_height: float
    pieces: tuple[tuple[Any, Floats], ...]
    aside: Floats | float = 0.0

    @classmethod
    def of(cls, part: Mobject, origin: Mobject, aside: Floats | float = 0.0) -> Move:
        """From the place and with the height of `origin` to what `part` is now."""
        outlines: Any = part.family_members_with_points()
        pieces = tuple((piece, piece.points.copy()) for piece in outlines)
        start, end = origin.get_center(), part.get_center()
        return cls(start, origin.height, end, part.height, pieces, aside)

    def draw(self, share: float) -> None:
        """Draw the outlines after this share of the way."""
        grown = self.height / self.final_height if self.final_height else 1.0
        scale = share + (1 - share) * grown
        middle = self.start + (self.center - self.start) * share
        middle = middle + 4 * share * (1 - share) * np.asarray(self.aside)
        for piece, points in self.pieces:
            piece.points = (points - np.asarray(self.center)) * scale + middle


class PiecesAssembly(Animation):
    """Brings `group` on stage; `moves` pairs parts of it with the mobjects that they come from.

    Such a part starts at the center and with the height of its origin and ends where it is now;
    everything else fades in: all the time, or with `arrives_at` after that share of the time, at
    which the parts have arrived. `aside` leads them past what is in the straight way. The group is
    on stage from the first frame, so its numbers count as shown.
    """

    def __init__(
        self,
        group: VGroup,
        moves: Sequence[tuple[Mobject, Mobject]],
        *,
        arrives_at: float | None = None,
        aside: Floats | float = 0.0,
        **kwargs: Any,
    ) -> None:
        self._arrives_at = arrives_at
        self._moves = [Move.of(part, origin, aside) for part, origin in moves]
        moving = [piece for move in self._moves for piece, _ in move.pieces]
        self._fading = opacities(group, without=moving)
        super().__init__(group, introducer=True, **kwargs)

    def interpolate_mobject(self, alpha: float) -> None:
        """Move each part and set the opacity of the rest."""
        share = shown = self.rate_func(alpha)
        if self._arrives_at is not None:
            share = self.rate_func(min(alpha / self._arrives_at, 1.0))
            shown = _late(alpha, self._arrives_at)
        for move in self._moves:
            move.draw(share)
        for piece, fill, stroke in self._fading:
            set_opacity(piece, fill, stroke, shown)


def _late(alpha: float, start: float) -> float:
    """From 0 at the share `start` of the time to 1 at its end."""
    return float(rate_functions.smooth(max(alpha - start, 0.0) / (1 - start)))


class FormulaAssembly(PiecesAssembly):
    """Brings `formula` on stage; `origins` maps slots to the mobjects their numbers come from."""

    def __init__(self, formula: Formula, origins: Mapping[str, Mobject], **kwargs: Any) -> None:
        moves = [(formula.part(slot), origin) for slot, origin in origins.items()]
        super().__init__(formula, moves, **kwargs)


class PartsInTurn(Animation):
    """Brings `group` on stage where it is: first what is not in `parts`, then one part at a time.

    The part with index k of n comes during the second half of the k-th n-th of the time, so that
    what it comes from can be looked at before.
    """

    def __init__(self, group: VGroup, parts: Sequence[Mobject], **kwargs: Any) -> None:
        self._parts = [opacities(part, without=[]) for part in parts]
        pieces = [piece for part in parts for piece in _outlines(part)]
        self._first = opacities(group, without=pieces)
        kwargs.setdefault("rate_func", rate_functions.linear)
        super().__init__(group, introducer=True, **kwargs)

    def interpolate_mobject(self, alpha: float) -> None:
        """Set the opacity of each part, and of what comes first."""
        share = self.rate_func(alpha) * len(self._parts)
        for piece, fill, stroke in self._first:
            set_opacity(piece, fill, stroke, _late(min(2 * share, 1.0), 0.0))
        for k, part in enumerate(self._parts):
            shown = _late(min(max(share - k, 0.0), 1.0), 0.5)
            for piece, fill, stroke in part:
                set_opacity(piece, fill, stroke, shown)


def opacities(group: Mobject, without: Sequence[Any]) -> list[tuple[Any, float, float]]:
    """The outlines of `group`, except some, with the opacities of their fill and stroke."""
    left_out = {id(piece) for piece in without}
    return [
        (piece, piece.get_fill_opacity(), piece.get_stroke_opacity())
        for piece in _outlines(group)
        if id(piece) not in left_out
    ]


def _outlines(mobject: Mobject) -> list[Any]:
    return list(mobject.family_members_with_points())


def set_opacity(piece: Any, fill: float, stroke: float, share: float) -> None:
    if fill > 0 or not piece.get_stroke_width():
        piece.set_fill(opacity=max(fill * share, 1e-3), family=False)
    if piece.get_stroke_width():
        piece.set_stroke(opacity=stroke * share, family=False)
