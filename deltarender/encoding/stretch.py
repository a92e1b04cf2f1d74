"""A stretch of a video: frames from a keyframe on, which depend on no frame before it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, Protocol

from deltarender.encoding.rect import Rect
from deltarender.encoding.yuv_frame import Pixels


class CodedPicture(NamedTuple):
    """An encoded frame: NAL units with start codes, and its number in the video."""

    data: bytes
    number: int
    is_keyframe: bool


class Stretch(Protocol):
    """An encoder of a stretch, with a current picture, which is changed in rectangles."""

    def update_rect(self, rect: Rect, samples: Pixels) -> None:
        """Replace a rectangle of the current picture."""

    def encode(self, index: int) -> Iterable[CodedPicture]:
        """Encode the current picture as frame number `index`; the pictures that are ready."""

    def finish(self) -> Iterable[CodedPicture]:
        """The pictures that the encoder still holds."""
