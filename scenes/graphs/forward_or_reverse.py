"""Why backward: one pass gives all slopes.

All slopes of a small network by forward mode, one pass for each input, and by reverse mode, one
pass for each output. Every arithmetic operation is counted, for networks with many inputs and with
many outputs.
"""

from __future__ import annotations

from collections.abc import Sequence

from manim import (
    Animation,
    FadeIn,
    FadeOut,
    ReplacementTransform,
    VGroup,
)

from gradreel.draw.exchange import comes, goes
from gradreel.draw.layout import content_area
from gradreel.lecture.lecture_scene import LectureScene
from gradreel.params import Literal, SceneParams, param
from gradreel.scenes.graphs.ad_modes_experiment import (
    ModeComparison,
    compare_modes,
)
from gradreel.scenes.graphs.cost_plot_figure import CostPlot
from gradreel.scenes.graphs.joins import AFTER_PASS, BOX_GRAPH, graph_after_pass
from gradreel.scenes.graphs.mode_panel_figure import ModePanel
from gradreel.theme import Timing


class ForwardOrReverse(LectureScene):
    begins_with = AFTER_PASS
    ends_with = BOX_GRAPH

    class Params(SceneParams):
        inputs: int = param(8, "inputs of the network with one output", ge=2, le=16)
        outputs: int = param(8, "outputs of the network with one input", ge=2, le=16)
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
            self.begin_passes(self.input_costs, self.forward)
            for a_pass, seconds in zip(self.forward.slow_passes(), SLOW, strict=False):
                self.play(a_pass, run_time=seconds)
            self.play(self.forward.runs_until(self.forward.count), run_time=SWIFT)
            said.next()
            self.play(self.forward.points_out_numbers())
        with self.beat("reverse mode", REVERSE, REVERSE_COST, ops=reverse.operations) as said:
            self.run_passes(self.input_costs, self.reverse)
            said.next()
            self.play(self.reverse.points_out_numbers())
        with self.beat("more inputs", GROW, plays=2):
            self.play(*self.input_costs.opens(), run_time=OPEN)
            self.play(self.input_costs.draws_curves())
        with self.beat("the other way round", ROUND, FORWARD_WINS) as said:
            self.play(*self.turns_around(), run_time=TURN)
            said.next()
            panels = self.forward_out, self.reverse_out
            self.run_passes(self.output_costs, *panels, run_time=BOTH)
            self.play(*self.output_costs.opens(), run_time=OPEN)
            self.play(self.output_costs.draws_curves())
        with self.beat("why backward", WHY, BACKWARD) as said:
            self.play(*self.turns_back(), run_time=TURN)
            said.next()
            self.run_passes(self.final_costs, self.final)
        self.close_plainly()

    def close_plainly(self) -> None:
        """End with the small graph, which comes to where the network was."""
        if self.has_default_params:
            network = FadeOut(self.final.network, self.final.title)
            leaving = (network, self.final.fades_out(), self.final_costs.fades_out())
            self.play(*leaving, run_time=Timing.leave)
        self.close()

    def ask_for_the_other_way(self) -> None:
        """The graph after the backward pass; pulses run along its arrows instead."""
        self.graph = graph_after_pass()["graph"]
        graph, *streams = self.graph
        self.play(self.carry("graph", self.graph), run_time=0.5)
        self.play(*map(FadeOut, streams), graph.restores_arrows(), run_time=0.6)
        self.graph.remove(*streams)
        self.play(graph.traces_forward())

    def shows_both_modes(self) -> list[Animation]:
        """Both networks with their titles and counters, and the plane of their costs."""
        panels = (self.forward, self.reverse)
        return [
            *(panel.network.appears() for panel in panels),
            *(FadeIn(panel.title, panel.words, panel.numbers) for panel in panels),
            FadeIn(self.input_costs.frame),
        ]

    def run_passes(self, costs: CostPlot, *panels: ModePanel, **timing: float) -> None:
        """Play all passes of each panel's mode, one after the other, and what they cost."""
        self.begin_passes(costs, *panels)
        self.play(*(panel.runs_until(panel.count) for panel in panels), **timing)

    def begin_passes(self, costs: CostPlot, *panels: ModePanel) -> None:
        """Put on stage what shows the passes of each panel's mode."""
        for panel in panels:
            self.add(panel.wave, panel.slopes, panel.source, costs.add_column(panel))

    def turns_around(self) -> list[Animation]:
        """The network with many inputs turns into the one with many outputs."""
        pairs = ((self.forward, self.forward_out), (self.reverse, self.reverse_out))
        return [
            *(ReplacementTransform(a.network, b.network) for a, b in pairs),
            *(panel.fades_out() for panel, _ in pairs),
            *(comes(VGroup(panel.words, panel.numbers)) for _, panel in pairs),
            self.input_costs.fades_out(),
            comes(self.output_costs.frame),
        ]

    def turns_back(self) -> list[Animation]:
        """Back to one loss of many inputs, with reverse mode alone."""
        return [
            self.forward_out.fades_out(),
            self.reverse_out.fades_out(),
            goes(VGroup(self.forward_out.network, self.forward.title, self.reverse.title)),
            ReplacementTransform(self.reverse_out.network, self.final.network),
            comes(VGroup(self.final.title, self.final.words, self.final.numbers)),
            self.output_costs.fades_out(),
            comes(VGroup(self.final_costs.plane, *self.final_costs.curves)),
        ]

    def build_layout(
        self, by_inputs: Sequence[ModeComparison], by_outputs: Sequence[ModeComparison]
    ) -> None:
        """Both modes on the left, one above the other; their costs on the right."""
        left, right = content_area().columns(2, 1, gap=0.4)
        upper, lower = left.rows(1, 1, gap=0.2)
        wide, tall, hidden = by_inputs[-1], by_outputs[-1], self.params.hidden
        self.forward = ModePanel("forward mode", wide, wide.forward, upper, hidden)
        self.reverse = ModePanel("reverse mode", wide, wide.reverse, lower, hidden)
        self.forward_out = ModePanel("forward mode", tall, tall.forward, upper, hidden)
        self.reverse_out = ModePanel("reverse mode", tall, tall.reverse, lower, hidden)
        self.final = ModePanel("reverse mode", wide, wide.reverse, left, hidden)
        # One scale, so that columns and curves of both networks can be compared.
        most = max(float(c.operations) for c in (wide.forward, tall.reverse))
        self.input_costs = CostPlot('"inputs"', by_inputs, most, right)
        self.output_costs = CostPlot('"outputs"', by_outputs, most, right)
        self.final_costs = CostPlot('"inputs"', by_inputs, most, right)
        self.final_costs.show_whole_curves()


SLOW = (1.2, 0.8)  # seconds of the first passes
SWIFT = 1.6  # seconds of all passes after them
BOTH, OPEN = 2.0, 0.7  # seconds of all passes of both modes, and until columns are at their inputs
TURN = 1.4  # seconds
ASK = "We walked backward. Could we not walk forward instead?"
NETWORK = "Take a network with many inputs and a single loss."
FORWARD = "Forward mode finds one slope in each pass."
FORWARD_COST = "{passes} passes cost {ops} operations."
REVERSE = "Reverse mode starts at the loss, and meets every input."
REVERSE_COST = "One pass, {ops} operations, and all of the slopes."
GROW = "Every input adds a pass, and makes each pass longer."
ROUND = "Turn it around: one input, many outputs."
FORWARD_WINS = "Now reverse mode is the one that needs a pass for each output."
WHY = "But training has one loss, and very many parameters."
BACKWARD = "That is why PyTorch goes backward."
