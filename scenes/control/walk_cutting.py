"""no_grad and detach leave the graph.

x² tracked, untracked and cut off.
"""

from __future__ import annotations

from gradreel.lecture.walkthrough_scene import CodeWalkthroughScene
from gradreel.params import SceneParams, param


class WalkCutting(CodeWalkthroughScene):
    class Params(SceneParams):
        script: str = param("assets/programs/no_grad_and_detach.py", "the script to walk through")
        linger: str = param("", "lines to stay on for longer, such as 7,9")
        watch: str = param("", "variables to show, such as x,loss; all when empty")
