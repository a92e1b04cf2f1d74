"""A script runs line by line, and every variable is shown as it is.

Any PyTorch script: its source with the current line marked, its variables after each line, its
output, and the graph of each backward pass in the engine's order.
"""

from __future__ import annotations

from typing import Any

from gradreel.lecture.walkthrough_scene import CodeWalkthroughScene
from gradreel.params import WalkthroughParams


class CodeWalk(CodeWalkthroughScene):
    class Params(WalkthroughParams):
        """The parameters of any walkthrough, with their defaults."""

    def manifest(self) -> dict[str, Any]:
        """That of any scene, with the exception that ended the script if one did."""
        error = self.trace.error
        if error is None:
            return super().manifest()
        what = ": ".join(filter(None, (error.kind, error.message)))
        return {**super().manifest(), "script_error": f"line {error.line}: {what}"}
