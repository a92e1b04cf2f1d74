"""Why backward: one pass gives all slopes.

All slopes of a small network by forward mode, one pass for each input, and by reverse mode, one
pass for each output. Every arithmetic operation is counted, for networks with many inputs and with
many outputs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from manim import (
    LEFT,
    Animation,
    AnimationGroup,
    ApplyMethod,
    FadeIn,
    FadeOut,
    Indicate,
    Line,
    Mobject,
    ReplacementTransform,
    ValueTracker,
    VGroup,
    linear,
)

from gradreel.draw.contours import MapTrail
from gradreel.draw.exchange import comes, goes
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
from gradreel.scenes.graphs.joins import AFTER_PASS, SMALL_GRAPH, graph_after_pass
from gradreel.tape import Quantity
from gradreel.theme import FontSize, colors


class ForwardOrReverse(LectureScene):
    begins_with = AFTER_PASS
    ends_with = SMALL_GRAPH

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
        forward, reverse = by_inputs[-1].forward, by_inputs[-1].reverse

        with self.beat("two ways to the slopes", ASK, NETWORK) as said:
            self.ask_for_the_other_way()
            said.next(plays=2)
            self.play(FadeOut(self.graph), run_time=0.5)
            self.play(*self.shows_both_modes())
        with self.beat("forward mode", FORWARD, FORWARD_COST, ops=forward.operations,
                       passes=forward.passes) as said:  # fmt: skip
            self.run_passes(self.input_costs, self.forward)
            said.next()
            self.play(self.forward.points_out_numbers())
        with self.beat("reverse mode", REVERSE, REVERSE_COST, ops=reverse.operations) as said:
            self.run_passes(self.input_costs, self.reverse)
            said.next()
            self.play(self.reverse.points_out_numbers())
        with self.beat("more inputs", GROW):
            self.play(*self.input_costs.draws_curves())
        with self.beat("the other way round", ROUND, FORWARD_WINS) as said:
            self.play(*self.turns_around())
            said.next(plays=2)
            self.run_passes(self.output_costs, self.forward_out, self.reverse_out)
            self.play(*self.output_costs.draws_curves())
        with self.beat("why backward", WHY, BACKWARD) as said:
            self.play(*self.turns_back())
            said.next()
            self.run_passes(self.final_costs, self.final)
        self.close()

    def ask_for_the_other_way(self) -> None:
        """The graph after the backward pass; pulses run along its arrows instead."""
        self.graph = graph_after_pass()["graph"]
        self.play(self.carry("graph", self.graph), run_time=0.5)
        self.play(self.graph[0].traces_forward())

    def shows_both_modes(self) -> list[Animation]:
        """Both networks with their titles and counters, and the plane of their costs."""
        panels = (self.forward, self.reverse)
        return [
            *(panel.network.appears() for panel in panels),
            FadeIn(*(panel.title for panel in panels), *(panel.numbers for panel in panels)),
            FadeIn(self.input_costs.plane),
        ]

    def run_passes(self, costs: CostPlot, *panels: ModePanel) -> None:
        """Play all passes of each panel's mode, one after the other, and what they cost."""
        for panel in panels:
            self.add(panel.wave, panel.slopes, costs.add_column(panel))
        run = [ApplyMethod(p.passes.set_value, p.count, rate_func=linear) for p in panels]
        self.play(*run)

    def turns_around(self) -> list[Animation]:
        """The network with many inputs turns into the one with many outputs."""
        pairs = ((self.forward, self.forward_out), (self.reverse, self.reverse_out))
        return [
            *(ReplacementTransform(a.network, b.network) for a, b in pairs),
            *(panel.fades_out() for panel, _ in pairs),
            *(comes(panel.numbers) for _, panel in pairs),
            self.input_costs.fades_out(),
            comes(self.output_costs.plane),
        ]

    def turns_back(self) -> list[Animation]:
        """Back to one loss of many inputs, with reverse mode alone."""
        return [
            self.forward_out.fades_out(),
            self.reverse_out.fades_out(),
            goes(VGroup(self.forward_out.network, self.forward.title, self.reverse.title)),
            ReplacementTransform(self.reverse_out.network, self.final.network),
            comes(VGroup(self.final.title, self.final.numbers)),
            self.output_costs.fades_out(),
            comes(VGroup(self.final_costs.plane, *self.final_costs.curves)),
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
        self.final_costs.show_whole_curves()


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
        head, body = area.rows(0.5, area.height - 0.55, gap=0.05)
        picture, side = body.columns(1.6, 1, gap=0.2)
        self.title = text(title, font_size=FontSize.label, color=self.color)
        self.title.move_to(head.center).align_to(point(area.left, 0), LEFT)
        n, m = int(comparison.inputs), int(comparison.outputs)
        # The bars of the slopes stand at the inputs, or at the outputs of a single input.
        before, behind = (1.0, 0.3) if n > 1 else (0.3, 1.0)
        inner = Rect(picture.left + before, picture.right - behind, picture.bottom, picture.top)
        self.network = NetworkDiagram((n, hidden, m), inner)
        self.wave = self._wave(n, m)
        slopes = [slope for row in cost.slopes for slope in row]
        positions, side_of_bars = self.network.positions[0 if n > 1 else 2], -1 if n > 1 else 1
        self.slopes = SlopeBars(positions, slopes, self._known_share, side=side_of_bars)
        upper, lower = side.rows(1, 1, gap=0)
        self.numbers = VGroup(
            self._counter('"passes"', lambda: self.progress()[0], upper),
            self._counter('"operations"', lambda: self.progress()[1], lower),
        )

    def _wave(self, n: int, m: int) -> NetworkWave:
        """A pass from each input in forward mode, back from each output in reverse mode."""
        edges = self.network.edges_of_pass
        passes = (
            [edges(last=j) for j in range(m)] if self.is_reverse
            else [edges(first=i) for i in range(n)]
        )  # fmt: skip
        return NetworkWave(
            passes, self.passes.get_value, color=self.color, backward=self.is_reverse,
            fades_within=min(0.2 + SHARE_OF_RUN * self.count, 0.8),
        )  # fmt: skip

    def _known_share(self, slope: int) -> float:
        """How far a slope is known: it comes as its pass ends; a single pass finds all slopes."""
        end = 1 if self.count == 1 else slope + 1
        within = min(0.15 + SHARE_OF_RUN * self.count, 1.0)
        return min(max(1 + (self.passes.get_value() - end) / within, 0.0), 1.0)

    def progress(self) -> tuple[Quantity, Quantity]:
        """The passes that are done, and the operations so far."""
        return self.cost.progress(self.passes.get_value())

    def _counter(self, label: str, source: Callable[[], Quantity], area: Rect) -> LabelledNumber:
        number = LabelledNumber(label, source, color=self.color, places=0, font_size=FontSize.label)
        number.move_to(area.center).align_to(point(area.left, 0), LEFT)
        return number

    def points_out_numbers(self) -> Animation:
        """Draw attention to the counters."""
        return AnimationGroup(*(Indicate(n, 1.1, color=colors.accent) for n in self.numbers))

    def fades_out(self) -> Animation:
        """All but the network and the title disappears, without following the passes further."""
        for mobject in (self.wave, self.slopes):
            mobject.clear_updaters()
        return goes(VGroup(self.wave, self.slopes, self.numbers))


class CostPlot:
    """The operations of both modes against the number of inputs or outputs.

    `index` is the tracker of the last point drawn, `last` the index of the last point.
    """

    def __init__(self, name: str, comparisons: Sequence[ModeComparison], area: Rect) -> None:
        self.index, self.last = ValueTracker(0), len(comparisons) - 1
        costs = np.array([[c.forward.operations, c.reverse.operations] for c in comparisons], float)
        self.plane = Plane(
            (1, len(comparisons) + 0.5), padded_range([0.0, costs.max()], 0.05), area,
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
            line.set_points_by_ends(foot, self.plane.point(x, panel.progress()[1]))

        column.add_updater(follow)
        self.columns.append(column)
        return column

    def show_whole_curves(self) -> None:
        """Both curves up to the last point, at once."""
        self.index.set_value(self.last)
        for curve in self.curves:
            curve.update()

    def draws_curves(self) -> list[Animation]:
        """Both curves grow from the first to the last point."""
        grown = ApplyMethod(self.index.set_value, self.last, rate_func=linear)
        return [grown, *(FadeIn(curve, run_time=0.3) for curve in self.curves)]

    def fades_out(self) -> Animation:
        """Plane, curves and columns disappear."""
        for mobject in (*self.curves, *self.columns):
            mobject.clear_updaters()
        return goes(VGroup(self.plane, *self.curves, *self.columns))


SHARE_OF_RUN = 0.05  # in which what belongs to a pass comes and goes

ASK = "We walked backward. Could we not walk forward instead?"
NETWORK = "Take a network with many inputs and a single loss."
FORWARD = "Forward mode takes a pass for each input."
FORWARD_COST = "{passes} passes cost {ops} operations."
REVERSE = "Reverse mode starts at the loss, and meets every input on its way."
REVERSE_COST = "One pass, {ops} operations, and the same slopes."
GROW = "Every further input costs forward mode another pass."
ROUND = "Turn it around: one input, many outputs."
FORWARD_WINS = "Now reverse mode is the one that needs a pass for each output."
WHY = "But a loss is one number, and a model has millions of inputs."
BACKWARD = "That is why PyTorch goes backward."
