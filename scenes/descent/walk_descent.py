"""Ten steps against the slope come close to the minimum.

(x − 3)² from 0 with learning rate 0.1.
"""

from __future__ import annotations

from gradreel.lecture.walkthrough_scene import CodeWalkthroughScene
from gradreel.params import SceneParams, param


class WalkDescent(CodeWalkthroughScene):
    class Params(SceneParams):
        script: str = param("assets/programs/gradient_descent.py", "the script to walk through")
        linger: str = param("", "lines to stay on for longer, such as 7,9")
        watch: str = param("", "variables to show, such as x,loss; all when empty")
