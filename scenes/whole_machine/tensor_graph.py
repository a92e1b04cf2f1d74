"""What holds for numbers holds for tensors: each gradient has the shape of its value.

A batch goes through a small network into a loss, and every tensor is a heat map. Backward adds a
heat map of the gradient to each. One module is opened into its nodes; where a bias was broadcast
over the rows, the rows of the gradient add up.
"""

from __future__ import annotations

from typing import Any

import torch
from manim import FadeIn, FadeOut
from torch import Tensor, nn

from gradreel.draw.folded.backward_captions import op_name, pass_count_text
from gradreel.draw.graph import TapeGraph
from gradreel.draw.tensors import LeafShelf, tensor_graph
from gradreel.draw.tensors import TensorGraph as TensorGraphFigure
from gradreel.errors import UsageError
from gradreel.fold import choose_fold
from gradreel.lecture.backprop_scene import BackpropScene, chosen_pass, forward_caption
from gradreel.measure.activations import ACTIVATIONS, Activation
from gradreel.params import Literal, SceneParams, param
from gradreel.record import fixed, record
from gradreel.record.input_parser import split_inputs
from gradreel.record.program_loader import load_program
from gradreel.scenes.whole_machine.tensor_counts_experiment import (
    count_broadcast_copies,
    count_gradient_elements,
)
from gradreel.tape import Step, Tape


class TwoLayers(nn.Module):
    """Two linear layers with an activation between them."""

    def __init__(self, features: int, hidden: int, outputs: int, activation: Activation) -> None:
        super().__init__()
        self.fc1 = nn.Linear(features, hidden)
        self.fc2 = nn.Linear(hidden, outputs)
        self.activation = activation

    def loss(self, x: Tensor, target: Tensor) -> Tensor:
        """The mean squared error on a batch."""
        h = self.activation(self.fc1(x))
        return nn.functional.mse_loss(self.fc2(h), target)


class TensorGraph(BackpropScene):
    class Params(SceneParams):
        program: str = param("two layers", "two layers; or file.py:ModuleClass or file.py:function")
        inputs: str = param("", "inputs of a program of your own, such as x=randn(2, 3), w=[1, 2]")
        init: str = param("", "arguments of a module class of your own, such as hidden=8")
        batch: int = param(4, "rows of the batch, where the network is the two layers", ge=1, le=8)
        features: int = param(3, "numbers in a row", ge=1, le=8)
        hidden: int = param(4, "numbers between the layers", ge=1, le=8)
        outputs: int = param(2, "numbers that come out", ge=1, le=8)
        activation: Literal["tanh", "relu", "sigmoid"] = param("tanh", "the bend in the middle")
        seed: int = param(0, "the seed of weights and data", ge=0)
        inside: str = param("", "the module that is opened, or none")
        backward: int = param(0, "which backward pass is shown, from 1; 0 is the last one", ge=0)

    def construct(self) -> None:
        tape = self.tape = record_chosen(self.params)
        backward = chosen_pass(tape, self.params.backward)
        graph, bars = tensor_graph(tape, backward)
        self.persistent = (bars,)
        part = choose_fold(graph.view, self.params.inside, backward)
        loss = tape[tape.backward(backward)[0].op]

        with self.beat("a color for every number", COLORS, plays=2):
            self.play(FadeIn(bars))
            self.play(graph.appears(*graph.source_ops))
        forward, numbers = forward_caption(tape, loss, FORWARD, FORWARD_TENSOR)
        with self.beat("forward", forward, plays=len(graph.later_ops), **numbers):
            for op_id in graph.later_ops:
                self.play(graph.computes(op_id))
        self.play_backward(graph, part, backward)
        shelf = LeafShelf(tape, graph.style, graph.area)
        if shelf.cards:
            slopes = count_gradient_elements(tape, backward)
            count, counted = pass_count_text(tape, backward)
            say = ALL_OF_PASS.format(count=count) if count else ALL
            with self.beat("a slope for every number", say, slopes=slopes, **counted):
                self.play(FadeOut(*self.scene_mobjects()), shelf.appears_from(graph.cards_by_op()))

    def step_caption(self, graph: TapeGraph, step: Step) -> tuple[str, dict[str, Any]]:
        """The caption of a node and its numbers; of a broadcast, how many gradients add up."""
        edge = graph.broadcast_edge(step) if isinstance(graph, TensorGraphFigure) else None
        if edge is None:
            return super().step_caption(graph, step)
        name = op_name(graph.tape[edge.target])
        return SUMMED.format(name=name), {"places": count_broadcast_copies(graph.tape, edge)}


def record_chosen(params: Any) -> Tape:
    """The tape of the two layers, or of the program that the parameters name."""
    if params.program != "two layers":
        inputs, init = split_inputs(params.inputs), split_inputs(params.init)
        return load_program(params.program, inputs, init=init, seed=params.seed).record()
    if params.inputs or params.init:
        raise UsageError(
            "-P inputs=... and -P init=... are for a program of your own.",
            hint="The two layers have batch, features, hidden, outputs and seed.",
        )
    with torch.random.fork_rng():
        torch.manual_seed(params.seed)
        activation = ACTIVATIONS[params.activation]
        net = TwoLayers(params.features, params.hidden, params.outputs, activation).double()
        x = torch.randn(params.batch, params.features, dtype=torch.float64)
        target = torch.randn(params.batch, params.outputs, dtype=torch.float64)
    return record(net.loss, x=fixed(x.tolist()), target=fixed(target.tolist()))


COLORS = "Each cell is one number of a tensor: warm above zero, cool below, deeper the larger."
FORWARD = "Forward takes the batch through the modules to a single number: {result} is {{value}}."
FORWARD_TENSOR = "Forward takes the batch through the modules to {result}, a tensor."
SUMMED = "{name} was added in {{places}} places at once. On the way back, what they send adds up."
ALL_OF_PASS = "Every .grad has the shape of its tensor. {count} went to {{slopes}} numbers."
ALL = "Every gradient has the shape of its tensor. One pass backward found {slopes} slopes."
