"""Every result knows which operation made it.

The graph of xy + x² at 2 and 3: leaves, grad_fn, and the two paths to x.
"""

from __future__ import annotations

from gradreel.lecture.walkthrough_scene import CodeWalkthroughScene
from gradreel.params import SceneParams, param


class WalkGraph(CodeWalkthroughScene):
    class Params(SceneParams):
        script: str = param("assets/programs/graph_of_tensors.py", "the script to walk through")
        linger: str = param("", "lines to stay on for longer, such as 7,9")
        watch: str = param("", "variables to show, such as x,loss; all when empty")
