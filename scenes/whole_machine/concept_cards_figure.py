"""The concepts of the lecture on cards: a name, a picture of it, and its call in PyTorch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from manim import (
    DOWN,
    RIGHT,
    Animation,
    AnimationGroup,
    Create,
    DashedLine,
    Dot,
    Ellipse,
    FadeIn,
    FadeOut,
    Line,
    Mobject,
    MoveToTarget,
    RoundedRectangle,
    VGroup,
    VMobject,
    smooth,
)

from gradreel.draw.baseline import baseline_row
from gradreel.draw.bucket import Bucket
from gradreel.draw.compact_arrow import CompactArrow
from gradreel.draw.exchange import at_once
from gradreel.draw.layout import Rect, fit_into, point
from gradreel.draw.numbers import Readout
from gradreel.draw.plane import Floats
from gradreel.draw.text import math, text
from gradreel.tape import Quantity
from gradreel.theme import FontSize, StrokeWidth, colors

TITLE_SIZE = 60.0
STROKES = 2.0  # how much thicker the lines of a large picture are
SHARES = (1.75, 1)  # of the width: the large card, and the small places
PICTURE_WIDTH = 1.05  # from which the numbers beside a chain can be read
CHAIN_HEIGHT = 1.1  # from the first dot of a chain to the last
GAP = 0.15  # between small places


@dataclass(frozen=True)
class Concept:
    """A name, a call of PyTorch, and a picture, which its card moves and scales to its place."""

    name: str
    call: str
    picture: VGroup


class ConceptCard(VGroup):
    """One concept, large within `area`: its picture, and below it its name and its call.

    Its picture has a small place of its own, `home`.
    """

    def __init__(self, concept: Concept, area: Rect, home: Rect) -> None:
        free, name, call = area.rows(3.4, 0.9, 0.7, gap=0.12)
        self.title = text(concept.name, font_size=TITLE_SIZE, color=colors.text)
        self.call = text(concept.call, font_size=FontSize.formula, color=colors.leaf, mono=True)
        fit_into(self.title, name)
        fit_into(self.call, call)
        self.home, self.picture = home, concept.picture
        _place(self.picture, free, STROKES)
        super().__init__(self.title, self.call, self.picture)

    def appears(self) -> Animation:
        """The name, the picture and the call, once the card before it has gone."""
        return AnimationGroup(
            FadeIn(self.title, rate_func=_comes), Create(self.picture, rate_func=_comes),
            FadeIn(self.call, rate_func=_comes),
        )  # fmt: skip

    def goes_home(self) -> Animation:
        """The words fade, and the picture takes its small place."""
        words = FadeOut(self.title, self.call, rate_func=at_once)
        return AnimationGroup(words, self.shrinks(self.picture))

    def shrinks(self, picture: VGroup) -> Animation:
        """The picture, or a copy of it, goes to the small place."""
        picture.generate_target()
        _place(picture.target, self.home, 1 / STROKES)
        return MoveToTarget(picture, rate_func=_goes)


class ConceptBoard(VGroup):
    """Within `area` a large card to the left, and to the right nine small places in three rows."""

    def __init__(self, area: Rect) -> None:
        stage, shelf = area.columns(*SHARES, gap=2 * GAP)
        places = [
            cell for row in shelf.rows(1, 1, 1, gap=GAP) for cell in row.columns(1, 1, 1, gap=GAP)
        ]
        self.stage, self.homes = stage.shrunk(0.05), [place.shrunk(0.1) for place in places]
        super().__init__(_frame(stage), *map(_frame, places))

    @property
    def has_room_for_numbers(self) -> bool:
        """Whether the numbers of a picture can be read in the small places."""
        return self.homes[0].width >= PICTURE_WIDTH

    def cards(self, concepts: Sequence[Concept]) -> list[ConceptCard]:
        """A card for each concept."""
        pairs = zip(concepts, self.homes, strict=True)
        return [ConceptCard(concept, self.stage, home) for concept, home in pairs]


def _frame(area: Rect) -> RoundedRectangle:
    return RoundedRectangle(
        corner_radius=0.14, width=area.width, height=area.height, stroke_width=1.5,
        stroke_color=colors.faint, fill_color=colors.panel, fill_opacity=1,
    ).move_to(area.center)  # fmt: skip


def _place(picture: Mobject, area: Rect, strokes: float) -> None:
    """Fit a picture into `area`, large or small, with its lines `strokes` times as thick."""
    fit_into(picture, area, grow=True)
    for part in picture.family_members_with_points():
        part.set_stroke(width=strokes * part.get_stroke_width())


def _goes(share: float) -> float:
    """Done when the next card has begun to appear."""
    return float(smooth(min(share / 0.32, 1.0)))


def _comes(share: float) -> float:
    """Begins when the words of the last card have gone; the end is left for reading."""
    return float(smooth(min(max(share - 0.26, 0.0) / 0.38, 1.0)))


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
    """Two inputs, an operation and a result; arrows back, or a cut through one arrow.

    The arrows are in the order in which they are drawn: back from the result, or on to it.
    """
    places = {"x": (0, 0.35), "w": (0, -0.35), "op": (0.8, 0), "loss": (1.6, 0)}
    nodes = {
        name: Dot(point(*spot), radius=0.13, color=tone)
        for (name, spot), tone in zip(
            places.items(), (colors.leaf, colors.leaf, colors.value, colors.value), strict=True
        )
    }
    picture = VGroup(*nodes.values())
    edges = (("x", "op"), ("w", "op"), ("op", "loss"))
    for start, end in reversed(edges) if back else edges:
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
    return bucket.clear_updaters()


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
