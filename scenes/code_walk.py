"""A script runs line by line, and every variable is shown as it is.

Any PyTorch script: the source with the running line marked, the variables as they really are
at that moment, what is printed, and the graph of each backward pass in the engine's own order.
"""

from __future__ import annotations

from gradreel.lecture.walkthrough_scene import CodeWalkthroughScene
from gradreel.params import WalkthroughParams


class CodeWalk(CodeWalkthroughScene):
    class Params(WalkthroughParams):
        """The parameters of any walkthrough, with their defaults."""
