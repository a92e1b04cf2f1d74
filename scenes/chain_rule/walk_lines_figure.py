"""The chain of a program on number lines: values on the way down, slopes beside the links."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from manim import (
    LEFT,
    RIGHT,
    UP,
    AnimationGroup,
    Create,
    Dot,
    FadeIn,
    FadeOut,
    GrowFromCenter,
    GrowFromPoint,
    LaggedStart,
    Line,
    Mobject,
    Polygon,
    Succession,
    VGroup,
    VMobject,
)

from gradreel.draw.baseline import align_baselines
from gradreel.draw.formula import Formula, is_product
from gradreel.draw.graph.edge_arrow import Travel, pulse
from gradreel.draw.labelled_number import LabelledNumber
from gradreel.draw.layout import Rect, point
from gradreel.draw.linked_number_lines import Ruler, equal_spans
from gradreel.draw.numbers import Readout
from gradreel.draw.plane import Floats
from gradreel.draw.text import math
from gradreel.draw.walkthrough.picture import ProgramPicture
from gradreel.tape import Quantity
from gradreel.theme import FontSize, colors
from gradreel.trace.moment import Moment

NAMES = ("x", "u", "y")
BEAM_WIDTH, BEAM_OPACITY = 0.06, 0.25  # where a beam begins, frame units
HALF_SPAN = 2.6  # of each number line; all have one scale


class Link:
    """The line from a dot to the next one; a pulse can travel on it."""

    def __init__(self, start: Floats, end: Floats) -> None:
        self.line = Line(start, end, color=colors.value, stroke_width=2.5)

    def point_at(self, share: float) -> Floats:
        """The point at `share` of the way down."""
        position: Floats = self.line.point_from_proportion(share)
        return position


class NumberLinesPicture(ProgramPicture):
    """One line for each of x, u and y, which appears when the program computes it."""

    def build(self) -> None:
        """Divide the area: names and numbers, lines, and a row for the product."""
        rows, self.product_row = self.area.rows(3.4, 0.8, gap=0.1)
        self.labels, lines, self.side = rows.columns(1.5, 2.9, 1.5, gap=0.2)
        self.rulers: dict[str, Ruler] = {}
        self.dots: dict[str, Dot] = {}
        self.shown: set[str] = set()
        self.links: dict[str, Link] = {}
        self.factors: dict[str, tuple[VMobject, Readout]] = {}
        final = {variable.name: variable.value for variable in self.trace.final}
        for name, row in zip(NAMES, lines.rows(1.0, 1.0, 1.0, gap=0.0), strict=True):
            value = final[name]
            assert isinstance(value, float)
            self.rulers[name], self.dots[name] = _number_line(name, value, row)
        self.besides = VGroup()  # names, numbers and links, which no other scene shows
        self.all_dots = VGroup(*self.dots.values())

    def parts(self) -> dict[str, Mobject]:
        """The three lines without ticks, and the dots on them."""
        lines: dict[str, Mobject] = {name: ruler.line for name, ruler in self.rulers.items()}
        return {**lines, "dots": self.all_dots}

    def leave(self, carried: Collection[str]) -> list[Any]:
        """All but the lines and the dots fades, so that no line moves across it."""
        ticks = [FadeOut(VGroup(r.marks, r.labels)) for r in self.rulers.values()]
        return [*ticks, FadeOut(self.besides)]

    def advance(self, moment: Moment) -> list[Any]:
        """New lines, slopes beside the links, their product, or the backward pass."""
        new = [name for name in NAMES if name in moment.changed and name not in self.shown]
        lines = [AnimationGroup(*self.shows_line(name, moment.value(name))) for name in new]
        moves: list[Any] = [LaggedStart(*lines, lag_ratio=0.6)] if lines else []
        for name, slope in (("u", "du_dx"), ("y", "dy_du")):
            if slope in moment.changed:
                moves.append(self.shows_factor(name, moment.value(slope)))
        if "dy_dx" in moment.changed:
            moves += self.multiplies(moment.value("dy_dx"))
        if moment.passes:
            moves.append(self.goes_back(moment))
        return moves

    def least_seconds(self, moment: Moment) -> float:
        """In a pass, one value gets its gradient after the other."""
        return 2.0 if moment.passes else 0.0

    def shows_line(self, name: str, value: Quantity) -> list[Any]:
        """The number line of a value with its dot, and the link from the line above."""
        ruler, dot = self.rulers[name], self.dots[name]
        self.shown.add(name)
        color = colors.leaf if name == "x" else colors.value
        number = LabelledNumber(name, value, color=color, places=None, font_size=FontSize.body)
        place = point(self.labels.left, ruler.line.get_y())
        self.besides.add(number)
        moves: list[Any] = [FadeIn(number.move_to(place, aligned_edge=LEFT))]
        if name in self.carried:
            moves.append(FadeIn(VGroup(ruler.marks, ruler.labels)))
        else:
            moves += [Create(ruler), GrowFromCenter(dot)]
        above = NAMES[NAMES.index(name) - 1] if name != "x" else ""
        if above in self.shown:
            link = Link(self.dots[above].get_center(), dot.get_center())
            self.links[name] = link
            self.besides.add(link.line)
            moves.append(Create(link.line))
        return moves

    def shows_factor(self, name: str, slope: Quantity) -> AnimationGroup:
        """The slope of the link to `name` beside it, and a beam that becomes so much wider."""
        factor = self._factor(name, slope)
        above = NAMES[NAMES.index(name) - 1]
        before = self.factors[above][1].quantity if above in self.factors else 1.0
        beam, start = self._beam(name, before, slope), self.links[name].line.get_start()
        self.besides.add_to_back(beam)
        return AnimationGroup(GrowFromPoint(beam, start), FadeIn(factor, shift=LEFT * 0.3))

    def _factor(self, name: str, slope: Quantity) -> VGroup:
        """The slope of the link to `name`, as a factor at its right."""
        number = Readout(slope, font_size=FontSize.formula, color=colors.local)
        sign = math("times", font_size=FontSize.formula, color=colors.local)
        factor = VGroup(sign, number).arrange(RIGHT, buff=0.14)
        self.factors[name] = (sign, number)
        self.besides.add(sign, number)
        self.decisive = tuple(n for _, n in self.factors.values())
        y = self.links[name].line.get_center()[1]
        factor.move_to(point(self.side.left, y), aligned_edge=LEFT)
        return factor

    def _beam(self, name: str, before: float, slope: float) -> Polygon:
        """From the dot above to the line of `name`: it begins as wide as what arrived above."""
        start, end = self.links[name].line.get_start_and_end()
        narrow, wide = (point(BEAM_WIDTH / 2 * size, 0.0) for size in (before, before * slope))
        beam = Polygon(start - narrow, start + narrow, end + wide, end - wide)
        beam.set_stroke(colors.local, 2, opacity=0.8).set_fill(colors.local, BEAM_OPACITY)
        return beam.set_z_index(-1)

    def multiplies(self, total: Quantity) -> list[Any]:
        """Copies of the slopes move into their product."""
        product = Formula(
            "dif y \\/ dif x = {y} times {u} {eq} {total}",
            y=self.factors["y"][1].quantity, u=self.factors["u"][1].quantity,
            total=total, eq=is_product(("y", "u"), "total"),
            roles={"y": "local", "u": "local", "total": "gradient"}, font_size=FontSize.formula,
        )  # fmt: skip
        product.move_to(self.product_row.center)
        slots = {name: product.part(name) for name in self.factors}
        moving = {id(piece) for part in slots.values() for piece in part}
        moves: list[Any] = []
        for name, (_, number) in self.factors.items():
            moves.append(FadeIn(slots[name], target_position=number.get_center()))
        self.decisive = (product.part("total"),)
        rest = VGroup(*(piece for piece in product if id(piece) not in moving))
        self.besides.add(rest, *slots.values())
        return [LaggedStart(AnimationGroup(*moves), FadeIn(rest), lag_ratio=0.7)]

    def goes_back(self, moment: Moment) -> Succession:
        """The pass: from y up to x, each value gets its gradient."""
        (number,) = moment.passes
        gradient = moment.tape(number).gradient
        arrived = gradient("y", number)
        stages: list[Any] = [self.shows_gradient("y", arrived)]
        for name, above, slope in (
            ("y", "u", gradient("u", number)),
            ("u", "x", moment.grad("x")),
        ):
            travel = Travel(pulse(colors.gradient), self.links[name], back=True)
            factor = self._factor(name, Quantity(slope / arrived, slope.source, "factor"))
            stages.append(AnimationGroup(travel, FadeIn(factor, shift=UP * 0.3)))
            stages.append(self.shows_gradient(above, slope))
            arrived = slope
        return Succession(*stages)

    def shows_gradient(self, name: str, slope: Quantity) -> AnimationGroup:
        """What y changes by per unit of this value, at the right of its line."""
        y = self.dots[name].get_y()
        number = Readout(slope, font_size=FontSize.formula, color=colors.gradient, align="left")
        sign = math('"grad"', font_size=FontSize.small, color=colors.muted)
        self.decisive = (*self.decisive, number) if name != "y" else ()
        group = VGroup(sign, number).arrange(RIGHT, buff=0.14)
        self.besides.add(sign, number)
        align_baselines(*group)
        group.move_to(point(self.side.left, y), aligned_edge=LEFT)
        return AnimationGroup(FadeIn(group, scale=0.8))


def _number_line(name: str, value: float, row: Rect) -> tuple[Ruler, Dot]:
    """A number line around a value, and its dot."""
    (span,) = equal_spans([value], HALF_SPAN)
    middle = row.center[1] - 0.1
    # The beam from this line spreads below it, and what comes from above is narrow.
    ruler = Ruler(span, point(row.left, middle), point(row.right, middle), above=True)
    if name != "x":  # the link from above runs to the dot: no label in its way
        pairs = zip(ruler.values, ruler.labels[::2], ruler.labels[1::2], strict=True)
        for at, background, label in list(pairs):
            if abs(ruler.point(at)[0] - ruler.point(value)[0]) < label.width:
                ruler.labels.remove(background, label)
    dot = Dot(ruler.point(value), radius=0.12, color=colors.leaf if name == "x" else colors.value)
    return ruler, dot.set_stroke(colors.background, 2).set_z_index(2)
