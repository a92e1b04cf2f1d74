"""By hand, the slopes of the links are multiplied.

A script that computes the slope of y = (3x + 1)² at 2 from its two links, in plain numbers.
"""

from __future__ import annotations

from gradreel.lecture.walkthrough_scene import CodeWalkthroughScene
from gradreel.params import WalkthroughParams, param
from gradreel.scenes.chain_rule.joins import NUMBER_LINES
from gradreel.scenes.chain_rule.walk_lines_figure import NumberLinesPicture


class WalkChainByHand(CodeWalkthroughScene):
    begins_with, ends_with = NUMBER_LINES, NUMBER_LINES
    picture = NumberLinesPicture

    class Params(WalkthroughParams):
        script: str = param("assets/programs/chain_rule_by_hand.py", "the script to walk through")
