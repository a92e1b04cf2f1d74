"""The concepts of the lecture on cards: a name, a small picture of it, and its call in PyTorch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from manim import (
    DOWN,
    LEFT,
    RIGHT,
    UP,
    Animation,
    Create,
    DashedLine,
    Dot,
    Ellipse,
    FadeIn,
    LaggedStart,
    Line,
    RoundedRectangle,
    VGroup,
    VMobject,
)

from gradreel.draw.baseline import baseline_row
from gradreel.draw.bucket import Bucket
from gradreel.draw.compact_arrow import CompactArrow
from gradreel.draw.layout import Rect, fit_into, point
from gradreel.draw.numbers import Readout
from gradreel.draw.plane import Floats
from gradreel.draw.text import math, text
from gradreel.tape import Quantity
from gradreel.theme import FontSize, StrokeWidth, colors

MARGIN = 0.18
LINE = 0.36  # height of a line of text
WIDE_CARD = 3.7  # from which the picture stands beside the words, not between them
PICTURE_WIDTH = 1.05
CHAIN_HEIGHT = 1.1  # from the first dot of a chain to the last
GAP = 0.22  # between cards


@dataclass(frozen=True)
class Concept:
    """A name, a call of PyTorch, and a picture, which its card moves and scales to its place."""

    name: str
    call: str
    picture: VGroup


class ConceptCard(VGroup):
    """One concept within `area`: its name, its call below, and the picture beside or between."""

    def __init__(self, concept: Concept, area: Rect) -> None:
        self.frame = RoundedRectangle(
            corner_radius=0.14, width=area.width, height=area.height, stroke_width=1.5,
            stroke_color=colors.faint, fill_color=colors.panel, fill_opacity=1,
        ).move_to(area.center)  # fmt: skip
        self.title = text(concept.name, font_size=FontSize.label, color=colors.text)
        self.call = text(concept.call, font_size=FontSize.code, color=colors.leaf, mono=True)
        inner = Rect(
            area.left + MARGIN, area.right - MARGIN, area.bottom + MARGIN, area.top - MARGIN
        )
        if is_wide(area):
            free = Rect(inner.left, inner.left + PICTURE_WIDTH, inner.bottom, inner.top)
            left, middle = free.right + MARGIN, inner.center[1]
            title, call = point(left, middle + LINE * 0.7), point(left, middle - LINE * 0.7)
        else:
            free = Rect(inner.left, inner.right, inner.bottom + LINE, inner.top - LINE)
            title = point(inner.left, inner.top - LINE / 3)
            call = point(inner.left, inner.bottom + LINE / 3)
        # Long names keep the size of small text, which is the smallest that can be read.
        room = inner.right - title[0]
        self.title.scale(min(max(room / self.title.width, FontSize.small / FontSize.label), 1.0))
        self.title.move_to(title, aligned_edge=LEFT)
        self.call.move_to(call, aligned_edge=LEFT)
        self.picture = concept.picture
        fit_into(self.picture, free)
        super().__init__(self.frame, self.title, self.call, self.picture)

    def appears(self) -> Animation:
        """Within the frame the name, then the picture, then the call."""
        return LaggedStart(
            FadeIn(self.title, shift=0.1 * UP), Create(self.picture),
            FadeIn(self.call), lag_ratio=0.4,
        )  # fmt: skip


def is_wide(area: Rect) -> bool:
    """Whether a card has its picture beside the words, with room for numbers in it."""
    return area.width >= WIDE_CARD


def card_areas(area: Rect) -> list[Rect]:
    """Nine areas in three rows, from left to right and from the top down."""
    return [cell for row in area.rows(1, 1, 1, gap=GAP) for cell in row.columns(1, 1, 1, gap=GAP)]


# Pictures


def tangent_picture(curve: Floats, at: Floats, slope: float) -> VGroup:
    """The curve through points (n, 2), with its tangent at the point `at`."""
    half = 0.28 * float(np.ptp(curve[:, 0]))
    ends = np.array([at + step * half * np.array([1.0, slope]) for step in (-0.6, 1.0)])
    line, dot = _on_screen(curve, ends, curve), _on_screen(curve, at[None], curve)[0]
    tangent = Line(*line).set_stroke(colors.sign(slope), StrokeWidth.curve)
    return VGroup(_curve(curve), tangent, _dot(dot))


def descent_picture(curve: Floats, steps: Floats) -> VGroup:
    """The curve through points (n, 2), with the positions of a descent on it, shape (k, 2)."""
    return VGroup(_curve(curve), *(_dot(spot) for spot in _on_screen(curve, steps, curve)))


def chain_picture(local: Sequence[Quantity], *, factors: bool) -> VGroup:
    """A dot for each value, and from one to the next the factor by which a nudge grows."""
    pitch = CHAIN_HEIGHT / len(local)
    places = [point(0, -k * pitch) for k in range(len(local) + 1)]
    dots = [Dot(place, radius=0.08, color=colors.value) for place in places]
    picture, labels = VGroup(*dots), VGroup()
    for number, start, end in zip(local, dots, dots[1:], strict=False):
        arrow = _arrow(start.get_bottom() + 0.05 * DOWN, end.get_top(), colors.local)
        label = baseline_row(
            math("times", font_size=FontSize.small, color=colors.local),
            Readout(number, font_size=FontSize.small, color=colors.local),
            gap=0.06,
        )
        picture.add(arrow)
        labels.add(label.next_to(arrow, RIGHT, buff=0.12))
    labelled = VGroup(picture, labels)
    # Smaller letters could not be read, so longer numbers are left out.
    return labelled if factors and labelled.width <= PICTURE_WIDTH else picture


def graph_picture(*, back: bool = False, cut: bool = False) -> VGroup:
    """Two inputs, an operation and a result; arrows back, or a cut through one arrow."""
    places = {"x": (0, 0.35), "w": (0, -0.35), "op": (0.8, 0), "loss": (1.6, 0)}
    nodes = {
        name: Dot(point(*spot), radius=0.13, color=tone)
        for (name, spot), tone in zip(
            places.items(), (colors.leaf, colors.leaf, colors.value, colors.value), strict=True
        )
    }
    picture = VGroup(*nodes.values())
    for start, end in (("x", "op"), ("w", "op"), ("op", "loss")):
        ends = [nodes[start].get_center(), nodes[end].get_center()]
        along = (ends[1] - ends[0]) / np.linalg.norm(ends[1] - ends[0]) * 0.2
        ends = [ends[0] + along, ends[1] - along]
        is_cut = cut and start == "op"
        if is_cut:
            picture.add(DashedLine(*ends, dash_length=0.07).set_stroke(colors.detached, 3))
            middle = (ends[0] + ends[1]) / 2
            picture.add(
                Line(middle + point(-0.1, -0.3), middle + point(0.1, 0.3)).set_stroke(
                    colors.warning, StrokeWidth.curve
                )
            )
        else:
            first, last = reversed(ends) if back else ends
            picture.add(_arrow(first, last, _tone(back)))
    return picture


def leaf_picture() -> VGroup:
    """A leaf: a node with the frame of leaves that nothing leads to."""
    box = RoundedRectangle(corner_radius=0.14, width=0.72, height=0.72, stroke_width=4)
    box.set_stroke(colors.leaf)
    name = math("x", font_size=FontSize.body, color=colors.leaf).move_to(box)
    return VGroup(box, name, _arrow(point(0.42, 0), point(1.1, 0), colors.muted))


def gradient_picture(slopes: Sequence[float]) -> VGroup:
    """Contours of x² + 2y², and at (1, 1) the gradient with these two components."""
    rings = VGroup(
        *(
            Ellipse(width=2 * r, height=2 * r / np.sqrt(2)).set_stroke(colors.value, 2.5)
            for r in (0.25, 0.5, 0.75)
        )
    )
    spot = 0.5 / np.sqrt(3) * point(1, 1)
    along = point(*slopes) / np.linalg.norm(slopes)
    return VGroup(rings, _arrow(spot, spot + 0.62 * along, colors.gradient), _dot(spot))


def bucket_picture(first: float, total: float) -> VGroup:
    """The bucket of .grad, filled by a first gradient and then up to a total."""
    bucket = Bucket(max(abs(first), abs(total)), width=0.8, height=0.75)
    bucket.bounds = [abs(first)] if 0 < abs(first) < abs(total) else []
    bucket.level.set_value(abs(total))
    for band, tone in zip(bucket.bands, (colors.gradient_fill, colors.local), strict=False):
        band.set_fill(tone)
    bucket.update()
    return bucket


def _on_screen(curve: Floats, points: Floats, frame: Floats) -> Floats:
    """Points (n, 2) in a picture 1.6 wide and 1 high that the points `frame` fill; (n, 3)."""
    low, reach = frame.min(axis=0), np.ptp(frame, axis=0)
    flat = (points - low) / np.where(reach > 0, reach, 1.0) * [1.6, 1.0]
    return np.column_stack([flat, np.zeros(len(flat))])


def _curve(curve: Floats) -> VMobject:
    line = VMobject(stroke_color=colors.value, stroke_width=StrokeWidth.arrow)
    return line.set_points_as_corners(_on_screen(curve, curve, curve))


def _dot(spot: Floats) -> Dot:
    return Dot(spot, radius=0.07, color=colors.accent)


def _arrow(start: Floats, end: Floats, color: str) -> CompactArrow:
    arrow = CompactArrow([np.asarray(start), np.asarray(end)])
    arrow.line.set_stroke(color)
    arrow.tip.set_fill(color)
    return arrow


def _tone(back: bool) -> str:
    return str(colors.gradient if back else colors.muted)
