"""Every result knows which operation made it.

A script that computes xy + x² at 2 and 3: leaves, grad_fn, and the two paths to x.
"""

from __future__ import annotations

from gradreel.lecture.walkthrough_scene import CodeWalkthroughScene
from gradreel.params import WalkthroughParams, param


class WalkGraph(CodeWalkthroughScene):
    class Params(WalkthroughParams):
        script: str = param("assets/programs/graph_of_tensors.py", "the script to walk through")
