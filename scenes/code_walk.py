"""A script runs line by line, and every variable is shown as it is.

Any PyTorch script: the source with the running line marked, the variables as they really are
at that moment, what is printed, and the graph of each backward pass in the engine's own order.
"""

from __future__ import annotations

from gradreel.lecture.walkthrough_scene import CodeWalkthroughScene
from gradreel.params import SceneParams, param


class CodeWalk(CodeWalkthroughScene):
    class Params(SceneParams):
        script: str = param("assets/programs/three_pillars.py", "the script to walk through")
        linger: str = param("", "lines to stay on for longer, such as 7,9")
        watch: str = param("", "variables to show, such as x,loss; all when empty")
