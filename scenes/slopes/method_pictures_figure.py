"""Three methods of differentiation at work: rules, a shrinking secant, a graph of values."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any

from manim import (
    DOWN,
    LEFT,
    UP,
    Animation,
    AnimationGroup,
    ApplyMethod,
    Dot,
    FadeIn,
    LaggedStart,
    Line,
    Mobject,
    Succession,
    ValueTracker,
    VGroup,
)

from gradreel.draw.baseline import align_baselines
from gradreel.draw.compact_graph import CompactGraph
from gradreel.draw.graph.edge_arrow import pulse
from gradreel.draw.labelled_number import LabelledNumber
from gradreel.draw.layout import Rect, bounding_rect, point
from gradreel.draw.numbers import Readout
from gradreel.draw.plane import Curve, Floats, Plane, curve_range
from gradreel.draw.tangent import direction
from gradreel.draw.text import math
from gradreel.draw.typeset import Typeset
from gradreel.errors import UsageError
from gradreel.expression import parse
from gradreel.tape import Edge, Op, Step, Tape
from gradreel.theme import FontSize, StrokeWidth, colors

if TYPE_CHECKING:
    from gradreel.functions.function import Function
    from gradreel.scenes.slopes.secant_experiment import Secant

LARGER = 1.25  # of a few short terms
BEHIND, AHEAD = 1.7, 1.2  # of the widest secant: how far the curve is drawn to both sides of x
LEGIBLE = 16  # the smallest font size, in Manim's points
DIGITS = 3  # of a value or a gradient in the graph
MARGIN = 0.03  # frame units beside a number of the graph
MOST_LAYERS = 6  # of the graph: more boxes do not fit side by side
SIGN = {" ** ": "(dot)^n", " + ": "+", " - ": "-", " * ": "times", " / ": "div"}
WITH_CONSTANT = {" ** ": "(dot)^", " + ": "+", " - ": "-", " * ": "times ", " / ": "div "}


class RulesPicture(VGroup):
    """The terms of a formula in a row, and below each of them its derivative.

    Raises UsageError for terms that would be too small to read in `area`.
    """

    def __init__(self, terms: Sequence[tuple[str, str]], area: Rect) -> None:
        tops = [_term(text, first=not k) for k, (text, _) in enumerate(terms)]
        bottoms = [_term(text, first=not k) for k, (_, text) in enumerate(terms)]
        left = 0.0
        for top, bottom in zip(tops, bottoms, strict=True):
            width = max(top.width, bottom.width)
            for term, y in ((top, 0.5), (bottom, -0.5)):
                term.move_to(point(left + width / 2, y * 0.6 * area.height))
                align_baselines((tops if y > 0 else bottoms)[0], term)
            left += width + 0.2
        self.arrows = VGroup(
            *(_down(top, bottom) for top, bottom in zip(tops, bottoms, strict=True))
        )
        self.tops, self.bottoms = VGroup(*tops), VGroup(*bottoms)
        super().__init__(self.tops, self.arrows, self.bottoms)
        self.scale(min(LARGER, area.width / self.width)).move_to(area.center)
        if min(term.font_size for term in tops + bottoms) < LEGIBLE:
            raise too_long("symbolic derivative")

    def works(self) -> Animation:
        """The derivatives come out of the terms, one after the other."""
        rows = zip(self.arrows, self.bottoms, strict=True)
        return LaggedStart(
            *(AnimationGroup(FadeIn(arrow, shift=0.2 * DOWN), FadeIn(term, shift=0.4 * DOWN))
              for arrow, term in rows),
            lag_ratio=0.4,
        )  # fmt: skip


class SecantPicture(VGroup):
    """A curve, and the secant of `rows` at the tracker `index`."""

    def __init__(self, f: Function, x: float, rows: Sequence[Secant], area: Rect) -> None:
        self.index, self._rows = ValueTracker(0), rows
        plot, foot = area.rows(1, 0.2, gap=0.08)
        widest = float(rows[0].h)
        samples = f.sample(x - BEHIND * widest, x + AHEAD * widest, 201)
        heights = curve_range(samples.values, include=[rows[0].here, rows[0].there])
        span = (float(samples.xs[0]), float(samples.xs[-1]))
        # The margins of the plane are for labels, and its axes are not drawn.
        wide = Rect(plot.left - 0.6, plot.right + 0.45, plot.bottom - 0.45, plot.top + 0.4)
        plane = Plane(span, heights, wide)
        self.curve = Curve(plane, samples.xs, samples.values)
        here = plane.point(x, rows[0].here)
        self.line = Line(stroke_color=colors.text, stroke_width=StrokeWidth.curve)

        def draw_line(line: Any) -> None:
            along = direction(plane, self.row().slope)
            back, forth = plane.reach(here, along)
            line.set_points_by_ends(here + back * along, here + forth * along)

        self.line.add_updater(draw_line, call_updater=True)
        self.here, self.there = (
            Dot(here, radius=0.09, color=colors.accent).set_stroke(colors.background, 2)
            for _ in range(2)
        )
        self.there.add_updater(
            lambda dot: dot.move_to(plane.point(x + self.row().h, self.row().there)),
            call_updater=True,
        )
        self.h = LabelledNumber(
            "h", lambda: self.row().h.rounded(2), places=None, font_size=FontSize.small,
            color=colors.leaf,
        ).move_to(foot.center)  # fmt: skip
        super().__init__(self.curve, self.line, self.here, self.there, self.h)

    def row(self) -> Secant:
        """The secant that is drawn now."""
        return self._rows[round(self.index.get_value())]

    def works(self) -> Animation:
        """The second point comes up to the first."""
        return ApplyMethod(self.index.set_value, len(self._rows) - 1)


class ValuesGraph(CompactGraph):
    """The graph of a formula: each box shows its operation, with its value above it.

    The gradient stands below the input alone. Numbers that would cover each other are left out.
    Raises UsageError for a graph that does not fit into `area`.
    """

    least_box = 0.52

    def __init__(self, tape: Tape, area: Rect) -> None:
        self._gradients: dict[str, Readout] = {}
        # The numbers above and below the boxes take their share.
        boxes = Rect(area.left, area.right, area.bottom + 0.1, area.top - 0.1)
        super().__init__(tape, boxes, font_size=FontSize.small, down=False)
        if self.layout.layers > MOST_LAYERS or not self._are_separate():
            raise too_long("graph")
        inputs = self.layers()[0]
        steps = [step for step in tape.backward() if step.op in inputs]
        self._gradients = {step.op: self._gradient(step) for step in steps}
        self.values = {op_id: self._value(op_id) for op_id in self.nodes}
        for numbers in (self.values, self._gradients):
            if self._is_crowded():
                numbers.clear()

    def label_of(self, op: Op, font_size: float) -> Typeset:
        """The operation, with its constant if it has one."""
        return math(self._words(op), font_size=font_size)

    def _words(self, op: Op) -> str:
        if not op.inputs:
            return op.name or op.id
        for sign, words in WITH_CONSTANT.items():
            before, found, after = op.call.partition(sign)
            if found:
                constants = [side for side in (before, after) if side.replace(".", "").isdigit()]
                return words + "".join(constants) if constants else SIGN[sign]
        return f'"{op.call.partition("(")[0]}"' if "(" in op.call else "-"

    def _value(self, op_id: str) -> Readout:
        number = self.tape.value(op_id).rounded(DIGITS)
        readout = Readout(number, font_size=FontSize.small, color=colors.value)
        return self._beside(readout, self.nodes[op_id], UP)

    def _gradient(self, step: Step) -> Readout:
        number = self.tape.gradient(step.op).rounded(DIGITS)
        readout = Readout(number, font_size=FontSize.small, color=colors.gradient)
        return self._beside(readout, self.nodes[step.op], DOWN)

    def _beside(self, number: Readout, box: Mobject, side: Floats) -> Readout:
        """Put a number above or below a box, at its edge: two in a column are no fraction."""
        number.next_to(box, side, buff=0.1)
        return number.align_to(box, LEFT) if number.width < box.width else number

    def _number(self, step: Step) -> Readout | None:
        return self._gradients.get(step.op)

    def _is_crowded(self) -> bool:
        """Whether a number covers another one or a box, or would with a little margin."""
        numbers = (self.values, self._gradients)
        shown = (*self.nodes.values(), *(n for group in numbers for n in group.values()))
        rects = [bounding_rect(mobject) for mobject in shown]
        wider = [Rect(r.left - MARGIN, r.right + MARGIN, r.bottom, r.top) for r in rects]
        return any(a.overlap_area(b) > 0 for a, b in combinations(wider, 2))

    def _traveller(self, edge: Edge) -> VGroup:
        return pulse(colors.gradient)  # a number would run over those beside the boxes

    def layers(self) -> list[list[str]]:
        """The ids of the ops, layer by layer from the input on."""
        found: dict[float, list[str]] = {}
        for op_id in self.nodes:
            found.setdefault(self.layout.positions[op_id][0], []).append(op_id)
        return [found[layer] for layer in sorted(found)]

    def runs(self) -> Animation:
        """The values come up from the input to the result."""
        if not self.values:
            return self.traces_forward()
        waves = (AnimationGroup(*(FadeIn(self.values[o]) for o in ops)) for ops in self.layers())
        return AnimationGroup(Succession(*waves), self.traces_forward())

    def goes_back(self, layer: int) -> list[Animation]:
        """The gradients reach the ops of a layer."""
        ops = self.layers()[layer]
        return [self.receives(step) for step in self.tape.backward() if step.op in ops]

    def passes_on(self, layer: int) -> list[Animation]:
        """The ops of a layer send their contributions to their inputs."""
        ops = self.layers()[layer]
        return [self.sends(step) for step in self.tape.backward() if step.op in ops]


def too_long(what: str) -> UsageError:
    """The error for a function whose picture would be too small to read."""
    return UsageError(
        f"the {what} is too long to be read in its column.",
        hint="Take a shorter function, such as x*sin(x) or exp(-x**2).",
    )


def _term(text: str, *, first: bool) -> Typeset:
    """A term of a sum; with its sign, if it is not the first one."""
    words = parse(text).typst()
    sign = "" if first or text.startswith("-") else "+ "
    return math(sign + words, font_size=FontSize.body)


def _down(top: Mobject, bottom: Mobject) -> VGroup:
    """A small arrow from a term to its derivative."""
    x = bottom.get_right()[0] - 0.14
    start, end = point(x, top.get_bottom()[1] - 0.14), point(x, bottom.get_top()[1] + 0.14)
    shaft = Line(start, end, stroke_color=colors.local, stroke_width=StrokeWidth.axis)
    tip = VGroup(*(Line(end + point(dx, 0.12), end) for dx in (-0.09, 0.09)))
    return VGroup(shaft, tip.set_stroke(colors.local, StrokeWidth.axis))
