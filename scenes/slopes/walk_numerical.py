"""A tiny step gives a slope that is nearly right.

A script that computes the derivative of x² + 3x + 2 at 2 by rise over run.
"""

from __future__ import annotations

from gradreel.lecture.walkthrough_scene import CodeWalkthroughScene
from gradreel.params import WalkthroughParams, param
from gradreel.scenes.slopes.joins import GUEST
from gradreel.scenes.slopes.walk_secant_figure import SecantPicture


class WalkNumerical(CodeWalkthroughScene):
    begins_with, ends_with = GUEST, GUEST
    picture = SecantPicture

    class Params(WalkthroughParams):
        script: str = param("assets/programs/numerical_derivative.py", "the script to walk through")
