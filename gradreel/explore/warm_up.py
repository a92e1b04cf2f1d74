"""Starts what takes longest when the studio begins; imports nothing of the server."""

from __future__ import annotations

from contextlib import suppress

from deltarender.errors import UserFacingError
from deltarender.workers import forkserver
from gradreel.lecture_settings import PRELOAD


def start_importing() -> None:
    """Start the process that imports Manim and torch, from which scenes are forked."""
    with suppress(UserFacingError):  # said when the first scene is opened
        forkserver.context(PRELOAD)
