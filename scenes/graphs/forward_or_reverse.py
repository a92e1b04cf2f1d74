"""Why backward: one pass gives all slopes.

All slopes of a small network by forward mode, one pass for each input, and by reverse mode, one
pass for each output. Every arithmetic operation is counted, for networks with many inputs and with
many outputs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import ceil

import numpy as np
from manim import (
    LEFT,
    UP,
    Animation,
    ApplyMethod,
    FadeIn,
    FadeOut,
    Line,
    Mobject,
    ReplacementTransform,
    ValueTracker,
    VGroup,
    linear,
)

from gradreel.draw.contours import MapTrail
from gradreel.draw.labelled_number import LabelledNumber
from gradreel.draw.layout import Rect, content_area, point
from gradreel.draw.network_diagram import NetworkDiagram, NetworkWave, SlopeBars
from gradreel.draw.plane import Plane, padded_range
from gradreel.draw.text import text
from gradreel.lecture.lecture_scene import LectureScene
from gradreel.params import Literal, SceneParams, param
from gradreel.scenes.graphs.ad_modes_experiment import (
    ModeComparison,
    ModeCost,
    compare_modes,
)
from gradreel.tape import Quantity
from gradreel.theme import FontSize, colors


class ForwardOrReverse(LectureScene):
    class Params(SceneParams):
        inputs: int = param(12, "inputs of the network with one output", ge=2, le=16)
        outputs: int = param(12, "outputs of the network with one input", ge=2, le=16)
        hidden: int = param(3, "units between them", ge=1, le=6)
        activation: Literal["tanh", "sigmoid", "relu"] = param("tanh", "what those units do")
        seed: int = param(3, "which weights and inputs", ge=0, le=9999)

    def construct(self) -> None:
        p = self.params
        rest = (p.hidden, p.activation, p.seed)
        by_inputs = [compare_modes(n, 1, *rest) for n in range(1, p.inputs + 1)]
        by_outputs = [compare_modes(1, m, *rest) for m in range(1, p.outputs + 1)]
        self.build_layout(by_inputs, by_outputs)
        all_in, all_out = by_inputs[-1], by_outputs[-1]

        with self.beat("two ways to the slopes", TWO, plays=2, n=all_in.inputs):
            self.play(self.forward.network.appears(), self.reverse.network.appears())
            self.play(FadeIn(self.forward.title, self.reverse.title, self.input_costs.plane))
        with self.beat("forward mode", FORWARD, ops=all_in.forward.operations,
                       passes=all_in.forward.passes):  # fmt: skip
            self.run_passes(self.forward, self.input_costs)
        with self.beat("reverse mode", REVERSE, ops=all_in.reverse.operations,
                       plain=all_in.evaluation):  # fmt: skip
            self.run_passes(self.reverse, self.input_costs)
        with self.beat("the same slopes", SAME, difference=all_in.difference):
            slopes = self.forward.slopes.copy().clear_updaters()
            self.play(slopes.animate.align_to(self.reverse.slopes, UP))
            self.remove(slopes)
        with self.beat("more inputs", GROW):
            self.play(*self.input_costs.draws_curves())
        with self.beat("the other way round", ROUND, plays=4, m=all_out.outputs,
                       passes=all_out.reverse.passes):  # fmt: skip
            self.play(*self.turn_around())
            self.run_passes(self.forward_out, self.output_costs)
            self.run_passes(self.reverse_out, self.output_costs)
            self.play(*self.output_costs.draws_curves())
        with self.beat("why backward", WHY, plays=2):
            self.play(*self.turn_back())
            self.run_passes(self.final, self.final_costs)

    def run_passes(self, panel: ModePanel, costs: CostPlot) -> None:
        """Play all passes of a mode, one after the other, and what they cost."""
        self.add(panel.wave, panel.slopes, panel.numbers, costs.add_column(panel))
        self.play(ApplyMethod(panel.passes.set_value, panel.count, rate_func=linear))

    def turn_around(self) -> list[Animation]:
        """The network with many inputs turns into the one with many outputs."""
        pairs = ((self.forward, self.forward_out), (self.reverse, self.reverse_out))
        return [
            *(ReplacementTransform(a.network, b.network) for a, b in pairs),
            *(panel.fades_out() for panel, _ in pairs),
            self.input_costs.fades_out(),
            ReplacementTransform(self.input_costs.plane, self.output_costs.plane),
        ]

    def turn_back(self) -> list[Animation]:
        """Back to one loss of many inputs, with reverse mode alone."""
        return [
            self.forward_out.fades_out(),
            self.reverse_out.fades_out(),
            FadeOut(self.forward_out.network, self.forward.title),
            ReplacementTransform(self.reverse_out.network, self.final.network),
            ReplacementTransform(self.reverse.title, self.final.title),
            self.output_costs.fades_out(),
            ReplacementTransform(self.output_costs.plane, self.final_costs.plane),
            FadeIn(*self.final_costs.curves),
        ]

    def build_layout(
        self, by_inputs: Sequence[ModeComparison], by_outputs: Sequence[ModeComparison]
    ) -> None:
        """Both modes on the left, one above the other; their costs on the right."""
        left, right = content_area().columns(1.3, 1, gap=0.4)
        upper, lower = left.rows(1, 1, gap=0.2)
        wide, tall, hidden = by_inputs[-1], by_outputs[-1], self.params.hidden
        self.forward = ModePanel("forward mode", wide, wide.forward, upper, hidden)
        self.reverse = ModePanel("reverse mode", wide, wide.reverse, lower, hidden)
        self.forward_out = ModePanel("forward mode", tall, tall.forward, upper, hidden)
        self.reverse_out = ModePanel("reverse mode", tall, tall.reverse, lower, hidden)
        self.final = ModePanel("reverse mode", wide, wide.reverse, left, hidden)
        self.input_costs = CostPlot("n", by_inputs, right)
        self.output_costs = CostPlot("m", by_outputs, right)
        self.final_costs = CostPlot("n", by_inputs, right)
        self.final_costs.index.set_value(self.final_costs.last)


class ModePanel:
    """One mode on one network: waves, slopes, and the numbers of passes and operations.

    `passes` is the tracker of the passes done, of `count` in all.
    """

    def __init__(
        self, title: str, comparison: ModeComparison, cost: ModeCost, area: Rect, hidden: int
    ) -> None:
        self.is_reverse = cost is comparison.reverse
        self.color = colors.gradient if self.is_reverse else colors.value
        self.passes, self.count, self.cost = ValueTracker(0), len(cost.steps), cost
        self.operations = [0.0, *(float(operations) for _, operations in cost.steps)]
        head, body = area.rows(0.5, area.height - 0.55, gap=0.05)
        picture, side = body.columns(1.6, 1, gap=0.2)
        self.title = text(title, font_size=FontSize.label, color=self.color)
        self.title.move_to(head.center).align_to(point(area.left, 0), LEFT)
        # Bars of slopes stand on both sides of the network.
        inner = Rect(picture.left + 1.0, picture.right - 1.0, picture.bottom, picture.top)
        n, m = int(comparison.inputs), int(comparison.outputs)
        self.network = NetworkDiagram((n, hidden, m), inner)
        self.wave = self._wave(n, m)
        slopes = [slope for row in cost.slopes for slope in row]
        positions, side_of_bars = self.network.positions[0 if n > 1 else 2], -1 if n > 1 else 1
        self.slopes = SlopeBars(positions, slopes, self._is_known, side=side_of_bars)
        upper, lower = side.rows(1, 1, gap=0)
        self.numbers = VGroup(
            self._counter('"passes"', lambda: self._step()[0], upper),
            self._counter('"operations"', lambda: self._step()[1], lower),
        )

    def _wave(self, n: int, m: int) -> NetworkWave:
        """A pass from each input in forward mode, back from each output in reverse mode."""
        edges = self.network.edges_of_pass
        passes = (
            [edges(last=j) for j in range(m)] if self.is_reverse
            else [edges(first=i) for i in range(n)]
        )  # fmt: skip
        return NetworkWave(
            passes, self.passes.get_value, color=self.color, backward=self.is_reverse
        )

    def _is_known(self, slope: int) -> bool:
        """Whether the pass that finds a slope is done; a single pass finds all slopes."""
        return self.passes.get_value() >= (1 if self.count == 1 else slope + 1)

    def _step(self) -> tuple[Quantity, Quantity]:
        """Passes and operations after the current pass."""
        return self.cost.steps[min(max(ceil(self.passes.get_value()), 1), self.count) - 1]

    def _counter(self, label: str, source: Callable[[], Quantity], area: Rect) -> LabelledNumber:
        number = LabelledNumber(label, source, color=self.color, places=0, font_size=FontSize.label)
        number.move_to(area.center).align_to(point(area.left, 0), LEFT)
        return number

    def operations_so_far(self) -> float:
        """The number of operations so far, interpolated within a pass."""
        passes = range(self.count + 1)
        return float(np.interp(self.passes.get_value(), passes, self.operations))

    def fades_out(self) -> Animation:
        """All but the network and the title disappears, without following the passes further."""
        for mobject in (self.wave, self.slopes):
            mobject.clear_updaters()
        return FadeOut(self.wave, self.slopes, self.numbers)


class CostPlot:
    """The operations of both modes against the number of inputs or outputs.

    `index` is the tracker of the last point drawn, `last` the index of the last point.
    """

    def __init__(self, name: str, comparisons: Sequence[ModeComparison], area: Rect) -> None:
        self.index, self.last = ValueTracker(0), len(comparisons) - 1
        costs = np.array([[c.forward.operations, c.reverse.operations] for c in comparisons], float)
        self.plane = Plane(
            (1, len(comparisons)), padded_range([0.0, costs.max()], 0.05), area,
            x_name=name, y_name='"operations"',
        )  # fmt: skip
        xs, index = np.arange(1, len(comparisons) + 1), self.index.get_value
        self.curves = [
            MapTrail(self.plane, np.column_stack([xs, column]), index, color=color)
            for column, color in zip(costs.T, (colors.value, colors.gradient), strict=True)
        ]
        self.columns: list[Line] = []

    def add_column(self, panel: ModePanel) -> Line:
        """A column at the last point, as high as the operations of a panel so far."""
        x = self.last + 1 - 0.25 * panel.is_reverse * self.last / 12
        foot = self.plane.point(x, 0)
        column = Line(foot, foot, stroke_color=panel.color, stroke_width=12)

        def follow(line: Mobject) -> None:
            assert isinstance(line, Line)
            line.set_points_by_ends(foot, self.plane.point(x, panel.operations_so_far()))

        column.add_updater(follow)
        self.columns.append(column)
        return column

    def draws_curves(self) -> list[Animation]:
        """Both curves grow from the first to the last point."""
        grown = ApplyMethod(self.index.set_value, self.last, rate_func=linear)
        return [grown, *(FadeIn(curve, run_time=0.3) for curve in self.curves)]

    def fades_out(self) -> Animation:
        """Curves and columns disappear."""
        for mobject in (*self.curves, *self.columns):
            mobject.clear_updaters()
        return FadeOut(*self.curves, *self.columns)


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
