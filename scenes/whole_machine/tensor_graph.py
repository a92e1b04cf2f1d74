"""A neural network learns the same way, tensor by tensor.

A small network is shown as dots and lines, then as the graph of its tensors, every tensor a heat
map. Backward adds a heat map of the gradient to each. One module is opened into its nodes; where a
bias was broadcast over the rows, the rows of the gradient add up. Then the network is trained.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from manim import DOWN, Create, FadeIn, Indicate, ValueTracker, VGroup, VMobject, linear

from gradreel.draw.exchange import at_once, comes, goes, returns
from gradreel.draw.folded import FoldedGraph
from gradreel.draw.labelled_number import LabelledNumber
from gradreel.draw.layout import Rect, fit_into
from gradreel.draw.modules import module_map
from gradreel.draw.tensors import TensorGraph as TensorGraphFigure
from gradreel.draw.tensors import tensor_graph
from gradreel.errors import UsageError
from gradreel.fold import Fold
from gradreel.lecture.backprop_scene import chosen_part, chosen_pass
from gradreel.lecture.controls import Drag
from gradreel.params import Literal, SceneParams, param
from gradreel.record import fixed, record
from gradreel.record.input_parser import split_inputs
from gradreel.record.program_loader import load_program
from gradreel.scenes.whole_machine.broadcast_close_up_figure import BroadcastCloseUp
from gradreel.scenes.whole_machine.card_close_up_figure import CardCloseUp
from gradreel.scenes.whole_machine.joins import LEAF_NODE, LOSS_BALL, loss_ball
from gradreel.scenes.whole_machine.layer_names_figure import card_names, layer_names, plain_names
from gradreel.scenes.whole_machine.network_training_experiment import build_network, train_network
from gradreel.scenes.whole_machine.network_training_figure import (
    LossCurve,
    WavePass,
    WeightLines,
    WeightTiles,
)
from gradreel.scenes.whole_machine.program_pass import ProgramPass
from gradreel.scenes.whole_machine.tensor_counts_experiment import (
    count_gradient_elements,
    sums_so_far,
)
from gradreel.scenes.whole_machine.tile_step_figure import TileStep
from gradreel.tape import Edge, Step, Tape, input_quantity
from gradreel.theme import FontSize, colors

TRAINING_TIME, CLOSE_LOOK = 3.0, 1.4  # seconds
ARRIVES, GROWS, ADDS_UP = 0.7, 0.85, 3.3  # seconds of the gradient of a broadcast
NAMES_HEIGHT = 0.5  # below a network
SHOWN_DIGITS = 2  # of single numbers


class TensorGraph(ProgramPass):
    class Params(SceneParams):
        program: str = param("two layers", "two layers; or file.py:ModuleClass or file.py:function")
        inputs: str = param("", "inputs of a program of your own, such as x=randn(2, 3), w=[1, 2]")
        init: str = param("", "arguments of a module class of your own, such as hidden=8")
        loss: str = param("", "the loss of a program that returns logits: cross_entropy([0, 2])")
        batch: int = param(4, "rows of the batch, where the network is the two layers", ge=1, le=8)
        features: int = param(2, "numbers in a row", ge=1, le=8)
        hidden: int = param(3, "numbers between the layers", ge=1, le=8)
        outputs: int = param(1, "numbers that come out", ge=1, le=8)
        activation: Literal["tanh", "relu", "sigmoid"] = param("tanh", "the bend in the middle")
        seed: int = param(10, "the seed of weights and data", ge=0)
        lr: float = param(0.2, "the learning rate of the two layers' training", gt=0, le=10)
        steps: int = param(50, "how many steps of SGD the two layers take", ge=5, le=500)
        inside: str = param("", "the module that is opened, or none")
        backward: int = param(0, "which backward pass is shown, from 1; 0 is the last one", ge=0)

    begins_with, ends_with = LEAF_NODE, LOSS_BALL
    touch = (Drag("step", "taken", 0, lambda p: p.steps, step=1, opens_at="training"),)

    def construct(self) -> None:
        tape = self.tape = record_chosen(self.params)
        backward = chosen_pass(tape, self.params.backward)
        is_own = self.params.program != "two layers"
        draw = partial(tensor_graph, digits=0 if is_own else SHOWN_DIGITS)
        graph, bars = (module_map if is_own and tape.module_calls else draw)(tape, backward)
        self.persistent = (bars,)
        part, target = chosen_part(graph, self.params.inside, backward)
        if is_own:
            self.show_program(graph, part, backward, target)
            return
        self.build_training(graph)
        self.show_network(graph)
        self.show_pass(graph, part)
        self.show_training(graph)

    def build_training(self, graph: TensorGraphFigure) -> None:
        """The training of the two layers, and its picture in three columns."""
        self.training = train_network(self.params)
        self.taken = ValueTracker(0)
        left, middle, right = graph.area.columns(1.1, 1.6, 1.5, gap=0.5)
        left, foot = left.shrunk(0.05).rows(4.0, 0.9)
        scales = (graph.style.values, graph.style.gradients)
        state = self.steps_taken
        self.network = WeightLines(self.training, scales[0], state, left)
        self.tiles = WeightTiles(self.training, scales, state, middle)
        self.first_step = TileStep(self.training, self.tiles, right.shrunk(0.05))
        self.loss_curve = LossCurve(self.training, self.taken.get_value, state, right)
        self.count = LabelledNumber(
            'upright("parameters")', count_gradient_elements(graph.view.full_tape), places=None,
            font_size=FontSize.small,
        )  # fmt: skip
        self.rate = LabelledNumber(
            'upright("learning rate")', self.training.rate, places=None, font_size=FontSize.small
        )
        fit_into(VGroup(self.count, self.rate).arrange(DOWN, buff=0.15), foot)

    def steps_taken(self) -> int:
        """The number of whole steps of the training that are shown."""
        return int(self.taken.get_value() + 1e-6)

    def show_network(self, graph: TensorGraphFigure) -> None:
        """The network as dots and lines, then the tensors of its forward pass."""
        (bars,) = self.persistent
        area = graph.area
        low = area.bottom + NAMES_HEIGHT
        middle = Rect(0.7 * area.left, 0.7 * area.right, low, area.top).shrunk(0.06)
        network = WeightLines(self.training, graph.style.values, self.steps_taken, middle)
        with self.beat("a neural network", *NETWORK, plays=1) as said:
            first, *others = network.dots[0]
            self.play(self.carry("x", first), comes(VGroup(*others, *network.dots[1:])), run_time=1)
            names = layer_names(network, LAYERS)
            self.play(Create(network.edges), FadeIn(names, rate_func=at_once))
            self.add(network)  # the dots in front of the lines again
            said.next()
            self.play(FadeIn(bars))
        words = card_names(graph.cards, *plain_names(graph, self.params.activation), area)
        self.show_card(graph, network, names, words)
        with self.beat("forward", FORWARD_LAYERS, plays=len(graph.later_ops)):
            for op_id in graph.later_ops:
                name = [comes(words[op_id])] if op_id in words else []
                self.play(graph.computes(op_id), *name)

    def show_card(
        self, graph: TensorGraphFigure, network: WeightLines, names: VGroup,
        words: dict[str, VMobject],
    ) -> None:  # fmt: skip
        """The card of x from near by, then at its place, with those of the other inputs."""
        p, (card, others) = self.params, (graph.cards["x"], graph.source_ops)
        sizes = (input_quantity(p.batch, "rows"), input_quantity(p.features, "columns"))
        close_up = CardCloseUp(card, card.value[0], *sizes, graph.area)
        with self.beat("a tensor", *TENSOR) as said:
            self.play(goes(VGroup(network, names)), close_up.appears(network.dots[0]), run_time=1.5)
            said.next()
            self.play(close_up.explains(), run_time=0.8)
            self.wait(CLOSE_LOOK)
            self.play(close_up.goes_home(), run_time=0.8)
            self.remove(close_up.card)
            self.add(card)
            called = FadeIn(*(words[op] for op in others if op in words))
            self.play(graph.appears(*(op for op in others if op != "x")), called, run_time=0.5)

    def show_pass(self, graph: TensorGraphFigure, part: Fold | None) -> None:
        """The backward pass through the layers, with a look into the module `part`."""
        steps = graph.tape.backward()
        count = next((k for k, s in enumerate(steps, 1) if part and s.op == part.id), len(steps))
        with self.beat("backward", BACKWARD_LAYERS, plays=2 * count - 1):
            self.play(graph.receives(steps[0]))
            for step, following in zip(steps[: count - 1], steps[1:count], strict=True):
                self.play(graph.sends(step))
                self.play(graph.receives(following))
        if part is not None:
            self.show_module(graph, part, steps[count - 1 :])

    def show_module(self, graph: FoldedGraph, part: Fold, steps: tuple[Step, ...]) -> None:
        """Open a module, play the pass through its nodes, close it, and play the other `steps`."""
        interior = graph.fold_interior(part)
        outside = self.scene_mobjects()
        inner = interior.graph
        first, *others = inner.tape.backward()
        edge = inner.broadcast_edge(first) if isinstance(inner, TensorGraphFigure) else None
        with self.beat("into a module", MODULE):
            self.play(interior.zooms_in(outside))
        with self.beat("a broadcast", *(BROADCAST if edge else MODULE_PASS)) as said:
            self.play(inner.receives(first), run_time=ARRIVES)
            close_up = self.close_up(inner, first, edge) if edge else None
            if close_up is not None:
                shown = self.scene_mobjects()
                self.play(*map(goes, shown), close_up.appears(), run_time=GROWS)
            said.next(plays=1 + 2 * len(others))
            if close_up is None or edge is None:
                self.play_on(inner, first, others)
            else:
                self.play(close_up.adds_up(), run_time=ADDS_UP)
                self.remove(close_up.total, *close_up.passing)
                inner.cards[edge.target].frame.set_stroke(colors.gradient)  # while it is gone
                self.play(*map(returns, shown), close_up.goes_home(), run_time=GROWS)
        rest = list(zip(steps, steps[1:], strict=False))
        later = 1 + 2 * len(others) if close_up else 0
        say = (ON_AND_CLOSED if close_up else CLOSED) if rest else CLOSED_FIRST
        with self.beat("out of the module", say, plays=1 + 2 * len(rest) + later):
            if close_up:
                self.play_on(inner, first, others)
            self.play(interior.zooms_out(self.scene_mobjects(), outside))
            for step, following in rest:
                self.play(graph.sends(step))
                self.play(graph.receives(following))

    def close_up(self, inner: FoldedGraph, step: Step, edge: Edge) -> BroadcastCloseUp | None:
        """The gradient that a step sums along `edge`, from near by, where its rows are drawn."""
        rows = np.asarray(step.gradient)
        if not isinstance(inner, TensorGraphFigure) or rows.ndim != 2:
            return None
        slot, small = inner.gradient_slots.get(edge.target), inner.gradient_maps.get(edge.source)
        if slot is None or small is None or len(small.cells) != rows.size:
            return None
        titles = (inner.cards[edge.source].title, inner.cards[edge.target].title)
        last = rows.shape[1] - 1
        number = inner.view.full_tape.gradient
        column = [number(edge.source, step.backward, (k, last)) for k in range(len(rows))]
        total = number(edge.target, step.backward, (last,))
        scale = inner.style.gradients
        sums = sums_so_far(column, total)
        return BroadcastCloseUp(small, slot, rows, scale, titles, inner.area, column, sums)

    def show_training(self, graph: TensorGraphFigure) -> None:
        """The parameters with their gradients, then the steps of the optimizer."""
        training, curve, taken = self.training, self.loss_curve, self.taken
        first, last = training.losses[0], training.losses[-1]
        with self.beat("a gradient for every number", PARAMETERS, plays=1,
                       slopes=self.count.readout.quantity):  # fmt: skip
            gone = [goes(mobject) for mobject in self.scene_mobjects()]
            tiles = FadeIn(self.tiles, target_position=graph.fold_cards, scale=0.4)
            count = FadeIn(self.count, rate_func=at_once)
            self.play(*gone, tiles, comes(self.network), count, run_time=1)
            self.play(Indicate(self.count, color=colors.accent))
        falls = FALLS if last < first else NOT_LOWER
        with self.beat("training", STEPS, falls, AFTER, first=first, last=last,
                       steps=training.steps[-1]) as said:  # fmt: skip
            steps = taken.animate.set_value
            self.play(self.first_step.appears(), FadeIn(self.rate), run_time=1)
            self.play(steps(1), rate_func=linear)
            said.next()
            self.play(self.first_step.goes(), *map(comes, curve.parts), run_time=0.8)
            self.play(steps(len(training.losses) - 1), rate_func=linear, run_time=TRAINING_TIME)
            said.next()
            self.play(Indicate(curve.numbers, color=colors.accent, scale_factor=1.1))
        edges = self.network.edges_of_pass()
        with self.beat("real networks", REAL, plays=2):
            self.play(WavePass(edges, color=colors.value))
            self.play(WavePass(edges, color=colors.gradient, back=True))
        ball = loss_ball().move_to(curve.ball)
        self.add(ball)
        self.close(ball=ball)


def record_chosen(params: Any) -> Tape:
    """The tape of the two layers, or of the program that the parameters name."""
    if params.program != "two layers":
        inputs, init = split_inputs(params.inputs), split_inputs(params.init)
        return load_program(
            params.program, inputs, init=init, loss=params.loss, seed=params.seed
        ).record()
    if params.inputs or params.init:
        raise UsageError(
            "-P inputs=... and -P init=... are for a program of your own.",
            hint="The two layers have batch, features, hidden, outputs and seed.",
        )
    net, x, target = build_network(params)
    return record(net.loss, x=fixed(x.tolist()), target=fixed(target.tolist()))


LAYERS = ("inputs", "hidden layer", "outputs")
NETWORK = (
    "In this small neural network, every line is a weight.",
    "Warm is above zero, cool below.",
)
TENSOR = (
    "A card is a tensor, a tile a number.",
    "Its shape counts rows and columns: here, a row is one example.",
)
FORWARD_LAYERS = "Forward, values flow along the arrows, through two layers, down to the loss."
BACKWARD_LAYERS = "Backward, gradients flow against them: each has the shape of its tensor."
MODULE = "A layer is an nn.Module. Inside are its real nodes."
BROADCAST = (
    "Its bias was added to every row of the batch.",
    "So on the way back, the rows add up.",
)
MODULE_PASS = ("Its gradient arrives,", "and goes on to its weight and its bias.")
ON_AND_CLOSED = "The gradient goes on to the weight, and to the first layer."
CLOSED = "Then the gradient travels on to the first layer."
CLOSED_FIRST = "Before the first layer, nothing asks for a gradient."
PARAMETERS = "One pass gave gradients for all {slopes} parameters."
STEPS = "Now each tile steps against its gradient."
FALLS = "Step after step, the loss falls."
NOT_LOWER = "Step after step, the loss changes."
AFTER = "After {steps} steps it has gone from {first} to {last}."
REAL = "Networks with billions of parameters learn just like this."
