"""no_grad and detach leave the graph.

A script that computes x² tracked, under no_grad, and detached.
"""

from __future__ import annotations

from gradreel.lecture.walkthrough_scene import CodeWalkthroughScene
from gradreel.params import WalkthroughParams, param
from gradreel.scenes.control.joins import CUT_GRAPH_JOIN, NODE_JOIN
from gradreel.scenes.control.walk_cut_figure import CutPicture


class WalkCutting(CodeWalkthroughScene):
    begins_with, ends_with = CUT_GRAPH_JOIN, NODE_JOIN
    picture = CutPicture

    class Params(WalkthroughParams):
        script: str = param("assets/programs/no_grad_and_detach.py", "the script to walk through")
