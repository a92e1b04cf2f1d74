"""Switch, trigger and result in one program.

A script with requires_grad, backward() and .grad for w and b of a linear model.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from manim import FadeIn, FadeOut

from gradreel.draw.formula import Formula
from gradreel.draw.graph.tape_graph import early
from gradreel.draw.layout import Rect
from gradreel.draw.walkthrough.graph_picture import GraphPicture
from gradreel.lecture.walkthrough_scene import CodeWalkthroughScene
from gradreel.params import WalkthroughParams, param
from gradreel.scenes.autograd_api.joins import GRADIENTS, MODEL_GRAPH, default_tape
from gradreel.scenes.autograd_api.linear_model_figure import ModelGraph
from gradreel.tape import Step, Tape

PRODUCT = "MulBackward0"


class ModelPicture(GraphPicture):
    """The graph of the model; the scene before has shown its backward pass at leisure.

    It is that scene's graph, with the inputs that are plain numbers in the program.
    """

    seconds_per_node = 0.32

    def build(self) -> None:
        """Lay out the graph of the recorded model."""
        self.recorded = default_tape()
        self.products: list[Formula] = []
        super().build()

    def graph_in(self, area: Rect) -> ModelGraph:
        """The graph with the operation of each result in its box."""
        self.model = ModelGraph(self.tape, area, down=True)
        return self.model

    @property
    def tape(self) -> Tape:
        """The tape of the model."""
        return self.recorded

    def sends(self, step: Step) -> list[Any]:
        """The contributions on their way; the local derivative of the product is written."""
        moves = super().sends(step)
        if step.node == PRODUCT and (product := self.model.product_at(step)) is not None:
            self.products.append(product)
            moves.append(FadeIn(product, rate_func=early))
            moves.append(self.graph.flashes("x"))  # its factor is x
        return moves

    def leave(self, carried: Collection[str]) -> list[Any]:
        """What is written beside the graph fades as well."""
        return [*super().leave(carried), *map(FadeOut, self.products)]


class WalkThreePillars(CodeWalkthroughScene):
    begins_with, ends_with = MODEL_GRAPH, GRADIENTS
    picture = ModelPicture
    shows_grad_fn = False  # the numbers behind the lines are what this program is about

    class Params(WalkthroughParams):
        script: str = param("assets/programs/three_pillars.py", "the script to walk through")
