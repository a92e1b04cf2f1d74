"""The interface of a video stream to which changed rectangles and frames are written."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from deltarender.encoding.rect import Rect
from deltarender.encoding.yuv_frame import Pixels

KEYFRAME_INTERVAL_S = 5  # the longest time between two keyframes, for seeking


class VideoStream(Protocol):
    """A video that is being encoded: a current picture, which is changed in rectangles.

    A constructor takes the open PyAV container, (width, height) in pixels, and frames per second.
    """

    def update_rect(self, rect: Rect, samples: Pixels) -> None:
        """Replace a rectangle of the current picture; see `yuv_frame.RectSamples` for `samples`."""

    def add_frame(self, force_keyframe: bool = False) -> None:
        """Append the current picture as one frame.

        At a forced keyframe the encoder is reset: the frames from there on do not depend on any
        frame before, neither for decoding nor by the encoder's decisions.
        """

    def finish(self) -> None:
        """Write the frames that the encoder still holds."""

    def correct_level(self, video: Path) -> None:
        """Correct the level in the closed file, whose bit rate was not known when it began."""
