"""The whole machine in one picture: values forward above, slopes backward below, a step between.

Above stand the values of a composition from its input to its result, below each the slope of the
result with respect to it; a light runs around, and every number changes as the light passes. All
of it is a function of one clock that counts turns.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from manim import (
    DOWN,
    LEFT,
    ORIGIN,
    RIGHT,
    UP,
    Animation,
    AnimationGroup,
    Create,
    DashedLine,
    FadeIn,
    Indicate,
    LaggedStart,
    Mobject,
    VGroup,
    VMobject,
)

from gradreel.draw.compact_graph import CompactArrow
from gradreel.draw.graph.edge_arrow import pulse
from gradreel.draw.layout import Rect, point
from gradreel.draw.plane import Floats
from gradreel.draw.text import math, text
from gradreel.draw.text_background import text_background
from gradreel.errors import UsageError
from gradreel.scenes.whole_machine.optional_number_figure import (
    OptionalNumber,
    Passing,
    shown_with,
    widest_of,
)
from gradreel.tape import Quantity
from gradreel.theme import FontSize, colors

MOST_LINKS = 3
LEAST_GAP = 0.45
LABELS = 0.5  # the height of the calls above and below
# When in a turn the light sets out, and when it has come to the end of each of its four ways.
EMPTIED, FORWARD, AROUND, BACKWARD = 0.03, 0.38, 0.46, 0.84
STILL = 1e-6


class Round(Protocol):
    """What one turn leaves behind; see gradreel.measure.machine."""

    @property
    def values(self) -> Sequence[Quantity]: ...
    @property
    def locals(self) -> Sequence[Quantity]: ...
    @property
    def slopes(self) -> Sequence[Quantity]: ...
    @property
    def moved(self) -> Quantity: ...


class TrainingCycle(VGroup):
    """The machine of a composition within `area`, at time `now()`, counted in turns.

    `names` run from input to result, `formulas` are the links' in Typst math, `nodes` the names of
    their backward nodes, shown where there is room.
    """

    def __init__(
        self,
        names: Sequence[str],
        formulas: Sequence[str],
        nodes: Sequence[str],
        turns: Sequence[Round],
        now: Callable[[], float],
        area: Rect,
    ) -> None:
        super().__init__()
        if len(formulas) > MOST_LINKS:
            raise UsageError(
                f"the composition has {len(formulas)} links; the machine shows {MOST_LINKS}.",
                hint="Choose a formula with fewer functions inside each other.",
            )
        self.names, self.turns, self.now, self.area = tuple(names), turns, now, area
        self.values, self.slopes = self._slots(formulas, nodes)
        self._place()
        self.ways = self._ways()
        self.ties = [self._tie(k) for k in range(len(formulas))]
        self.calls = self._calls()
        self.light = self._light()

    # The clock

    def turn(self) -> tuple[int, float]:
        """Which turn it is, from 0, and how much of it is over, from 0 to 1.

        At a whole number a turn has just ended; the first one has not begun at 0.
        """
        now = min(max(self.now(), 0.0), float(len(self.turns)))
        index = max(int(np.ceil(now - 1e-9)) - 1, 0)
        return index, min(now - index, 1.0)

    def input(self) -> float:
        """Where the input is now: during a step it is on its way."""
        index, over = self.turn()
        turn = self.turns[index]
        share = min(max((over - BACKWARD) / (1 - BACKWARD), 0.0), 1.0)
        return float(turn.values[0] + (turn.moved - turn.values[0]) * share)

    def _share(self, column: int) -> float:
        """Which part of the way there a column comes."""
        return column / (len(self.names) - 1)

    def _latest(self, passes: float) -> int | None:
        """The last turn in which the light has passed a place it reaches at `passes`."""
        index, over = self.turn()
        if over >= passes - 1e-9:
            return index
        return index - 1 if index else None

    def _value(self, column: int) -> Quantity | None:
        index, over = self.turn()
        if column == 0:
            turn = self.turns[index]
            return turn.moved if over >= 1 else turn.values[0]
        latest = self._latest(FORWARD * self._share(column))
        return None if latest is None else self.turns[latest].values[column]

    def _slope(self, column: int) -> Quantity | None:
        index, over = self.turn()
        passes = AROUND + (BACKWARD - AROUND) * (1 - self._share(column))
        return self.turns[index].slopes[column] if over >= passes - 1e-9 else None

    def _local(self, link: int) -> Quantity | None:
        latest = self._latest(FORWARD * self._share(link + 1))
        return None if latest is None else self.turns[latest].locals[link]

    # The picture

    def _slots(
        self, formulas: Sequence[str], nodes: Sequence[str]
    ) -> tuple[list[OptionalNumber], list[OptionalNumber]]:
        """The two rows, with as much said in the upper one as fits."""
        slopes = [self._slope_slot(column) for column in range(len(self.names))]
        for formula, node in ((True, True), (True, False), (False, False)):
            values = [
                self._value_slot(
                    column,
                    formulas[column - 1] if formula and column else "",
                    nodes[column - 1] if node and column else "",
                    node,
                )
                for column in range(len(self.names))
            ]
            columns = [max(pair) for pair in _widths(values, slopes)]
            if sum(columns) + LEAST_GAP * len(formulas) <= self.area.width:
                break
        return values, slopes

    def _value_slot(self, column: int, formula: str, node: str, noted: bool) -> OptionalNumber:
        name = self.names[column]
        tone = colors.value if column else colors.leaf
        note = node if column else "leaf"
        return OptionalNumber(
            math(f"{name} = {formula}" if formula else name, font_size=FontSize.label),
            lambda: self._value(column),
            [turn.values[column] for turn in self.turns],
            tone=tone,
            note=text(note, font_size=FontSize.code, color=tone, mono=True) if noted else None,
        )

    def _slope_slot(self, column: int) -> OptionalNumber:
        name, result = self.names[column], self.names[-1]
        label = f'upright("{name}.grad")' if column == 0 else f"dif {result} \\/ dif {name}"
        return OptionalNumber(
            math(label, font_size=FontSize.label, color=colors.muted),
            lambda: self._slope(column),
            [turn.slopes[column] for turn in self.turns],
            tone=colors.gradient,
            empty=text("None", font_size=FontSize.code, color=colors.muted, mono=True)
            if column == 0
            else None,
        )

    def _place(self) -> None:
        for row in (self.values, self.slopes):
            highest = max(slot.height for slot in row)
            for slot in row:
                slot.made_as_high_as(highest)
        widths = [max(pair) for pair in _widths(self.values, self.slopes)]
        gap = (self.area.width - sum(widths)) / max(len(widths) - 1, 1)
        tall = self.values[0].height + self.slopes[0].height + 2 * LABELS
        # Neither far apart nor at the very edge: a high area leaves air above and below.
        middle = min(self.area.height - tall, 1.5)
        top = self.area.center[1] + (tall + middle) / 2 - LABELS
        left = self.area.left
        for upper, lower, width in zip(self.values, self.slopes, widths, strict=True):
            x = left + width / 2
            upper.move_to(point(x, top - upper.height / 2))
            lower.move_to(point(x, top - self.values[0].height - middle - lower.height / 2))
            left += width + gap

    def _ways(self) -> list[CompactArrow]:
        """Forward, down at the result, backward, and up again where the step is taken."""
        ways = [_arrow(a, RIGHT, b) for a, b in zip(self.values, self.values[1:], strict=False)]
        ways.append(_arrow(self.values[-1], DOWN, self.slopes[-1]))
        back = list(reversed(self.slopes))
        ways += [_arrow(a, LEFT, b) for a, b in zip(back, back[1:], strict=False)]
        return [*ways, _arrow(self.slopes[0], UP, self.values[0])]

    def _tie(self, link: int) -> VGroup:
        """The local slope of a link, between the way there and the way back."""
        x = (self.values[link].get_right()[0] + self.values[link + 1].get_left()[0]) / 2
        top, bottom = self.values[0].get_y(), self.slopes[0].get_y()
        line = DashedLine(point(x, top - 0.2), point(x, bottom + 0.2), dash_length=0.09)
        line.set_stroke(colors.local, 2)
        sign = math("times", font_size=FontSize.label, color=colors.local)
        shown_with(sign, lambda: self._local(link))
        shown = [turn.locals[link] for turn in self.turns]
        number = Passing(lambda: self._local(link), shown, colors.local, FontSize.label, "left")
        room = VMobject().set_points_as_corners([ORIGIN, RIGHT * widest_of(shown, FontSize.label)])
        low, high = self.slopes[0].get_top()[1], self.values[0].get_bottom()[1]
        tag = VGroup(sign, room).arrange(RIGHT, buff=0.1).move_to(point(x, (low + high) / 2))
        number.move_to(room, aligned_edge=LEFT)
        cover = text_background(tag, margin=0.06).stretch_to_fit_height(number.height + 0.12)
        return VGroup(line, cover, sign, number)

    def _calls(self) -> dict[str, VGroup]:
        """What is written in a program, beside the place where it acts."""
        result = self.names[-1]
        first, last = self.values[0], self.values[-1]
        above, below = first.get_top()[1] + 0.16, self.slopes[0].get_bottom()[1] - 0.16
        left, right = self.area.left, max(last.get_right()[0], self.slopes[-1].get_right()[0])
        words = {
            "requires_grad=True": (colors.leaf, point(left, above), DOWN + LEFT),
            "forward": (colors.value, point(right, above), DOWN + RIGHT),
            "zero_grad()": (colors.detached, point(left, below), UP + LEFT),
            f"{result}.backward()": (colors.gradient, point(right, below), UP + RIGHT),
        }
        calls = {}
        for (code, (tone, place, edge)), name in zip(words.items(), CALLS, strict=False):
            line = text(code, font_size=FontSize.code, color=tone, mono=True)
            calls[name] = VGroup(line.move_to(place, aligned_edge=edge))
        step = text("step()", font_size=FontSize.code, color=colors.leaf, mono=True)
        low, high = self.slopes[0].get_top()[1], first.get_bottom()[1]
        step.move_to(point(first.get_x(), (low + high) / 2))
        calls["step"] = VGroup(text_background(step, margin=0.06), step)
        return calls

    def _light(self) -> VGroup:
        corners = [slot.get_center() for slot in (*self.values, *reversed(self.slopes))]
        columns = range(len(self.names))
        times = [FORWARD * self._share(k) for k in columns]
        span = BACKWARD - AROUND
        times += [AROUND + span * (1 - self._share(k)) for k in reversed(columns)]
        corners, times = [*corners, corners[0]], [*times, 1.0]
        lights = [pulse(tone) for tone in (colors.value, colors.gradient, colors.leaf)]

        def follow(group: Mobject) -> None:
            over = self.turn()[1]
            place = [np.interp(over, times, [c[axis] for c in corners]) for axis in range(3)]
            group.move_to(np.array(place))
            # Between two ways it is out: a number stands where it would be.
            ways = ((EMPTIED, FORWARD), (FORWARD, BACKWARD), (BACKWARD, 1.0))
            for (halo, core), (leaves, comes) in zip(lights, ways, strict=True):
                on = float(leaves + STILL < over < comes - STILL)
                halo.set_fill(opacity=0.3 * on)
                core.set_fill(opacity=on)

        return VGroup(*lights).add_updater(follow, call_updater=True)

    # Verbs

    def remembers(self, link: int) -> Animation:
        """The result of a link, the arrow that leads to it, and the local slope it keeps."""
        way = self.ways[link]
        return AnimationGroup(Create(way.line), FadeIn(way.tip), FadeIn(self.values[link + 1]))

    def opens_the_way_back(self) -> Animation:
        """The lower row and its arrows, from the result to the input."""
        count = len(self.names)
        parts = [
            AnimationGroup(FadeIn(self.ways[count - 1 + k]), FadeIn(slot))
            for k, slot in enumerate(reversed(self.slopes))
        ]
        return LaggedStart(*parts, lag_ratio=0.4)

    def ties_up(self) -> Animation:
        """The local slopes come, one for each link."""
        return LaggedStart(*(FadeIn(tie) for tie in self.ties), lag_ratio=0.3)

    def says(self, *names: str) -> Animation:
        """Calls appear beside the place where they act."""
        return AnimationGroup(*(FadeIn(self.calls[name]) for name in names))

    def lights_up(self) -> Animation:
        """Every box in the order of a turn: values forward, slopes backward, the step."""
        things = [*(slot.frame for slot in (*self.values, *reversed(self.slopes)))]
        glows = [Indicate(t, scale_factor=1.08, color=colors.accent) for t in things]
        step = Indicate(self.calls["step"][1], scale_factor=1.4, color=colors.accent)
        return LaggedStart(*glows, step, lag_ratio=0.5)


CALLS = ("requires_grad", "forward", "zero_grad", "backward", "step")


def _widths(
    values: Sequence[OptionalNumber], slopes: Sequence[OptionalNumber]
) -> list[tuple[float, float]]:
    return [(upper.width, lower.width) for upper, lower in zip(values, slopes, strict=True)]


def _arrow(start: OptionalNumber, way: Floats, end: OptionalNumber) -> CompactArrow:
    """Straight from the side of one slot to the facing side of the other."""
    air = np.asarray(way) * 0.06
    return CompactArrow([start.get_edge_center(way) + air, end.get_edge_center(-way) - air])
