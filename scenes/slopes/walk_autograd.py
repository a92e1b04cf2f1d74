"""Autograd gives the exact slope and needs no step.

A script that computes the derivative of x² + 3x + 2 at 2 by one backward pass.
"""

from __future__ import annotations

from gradreel.lecture.walkthrough_scene import CodeWalkthroughScene
from gradreel.params import WalkthroughParams, param
from gradreel.scenes.slopes.joins import FORMULA
from gradreel.scenes.slopes.walk_curve_figure import TangentPicture


class WalkAutograd(CodeWalkthroughScene):
    begins_with = FORMULA
    picture = TangentPicture
    shows_grad_fn = False

    class Params(WalkthroughParams):
        script: str = param("assets/programs/autograd_derivative.py", "the script to walk through")
