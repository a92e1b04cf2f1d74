"""The switch, the trigger, the result.

w, b and a loss: requires_grad, backward, .grad.
"""

from __future__ import annotations

from gradreel.lecture.walkthrough_scene import CodeWalkthroughScene
from gradreel.params import SceneParams, param


class WalkThreePillars(CodeWalkthroughScene):
    class Params(SceneParams):
        script: str = param("assets/programs/three_pillars.py", "the script to walk through")
        linger: str = param("", "lines to stay on for longer, such as 7,9")
        watch: str = param("", "variables to show, such as x,loss; all when empty")
