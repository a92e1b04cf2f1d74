"""Training of a composition in one picture: values above, slopes below, a light that runs around.

The values of the composition stand in a row from its input to its result, below each the slope of
the result with respect to it. Every number changes as the light passes it. All of it is a function
of one time that counts training steps.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from manim import (
    DOWN,
    LEFT,
    ORIGIN,
    RIGHT,
    UP,
    Animation,
    AnimationGroup,
    DashedLine,
    FadeIn,
    LaggedStart,
    Mobject,
    VGroup,
    VMobject,
)

from gradreel.draw.compact_arrow import CompactArrow
from gradreel.draw.graph.edge_arrow import pulse
from gradreel.draw.layout import Rect, point
from gradreel.draw.plane import Floats
from gradreel.draw.text import math, text
from gradreel.draw.text_background import text_background
from gradreel.errors import UsageError
from gradreel.expression.typst_printer import name_markup
from gradreel.scenes.whole_machine.number_box_figure import (
    OptionalNumber,
    OptionalReadout,
    follow_presence,
    max_width,
)
from gradreel.scenes.whole_machine.training_clock_figure import (
    BACKWARD,
    FORWARD,
    ZEROED,
    TrainingClock,
    TrainingState,
)
from gradreel.theme import FontSize, colors

MAX_LINKS = 3
MIN_GAP = 0.45
CALL_HEIGHT = 0.5  # of the calls above and below the rows
MAX_ROW_GAP = 1.5
HALO = 0.2  # frame units in front of a box on which the light goes out
AT_REST = 1e-6  # the light is off so shortly before and after each stretch


class TrainingCycle(VGroup):
    """The training of a composition within `area`, at `time()` in steps.

    `names` run from the input to the result, `formulas` are the links' in Typst math, `nodes` the
    names of their backward nodes, shown where there is room. Raises UsageError for more than
    MAX_LINKS links.
    """

    def __init__(
        self,
        names: Sequence[str],
        formulas: Sequence[str],
        nodes: Sequence[str],
        steps: Sequence[TrainingState],
        time: Callable[[], float],
        area: Rect,
    ) -> None:
        super().__init__()
        if len(formulas) > MAX_LINKS:
            raise UsageError(
                f"the composition has {len(formulas)} links; the machine shows {MAX_LINKS}.",
                hint="Choose a formula with fewer functions inside each other.",
            )
        self.names, self.steps, self.area = tuple(names), steps, area
        self.clock = TrainingClock(steps, time)
        self.columns = range(len(self.names))
        self.slopes = [self._slope_box(column) for column in self.columns]
        self.values = self._value_boxes(formulas, nodes)
        self._arrange()
        self.arrows = self._arrows()
        self.local_slopes = [self._local_slope(k) for k in range(len(formulas))]
        self.calls = self._calls()
        self.light = self._light()

    def _value_boxes(self, formulas: Sequence[str], nodes: Sequence[str]) -> list[OptionalNumber]:
        """The upper row, with formulas and names of nodes if they fit into the width."""
        no_formulas, no_nodes = [""] * len(formulas), [""] * len(nodes)
        for shown, notes in ((formulas, nodes), (formulas, no_nodes), (no_formulas, no_nodes)):
            boxes = [
                self._value_box(k, ["", *shown][k], ["leaf" if notes is nodes else "", *notes][k])
                for k in self.columns
            ]
            if sum(_column_widths(boxes, self.slopes)) + MIN_GAP * len(shown) <= self.area.width:
                break
        return boxes

    def _value_box(self, column: int, formula: str, note: str) -> OptionalNumber:
        name = name_markup(self.names[column])
        tone = colors.value if column else colors.leaf
        return OptionalNumber(
            math(f"{name} = {formula}" if formula else name, font_size=FontSize.label),
            lambda: self.clock.value(column),
            lambda: self.clock.presence(self.clock.forward_time(column)) if column else 1.0,
            [step.values[column] for step in self.steps],
            tone=tone,
            note=text(note, font_size=FontSize.code, color=tone, mono=True) if note else None,
        )

    def _slope_box(self, column: int) -> OptionalNumber:
        name, result = self.names[column], self.names[-1]
        label, empty = f"dif {name_markup(result)} \\/ dif {name_markup(name)}", None
        if column == 0:
            label = f'upright("{name}.grad")'
            empty = text("None", font_size=FontSize.code, color=colors.muted, mono=True)
        return OptionalNumber(
            math(label, font_size=FontSize.label, color=colors.muted),
            lambda: self.clock.slope(column),
            lambda: self.clock.slope_presence(column),
            [step.slopes[column] for step in self.steps],
            tone=colors.gradient,
            empty=empty,
            empty_presence=self.clock.none_presence,
        )

    def _arrange(self) -> None:
        for row in (self.values, self.slopes):
            height = max(box.height for box in row)
            for box in row:
                box.stretch_to_height(height)
        widths = _column_widths(self.values, self.slopes)
        gap = (self.area.width - sum(widths)) / max(len(widths) - 1, 1)
        heights = self.values[0].height + self.slopes[0].height + 2 * CALL_HEIGHT
        # The rows keep together: a high area leaves space above and below them.
        row_gap = min(self.area.height - heights, MAX_ROW_GAP)
        top = self.area.center[1] + (heights + row_gap) / 2 - CALL_HEIGHT
        left = self.area.left
        for upper, lower, width in zip(self.values, self.slopes, widths, strict=True):
            x = left + width / 2
            upper.move_to(point(x, top - upper.height / 2))
            lower.move_to(point(x, top - self.values[0].height - row_gap - lower.height / 2))
            left += width + gap

    def _arrows(self) -> list[CompactArrow]:
        """Forward, down at the result, backward, and up at the input."""
        arrows = [_arrow(a, RIGHT, b) for a, b in zip(self.values, self.values[1:], strict=False)]
        arrows.append(_arrow(self.values[-1], DOWN, self.slopes[-1]))
        back = list(reversed(self.slopes))
        arrows += [_arrow(a, LEFT, b) for a, b in zip(back, back[1:], strict=False)]
        return [*arrows, _arrow(self.slopes[0], UP, self.values[0])]

    def _local_slope(self, link: int) -> VGroup:
        """The local derivative of a link on a dashed line between the two rows."""
        x = (self.values[link].get_right()[0] + self.values[link + 1].get_left()[0]) / 2
        top, bottom = self.values[0].get_y(), self.slopes[0].get_y()
        sign = math("times", font_size=FontSize.label, color=colors.local)

        def presence() -> float:
            return self.clock.presence(self.clock.forward_time(link + 1))

        follow_presence(sign, presence)
        known = [step.locals[link] for step in self.steps]
        number = OptionalReadout(
            lambda: self.clock.local(link), presence, known, colors.local, FontSize.label, "left"
        )
        width = max_width(known, FontSize.label)
        room = VMobject().set_points_as_corners([ORIGIN, RIGHT * width])
        low, high = self.slopes[0].get_top()[1], self.values[0].get_bottom()[1]
        tag = VGroup(sign, room).arrange(RIGHT, buff=0.1).move_to(point(x, (low + high) / 2))
        number.move_to(room, aligned_edge=LEFT)
        lines = VGroup(
            *(
                DashedLine(point(x, start), point(x, end), dash_length=0.09)
                for start, end in (
                    (top - 0.2, tag.get_top()[1] + 0.12), (tag.get_bottom()[1] - 0.12, bottom + 0.2)
                )
            )
        ).set_stroke(colors.local, 2)  # fmt: skip
        return VGroup(lines, sign, number)

    def _calls(self) -> dict[str, VGroup]:
        """The calls of a training program, by name, each at the corner where it acts."""
        first, last, result = self.values[0], self.values[-1], self.names[-1]
        above, below = first.get_top()[1] + 0.16, self.slopes[0].get_bottom()[1] - 0.16
        left, right = self.area.left, max(last.get_right()[0], self.slopes[-1].get_right()[0])
        corners = {
            "requires_grad": ("requires_grad=True", colors.leaf, left, above, DOWN + LEFT),
            "forward": ("forward", colors.value, right, above, DOWN + RIGHT),
            "zero_grad": ("zero_grad()", colors.detached, left, below, UP + LEFT),
            "backward": (f"{result}.backward()", colors.gradient, right, below, UP + RIGHT),
        }
        calls = {}
        for name, (code, tone, x, y, edge) in corners.items():
            line = text(code, font_size=FontSize.code, color=tone, mono=True)
            calls[name] = VGroup(line.move_to(point(x, y), aligned_edge=edge))
        step = text("step()", font_size=FontSize.code, color=colors.leaf, mono=True)
        low, high = self.slopes[0].get_top()[1], first.get_bottom()[1]
        step.move_to(point(first.get_x(), (low + high) / 2))
        calls["step"] = VGroup(text_background(step, margin=0.06), step)
        return calls

    def _light(self) -> VGroup:
        """A light for each of forward, backward and step; one at most is on."""
        boxes = [*self.values, *reversed(self.slopes), self.values[0]]
        corners = [box.get_center() for box in boxes]
        times = [self.clock.forward_time(k) for k in self.columns]
        times += [self.clock.backward_time(k) for k in reversed(self.columns)] + [1.0]
        stretches = ((ZEROED, FORWARD), (FORWARD, BACKWARD), (BACKWARD, 1.0))
        lights = [pulse(tone) for tone in (colors.value, colors.gradient, colors.leaf)]

        def follow(group: Mobject) -> None:
            share = self.clock.step()[1]
            position = [np.interp(share, times, [c[axis] for c in corners]) for axis in range(3)]
            group.move_to(np.array(position))
            # Within a box the light is off, since it would cover a number.
            outside = min(_distance(np.array(position), box) for box in boxes)
            bright = min(max(outside / HALO, 0.0), 1.0)
            for (halo, core), (start, end) in zip(lights, stretches, strict=True):
                on = bright * float(start + AT_REST < share < end - AT_REST)
                halo.set_fill(opacity=0.3 * on)
                core.set_fill(opacity=on)

        return VGroup(*lights).add_updater(follow, call_updater=True)

    # Animations

    def shows_values(self) -> Animation:
        """The upper row with its arrows and local derivatives, from the input to the result."""
        parts: list[Animation] = [FadeIn(self.values[0])]
        for arrow, box, local in zip(self.arrows, self.values[1:], self.local_slopes, strict=False):
            (upper, _), sign, number = local
            parts.append(AnimationGroup(FadeIn(arrow), FadeIn(box), FadeIn(upper, sign, number)))
        return LaggedStart(*parts, lag_ratio=0.4)

    def shows_grad(self) -> Animation:
        """The box of the input's .grad, without an arrow: nothing has run back to it yet."""
        return FadeIn(self.slopes[0])

    def shows_slopes(self) -> Animation:
        """The rest of the lower row with its arrows and lines down, from the result back."""
        back = list(reversed(self.columns))
        lines = [None, *(local[0][1] for local in reversed(self.local_slopes))]
        parts = []
        for column, arrow, line in zip(back, self.arrows[len(back) - 1 :], lines, strict=False):
            new = [FadeIn(line)] if line is not None else []
            new += [FadeIn(self.slopes[column])] if column else []
            parts.append(AnimationGroup(FadeIn(arrow), *new))
        return LaggedStart(*parts, lag_ratio=0.4)

    def shows_calls(self, *names: str) -> Animation:
        """Calls appear: requires_grad, forward, zero_grad, backward or step."""
        return AnimationGroup(*(FadeIn(self.calls[name]) for name in names))


def _column_widths(
    values: Sequence[OptionalNumber], slopes: Sequence[OptionalNumber]
) -> list[float]:
    return [max(upper.width, lower.width) for upper, lower in zip(values, slopes, strict=True)]


def _distance(position: Floats, box: OptionalNumber) -> float:
    """How far a position is outside of a box, 0 within it."""
    away = np.abs(position - box.get_center()) - [box.width / 2, box.height / 2, 0.0]
    return float(np.linalg.norm(np.maximum(away, 0.0)))


def _arrow(start: OptionalNumber, direction: Floats, end: OptionalNumber) -> CompactArrow:
    """A straight arrow from the side of one box to the facing side of the other."""
    margin = np.asarray(direction) * 0.06
    return CompactArrow(
        [start.get_edge_center(direction) + margin, end.get_edge_center(-direction) - margin]
    )
