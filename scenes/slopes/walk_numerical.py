"""A tiny step gives a slope that is nearly right.

The derivative of x² + 3x + 2 at 2, by rise over run.
"""

from __future__ import annotations

from gradreel.lecture.walkthrough_scene import CodeWalkthroughScene
from gradreel.params import SceneParams, param


class WalkNumerical(CodeWalkthroughScene):
    class Params(SceneParams):
        script: str = param("assets/programs/numerical_derivative.py", "the script to walk through")
        linger: str = param("", "lines to stay on for longer, such as 7,9")
        watch: str = param("", "variables to show, such as x,loss; all when empty")
