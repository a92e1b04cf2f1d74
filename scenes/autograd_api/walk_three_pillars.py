"""The switch, the trigger, the result.

w, b and a loss: requires_grad, backward, .grad.
"""

from __future__ import annotations

from gradreel.lecture.walkthrough_scene import CodeWalkthroughScene
from gradreel.params import WalkthroughParams, param


class WalkThreePillars(CodeWalkthroughScene):
    class Params(WalkthroughParams):
        script: str = param("assets/programs/three_pillars.py", "the script to walk through")
