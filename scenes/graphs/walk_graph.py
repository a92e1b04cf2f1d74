"""Every result knows which operation made it.

A script that builds the graph of xy + x², prints is_leaf and grad_fn, and runs backward.
"""

from __future__ import annotations

from gradreel.draw.walkthrough.graph_picture import GraphPicture
from gradreel.lecture.walkthrough_scene import CodeWalkthroughScene
from gradreel.params import WalkthroughParams, param
from gradreel.scenes.graphs.joins import GRAPH


class WalkGraph(CodeWalkthroughScene):
    begins_with, ends_with = GRAPH, GRAPH
    picture = GraphPicture

    class Params(WalkthroughParams):
        script: str = param("assets/programs/graph_of_tensors.py", "the script to walk through")
