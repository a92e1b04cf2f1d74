"""Gradients pile up until somebody clears them.

x² and then x³ at 3, without and with zeroing in between.
"""

from __future__ import annotations

from gradreel.lecture.walkthrough_scene import CodeWalkthroughScene
from gradreel.params import SceneParams, param


class WalkAccumulation(CodeWalkthroughScene):
    class Params(SceneParams):
        script: str = param("assets/programs/accumulation.py", "the script to walk through")
        linger: str = param("", "lines to stay on for longer, such as 7,9")
        watch: str = param("", "variables to show, such as x,loss; all when empty")
