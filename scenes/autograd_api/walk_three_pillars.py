"""Switch, trigger and result in one program.

A script with requires_grad, backward() and .grad for w and b of a linear model.
"""

from __future__ import annotations

from gradreel.draw.walkthrough.graph_picture import GraphPicture
from gradreel.lecture.walkthrough_scene import CodeWalkthroughScene
from gradreel.params import WalkthroughParams, param
from gradreel.scenes.autograd_api.joins import GRADIENTS, MODEL_GRAPH


class ModelPicture(GraphPicture):
    """The graph of the model; the scene before has shown its backward pass at leisure."""

    seconds_per_node = 0.32


class WalkThreePillars(CodeWalkthroughScene):
    begins_with, ends_with = MODEL_GRAPH, GRADIENTS
    picture = ModelPicture
    shows_grad_fn = False  # the numbers behind the lines are what this program is about

    class Params(WalkthroughParams):
        script: str = param("assets/programs/three_pillars.py", "the script to walk through")
