"""Scene time that is not in the video, because its section is skipped.

Manim's clock runs on while animations are skipped, so that the times which a scene takes from it
(of sounds, subcaptions and beats) are later than in the video.
"""

from __future__ import annotations

from typing import Any

from manim import Scene
from manim.renderer.cairo_renderer import CairoRenderer


class SkippedTime:
    """The intervals of scene time, in seconds, for which no frames are written."""

    def __init__(self) -> None:
        self.intervals: list[tuple[float, float]] = []

    def add(self, start: float, end: float) -> None:
        """Note that the animations from `start` to `end` were skipped."""
        if end > start:
            self.intervals.append((start, end))

    def in_video(self, time: float) -> float:
        """The time in the video at which the scene's clock shows `time`."""
        return time - sum(min(time, end) - start for start, end in self.intervals if start < time)


class SkipAwareRenderer(CairoRenderer):
    """A renderer that notes in `skipped` the time of skipped animations."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.skipped = SkippedTime()

    def play(self, scene: Scene, *args: Any, **kwargs: Any) -> None:
        """Manim's play."""
        start = self.time
        super().play(scene, *args, **kwargs)
        if self.skip_animations:
            self.skipped.add(start, self.time)


def skipped_time(renderer: Any) -> SkippedTime:
    """What a renderer has skipped; nothing, for a renderer that does not note it."""
    skipped = getattr(renderer, "skipped", None)
    return skipped if isinstance(skipped, SkippedTime) else SkippedTime()
