"""Opens finished files in a viewer, as `manim -p` does."""

from __future__ import annotations

import subprocess
import sys

from deltarender.errors import SetupError
from deltarender.manim_cfg import preview_command
from deltarender.report import Report

OPENER = "open" if sys.platform == "darwin" else "xdg-open"


def open_results(report: Report) -> None:
    """Open the file of each scene that has one, in order. Raises SetupError without a viewer."""
    command = preview_command() or OPENER
    for result in report.results:
        if result.path is None or result.status not in ("rendered", "fresh"):
            continue
        try:
            subprocess.run([command, str(result.path)], check=False)
        except OSError as error:
            raise SetupError(
                f"{result.path} cannot be opened with {command}: {error.strerror}.",
                hint="Set preview_command in manim.cfg to a program that shows videos.",
            ) from None
