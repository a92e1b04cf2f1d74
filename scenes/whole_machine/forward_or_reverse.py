"""Why backward: one pass gives all slopes.

The slopes of a small network, found in both ways that PyTorch has: forward mode sends one input's
nudge along in each pass, reverse mode comes back from the loss. Every operation is counted.
"""

from __future__ import annotations

from math import ceil

import numpy as np
from manim import (
    LEFT,
    UP,
    FadeIn,
    FadeOut,
    Line,
    ReplacementTransform,
    ValueTracker,
    VGroup,
)

from gradreel.draw.contours import MapTrail
from gradreel.draw.labelled_number import LabelledNumber
from gradreel.draw.layout import Rect, content_area, point
from gradreel.draw.plane import Plane, padded_range
from gradreel.draw.text import text
from gradreel.lecture.lecture_scene import LectureScene
from gradreel.params import Literal, SceneParams, param
from gradreel.scenes.whole_machine.ad_modes_experiment import compare
from gradreel.scenes.whole_machine.network_figure import Network, Slopes, Wave
from gradreel.theme import FontSize, colors


class ForwardOrReverse(LectureScene):
    class Params(SceneParams):
        inputs: int = param(12, "inputs of the network with one output", ge=2, le=16)
        outputs: int = param(12, "outputs of the network with one input", ge=2, le=16)
        hidden: int = param(3, "units between them", ge=1, le=6)
        activation: Literal["tanh", "sigmoid", "relu"] = param("tanh", "what those units do")
        seed: int = param(3, "which weights and inputs", ge=0, le=9999)

    def construct(self):
        p = self.params
        rest = (p.hidden, p.activation, p.seed)
        self.wide = [compare(n, 1, *rest) for n in range(1, p.inputs + 1)]
        self.tall = [compare(1, m, *rest) for m in range(1, p.outputs + 1)]
        self.set_the_stage()
        all_in, all_out = self.wide[-1], self.tall[-1]

        with self.beat("two ways to the slopes", TWO, plays=2, n=all_in.inputs):
            self.play(self.ahead.network.appears(), self.back.network.appears())
            self.play(FadeIn(self.ahead.title, self.back.title, self.inputs.plane))
        with self.beat("forward mode", FORWARD, ops=all_in.forward.operations,
                       passes=all_in.forward.passes):  # fmt: skip
            self.runs(self.ahead, self.inputs)
        with self.beat("reverse mode", REVERSE, ops=all_in.reverse.operations,
                       plain=all_in.plain):  # fmt: skip
            self.runs(self.back, self.inputs)
        with self.beat("the same slopes", SAME, difference=all_in.difference):
            found = self.ahead.slopes.copy().clear_updaters()
            self.play(found.animate.align_to(self.back.slopes, UP))
            self.remove(found)
        with self.beat("more inputs", GROW):
            self.play(*self.inputs.grow())
        with self.beat("the other way round", ROUND, plays=4, m=all_out.outputs,
                       passes=all_out.reverse.passes):  # fmt: skip
            self.play(*self.turns())
            self.runs(self.ahead_out, self.outputs)
            self.runs(self.back_out, self.outputs)
            self.play(*self.outputs.grow())
        with self.beat("why backward", WHY, plays=2):
            self.play(*self.turns_back())
            self.runs(self.again, self.once_more)

    def runs(self, lane, growth):
        """All passes of a lane, one after the other, and what they cost."""
        self.add(lane.wave, lane.slopes, lane.readings, growth.column(lane))
        self.play(lane.passes.animate(rate_func=lambda t: t).set_value(lane.count))

    def turns(self):
        """The networks turn around, and so does what is counted."""
        pairs = ((self.ahead, self.ahead_out), (self.back, self.back_out))
        return [
            *(ReplacementTransform(a.network, b.network) for a, b in pairs),
            *(lane.leaves() for lane, _ in pairs),
            *self.inputs.leaves(),
            ReplacementTransform(self.inputs.plane, self.outputs.plane),
        ]

    def turns_back(self):
        """Back to one loss of many inputs, and to reverse mode alone."""
        return [
            self.ahead_out.leaves(),
            self.back_out.leaves(),
            FadeOut(self.ahead_out.network, self.ahead.title),
            ReplacementTransform(self.back_out.network, self.again.network),
            ReplacementTransform(self.back.title, self.again.title),
            *self.outputs.leaves(),
            ReplacementTransform(self.outputs.plane, self.once_more.plane),
            FadeIn(*self.once_more.trails),
        ]

    def set_the_stage(self):
        """Both modes on the left, one above the other; on the right what they cost."""
        left, right = content_area().columns(1.3, 1, gap=0.4)
        upper, lower = left.rows(1, 1, gap=0.2)
        wide, tall, hidden = self.wide[-1], self.tall[-1], self.params.hidden
        self.ahead = Lane("forward mode", wide, wide.forward, upper, hidden)
        self.back = Lane("reverse mode", wide, wide.reverse, lower, hidden)
        self.ahead_out = Lane("forward mode", tall, tall.forward, upper, hidden)
        self.back_out = Lane("reverse mode", tall, tall.reverse, lower, hidden)
        self.again = Lane("reverse mode", wide, wide.reverse, left, hidden)
        self.inputs = Growth("n", self.wide, right)
        self.outputs = Growth("m", self.tall, right)
        self.once_more = Growth("n", self.wide, right)
        self.once_more.now.set_value(self.once_more.last)


class Lane:
    """One mode on one network: its waves, the slopes it finds, its passes and operations."""

    def __init__(self, title, compared, cost, area, hidden):
        self.backward = cost is compared.reverse
        self.color = colors.gradient if self.backward else colors.value
        self.passes, self.count = ValueTracker(0), len(cost.steps)
        self.costs = [0.0, *(float(operations) for _, operations in cost.steps)]
        now = self.passes.get_value
        head, body = area.rows(0.5, area.height - 0.55, gap=0.05)
        picture, side = body.columns(1.6, 1, gap=0.2)
        self.title = text(title, font_size=FontSize.label, color=self.color)
        self.title.move_to(head.center).align_to(point(area.left, 0), LEFT)
        n, m = int(compared.inputs), int(compared.outputs)
        self.network = Network((n, hidden, m), without_sides(picture))
        ways = self.network.ways
        one_by_one = [ways(last=j) for j in range(m)], [ways(first=i) for i in range(n)]
        self.wave = Wave(one_by_one[not self.backward], now, color=self.color,
                         backward=self.backward)  # fmt: skip
        found = [slope for row in cost.slopes for slope in row]
        at_once = self.count == 1
        known = lambda k: now() >= (1 if at_once else k + 1)  # noqa: E731
        many = n > 1
        spots = self.network.spots[0 if many else 2]
        self.slopes = Slopes(spots, found, known, side=-1 if many else 1)
        step = lambda: cost.steps[min(max(ceil(now()), 1), self.count) - 1]  # noqa: E731
        one, two = side.rows(1, 1, gap=0)
        self.readings = VGroup(
            self.reading('"passes"', lambda: step()[0], one),
            self.reading('"operations"', lambda: step()[1], two),
        )

    def reading(self, name, source, area):
        """A counter."""
        made = LabelledNumber(name, source, color=self.color, places=0, font_size=FontSize.label)
        return made.move_to(area.center).align_to(point(area.left, 0), LEFT)

    def cost_now(self):
        """Operations so far, between two passes in between."""
        return np.interp(self.passes.get_value(), range(self.count + 1), self.costs)

    def leaves(self):
        """All but the network and the title goes; what followed the passes stays as it is."""
        for mobject in (self.wave, self.slopes):
            mobject.clear_updaters()
        return FadeOut(self.wave, self.slopes, self.readings)


class Growth:
    """What both modes cost, against the number of inputs or outputs."""

    def __init__(self, name, compared, area):
        self.now, self.last = ValueTracker(0), len(compared) - 1
        counts = np.array([[c.forward.operations, c.reverse.operations] for c in compared], float)
        self.plane = Plane(
            (1, len(compared)), padded_range([0.0, counts.max()], 0.05), area,
            x_name=name, y_name='"operations"',
        )  # fmt: skip
        xs = np.arange(1, len(compared) + 1)
        self.trails = [
            MapTrail(self.plane, np.column_stack([xs, column]), self.now.get_value, color=color)
            for column, color in zip(counts.T, (colors.value, colors.gradient), strict=True)
        ]
        self.columns = []

    def column(self, lane):
        """A column at the full number, as high as a lane's passes have cost so far."""
        x = self.last + 1 - 0.25 * lane.backward * self.last / 12
        foot = self.plane.point(x, 0)
        made = Line(foot, foot, stroke_color=lane.color, stroke_width=12)
        made.add_updater(
            lambda line: line.set_points_by_ends(foot, self.plane.point(x, lane.cost_now()))
        )
        self.columns.append(made)
        return made

    def grow(self):
        """Both curves, from one input or output on."""
        grown = self.now.animate(rate_func=lambda t: t).set_value(self.last)
        return [grown, *(FadeIn(trail, run_time=0.3) for trail in self.trails)]

    def leaves(self):
        """Curves and columns go."""
        for mobject in (*self.trails, *self.columns):
            mobject.clear_updaters()
        return [FadeOut(*self.trails, *self.columns)]


def without_sides(area):
    """Room for a network, with room for slopes on both sides of it."""
    return Rect(area.left + 1.0, area.right - 1.0, area.bottom, area.top)


TWO = "A loss of {n} inputs. PyTorch knows two ways to its slopes; each operation is counted."
FORWARD = (
    "Forward mode sends a nudge of one input along with the values. {passes} inputs are {passes} "
    "passes: {ops} operations."
)
REVERSE = (
    "Reverse mode comes back from the loss and meets all inputs on its way. One pass: {ops} "
    "operations, where the loss alone takes {plain}."
)
SAME = "Both find the same slopes. The largest difference between them is {difference}."
GROW = "One input costs the same either way. The more there are, the further the two come apart."
ROUND = (
    "Turn it around: one input, {m} outputs. Now forward mode needs a single pass, and reverse "
    "mode {passes}, one for each output."
)
WHY = (
    "But a loss is one number, and a model has millions of inputs. Going backward, one pass gives "
    "all their slopes."
)
