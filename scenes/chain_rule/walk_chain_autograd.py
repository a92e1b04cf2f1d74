"""Autograd multiplies the slopes of the links for us.

A script that computes the slope of y = (3x + 1)² at 2, and keeps the gradient of the middle link.
"""

from __future__ import annotations

from gradreel.lecture.walkthrough_scene import CodeWalkthroughScene
from gradreel.params import WalkthroughParams, param
from gradreel.scenes.chain_rule.joins import NUMBER_LINES
from gradreel.scenes.chain_rule.walk_lines_figure import NumberLinesPicture


class WalkChainAutograd(CodeWalkthroughScene):
    begins_with, ends_with = NUMBER_LINES, NUMBER_LINES
    picture = NumberLinesPicture
    shows_grad_fn = False

    class Params(WalkthroughParams):
        script: str = param("assets/programs/chain_rule_autograd.py", "the script to walk through")
