"""A script runs line by line, and every variable is shown as it is.

Any PyTorch script: its source with the current line marked, its variables after each line, its
output, and the graph of each backward pass in the engine's order.
"""

from __future__ import annotations

from typing import Any

from gradreel.draw.walkthrough.mono_text import missing_characters
from gradreel.lecture.walkthrough_scene import CodeWalkthroughScene
from gradreel.params import WalkthroughParams


class CodeWalk(CodeWalkthroughScene):
    class Params(WalkthroughParams):
        """The parameters of any walkthrough, with their defaults."""

    def manifest(self) -> dict[str, Any]:
        """That of any scene, with the exception that ended the script if one did.

        And with the characters that no font has, if there are any.
        """
        manifest, error = super().manifest(), self.trace.error
        if error is not None:
            what = ": ".join(filter(None, (error.kind, error.message)))
            manifest["script_error"] = f"line {error.line}: {what}"
        variables = (variable.text for event in self.trace.events for variable in event.changed)
        if missing := missing_characters([*self.trace.lines, self.trace.printed, *variables]):
            manifest["missing_characters"] = missing
        return manifest
