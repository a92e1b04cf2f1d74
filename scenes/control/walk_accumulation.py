"""Gradients pile up until somebody clears them.

A script that goes backward through x² and then x³ at 3, without and with zeroing between them.
"""

from __future__ import annotations

from gradreel.lecture.walkthrough_scene import CodeWalkthroughScene
from gradreel.params import WalkthroughParams, param
from gradreel.scenes.control.joins import BUCKET_JOIN
from gradreel.scenes.control.walk_bucket_figure import BucketPicture


class WalkAccumulation(CodeWalkthroughScene):
    begins_with, ends_with = BUCKET_JOIN, BUCKET_JOIN
    picture = BucketPicture

    class Params(WalkthroughParams):
        script: str = param("assets/programs/accumulation.py", "the script to walk through")
