"""What one frame of a scene shows, in a form that is quick to compare with the frame before it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from manim import Mobject, VMobject

from gradreel.draw.layout import Rect
from gradreel.draw.plane import Floats
from gradreel.lint.visible_pieces import VISIBLE_OPACITY, Piece, drawn_leaves, rect_of

Look = tuple[float, ...]
"""Positions and opacity of a piece, rounded: equal in two frames if the piece has not changed."""


@dataclass(frozen=True)
class FramePiece(Piece):
    """A piece with its opacity (the highest of its parts) and its look."""

    opacity: float = 1.0
    look: Look = ()

    @cached_property
    def letters(self) -> Floats:
        """The boxes of its visible contours, rows of (left, bottom, right, top)."""
        boxes = [
            contour_boxes(part.points)
            for part in self.mobject.family_members_with_points()
            if part_opacity(part) > VISIBLE_OPACITY
        ]
        return np.concatenate(boxes) if boxes else np.zeros((0, 4))


@dataclass
class Snapshot:
    """The visible pieces of a frame, from back to front."""

    pieces: list[FramePiece] = field(default_factory=list)

    @cached_property
    def by_mobject(self) -> dict[int, FramePiece]:
        """The pieces by the id of their mobjects."""
        return {id(piece.mobject): piece for piece in self.pieces}

    @cached_property
    def boxes(self) -> Floats:
        """The boxes of the pieces, rows of (left, bottom, right, top)."""
        return np.array([box_row(piece.box) for piece in self.pieces]).reshape(-1, 4)

    def changed_since(self, before: Snapshot) -> set[int]:
        """The ids of the mobjects that have moved, changed or appeared since the frame before."""
        old = before.by_mobject
        return {
            key for key, p in self.by_mobject.items() if key not in old or old[key].look != p.look
        }


def take_snapshot(mobjects: Iterable[Mobject]) -> Snapshot:
    """The visible pieces of these mobjects as they are now."""
    pieces: list[FramePiece] = []
    for leaf, is_text, owner in drawn_leaves(list(mobjects)):
        parts = leaf.family_members_with_points() if is_text else [leaf]
        opacity = max((part_opacity(part) for part in parts), default=0.0)
        if opacity <= VISIBLE_OPACITY:
            continue
        points = parts[0].points if len(parts) == 1 else np.concatenate([p.points for p in parts])
        box = rect_of(points)
        total = points.sum(axis=0)
        look = tuple(np.round((*box_row(box), *total, opacity), 3).tolist())
        pieces.append(FramePiece(leaf, len(pieces), box, is_text, owner, opacity, look))
    return Snapshot(pieces)


def box_row(box: Rect) -> tuple[float, float, float, float]:
    """A Rect as (left, bottom, right, top)."""
    return (box.left, box.bottom, box.right, box.top)


def part_opacity(part: Mobject) -> float:
    """The higher of a mobject's fill and stroke opacities."""
    if not isinstance(part, VMobject):
        return 0.0
    fill, stroke = part.fill_rgbas, part.stroke_rgbas
    opacity = float(fill[0, 3]) if len(fill) else 0.0
    if part.stroke_width > 0 and len(stroke):
        opacity = max(opacity, float(stroke[0, 3]))
    return opacity


def contour_boxes(points: Floats) -> Floats:
    """The box of each closed contour of a Bézier outline (4 n, 3): a letter, or a part of one."""
    if len(points) < 4:
        return np.zeros((0, 4))
    flat = points[: len(points) // 4 * 4, :2]
    jumps = np.abs(flat[4::4] - flat[3:-1:4]).max(axis=1) > 1e-6
    starts = np.concatenate([[0], (np.flatnonzero(jumps) + 1) * 4])
    low, high = np.minimum.reduceat(flat, starts), np.maximum.reduceat(flat, starts)
    return np.concatenate([low, high], axis=1)
