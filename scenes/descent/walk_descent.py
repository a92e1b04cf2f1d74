"""Ten steps against the slope come close to the minimum.

A script of gradient descent on (x − 3)² from 0 with the learning rate 0.1.
"""

from __future__ import annotations

from gradreel.lecture.walkthrough_scene import CodeWalkthroughScene
from gradreel.params import WalkthroughParams, param
from gradreel.scenes.descent.joins import CURVE_AND_BALL
from gradreel.scenes.descent.walk_ball_figure import BallPicture


class WalkDescent(CodeWalkthroughScene):
    begins_with, ends_with = CURVE_AND_BALL, CURVE_AND_BALL
    picture = BallPicture

    class Params(WalkthroughParams):
        script: str = param("assets/programs/gradient_descent.py", "the script to walk through")
