"""Why backward: one pass gives all slopes.

All slopes of a small network by forward mode, one pass for each input, and by reverse mode, one
pass back from the loss. Every arithmetic operation is counted, for networks with more and more
inputs.
"""

from __future__ import annotations

from collections.abc import Sequence

from manim import LEFT, Animation, FadeIn, FadeOut, Indicate, VGroup

from gradreel.draw.baseline import align_baselines
from gradreel.draw.exchange import exchange
from gradreel.draw.layout import content_area
from gradreel.draw.text import text
from gradreel.lecture.lecture_scene import LectureScene
from gradreel.params import Literal, SceneParams, param
from gradreel.scenes.graphs.ad_modes_experiment import (
    ModeComparison,
    compare_modes,
)
from gradreel.scenes.graphs.cost_plot_figure import CostPlot
from gradreel.scenes.graphs.joins import AFTER_PASS, BOX_GRAPH, graph_after_pass
from gradreel.scenes.graphs.mode_panel_figure import ModePanel
from gradreel.theme import FontSize, Timing, colors


class ForwardOrReverse(LectureScene):
    begins_with = AFTER_PASS
    ends_with = BOX_GRAPH

    class Params(SceneParams):
        inputs: int = param(8, "inputs of the network", ge=2, le=16)
        hidden: int = param(3, "units between them and the loss", ge=1, le=6)
        activation: Literal["tanh", "sigmoid", "relu"] = param("tanh", "what those units do")
        seed: int = param(3, "which weights and inputs", ge=0, le=9999)

    def construct(self) -> None:
        p = self.params
        rest = (p.hidden, p.activation, p.seed)
        by_inputs = [compare_modes(n, 1, *rest) for n in range(1, p.inputs + 1)]
        self.build_layout(by_inputs)
        forward, reverse = by_inputs[-1].forward, by_inputs[-1].reverse

        with self.beat("two ways to the slopes", ASK, NETWORK) as said:
            self.ask_for_the_other_way()
            said.next(plays=2)
            self.play(FadeOut(self.graph), run_time=0.5)
            self.play(self.forward.network.appears(), FadeIn(self.forward.words))
        with self.beat("forward mode", NUDGE, ONE_EACH, FORWARD_COST, ops=forward.operations,
                       passes=forward.passes) as said:  # fmt: skip
            self.play(self.shows(self.forward), FadeIn(self.costs.frame), run_time=0.6)
            passes = self.forward.slow_passes()
            self.begin_passes(self.forward)
            self.play(next(passes), run_time=SLOW[0])
            said.next()
            for a_pass, seconds in zip(passes, SLOW[1:], strict=False):
                self.play(a_pass, run_time=seconds)
            self.play(self.forward.runs_until(self.forward.count), run_time=SWIFT)
            said.next()
            self.play(self.forward.points_out_numbers())
        with self.beat("reverse mode", REVERSE, REVERSE_COST, ops=reverse.operations) as said:
            bars = self.forward.slopes.clear_updaters()
            self.play(self.shows(self.reverse), FadeOut(bars), run_time=0.6)
            self.begin_passes(self.reverse)
            self.play(self.reverse.runs_until(1))
            said.next()
            self.play(self.reverse.points_out_numbers())
        with self.beat("more inputs", GROW, plays=2):
            self.play(*self.costs.opens(), run_time=OPEN)
            self.play(self.costs.draws_curves())
        with self.beat("why backward", WHY, BACKWARD) as said:
            self.play(exchange(self.inputs, self.parameters), run_time=1.0)
            self.play(Indicate(self.forward.network.dots[0], 1.05, color=colors.leaf))
            said.next()
            self.add(self.again.wave, self.again.source, self.again.ends)
            self.play(self.again.runs_until(1))
        self.close_plainly()

    def close_plainly(self) -> None:
        """End with the graph of boxes, which comes to where the network was."""
        if self.has_default_params:
            names = [word for word in self.forward.words if word is not self.inputs]
            panels = [panel.stops() for panel in (self.forward, self.reverse)]
            again = self.again.stops_passes()
            texts = (self.forward.title, self.reverse.title, self.parameters)
            leaving = VGroup(*names, *panels, *texts, again, self.costs.stops())
            self.play(FadeOut(self.forward.network, leaving), run_time=Timing.leave)
        self.close()

    def ask_for_the_other_way(self) -> None:
        """The graph after the backward pass; pulses run along its arrows instead."""
        self.graph = graph_after_pass()["graph"]
        graph, *streams = self.graph
        self.play(self.carry("graph", self.graph), run_time=0.5)
        self.play(*map(FadeOut, streams), graph.restores_arrows(), run_time=0.6)
        self.graph.remove(*streams)
        self.play(graph.traces_forward())

    def shows(self, panel: ModePanel) -> Animation:
        """The title and the counters of a mode."""
        return FadeIn(panel.title, panel.numbers)

    def begin_passes(self, panel: ModePanel) -> None:
        """Put on stage what shows the passes of a mode."""
        self.add(panel.wave, panel.slopes, panel.source, panel.ends, self.costs.add_column(panel))

    def build_layout(self, by_inputs: Sequence[ModeComparison]) -> None:
        """The network, the counters of both modes beside it, and their costs on the right."""
        picture, side, right = content_area().columns(2.0, 0.95, 1.45, gap=0.3)
        upper, lower = side.rows(1, 1, gap=0.2)
        wide, hidden = by_inputs[-1], self.params.hidden
        self.forward = ModePanel("forward mode", wide, wide.forward, picture, upper, hidden)
        self.reverse = ModePanel("reverse mode", wide, wide.reverse, picture, lower, hidden)
        self.again = ModePanel("reverse mode", wide, wide.reverse, picture, lower, hidden)
        most = max(float(wide.forward.operations), float(wide.reverse.operations))
        self.costs = CostPlot('"inputs"', by_inputs, most, right)
        self.inputs = inputs = self.forward.words[2]
        self.parameters = text("parameters", font_size=FontSize.small, color=colors.leaf)
        self.parameters.move_to(inputs).align_to(inputs, LEFT)
        align_baselines(inputs, self.parameters)


SLOW = (2.2, 1.0)  # seconds of the first passes
SWIFT = 2.2  # seconds of all passes after them
OPEN = 0.7  # seconds until columns are at their inputs
ASK = "We walked backward. Could we not walk forward instead?"
NETWORK = "Take a network with many inputs and a single loss."
NUDGE = "Nudge one input, and follow the effect to the loss."
ONE_EACH = "That pass gives one slope, so each input needs its own."
FORWARD_COST = "{passes} passes cost {ops} operations."
REVERSE = "Reverse mode starts at the loss, and meets every input."
REVERSE_COST = "One pass, {ops} operations, and all of the slopes."
GROW = "Every input adds a pass, and makes each pass longer."
WHY = "In training the inputs are parameters, millions of them."
BACKWARD = "That is why PyTorch goes backward."
