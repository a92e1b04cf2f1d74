"""The pictures that scenes of this chapter share where one follows the other."""

from __future__ import annotations

from manim import UP, Mobject

from gradreel.draw.bucket import Bucket
from gradreel.lecture.join import Join

BUCKET_SIZE = (2.4, 1.8)  # width and height, in frame units


def _bucket() -> dict[str, Mobject]:
    """An empty bucket in the middle."""
    width, height = BUCKET_SIZE
    return {"bucket": Bucket(60.0, width=width, height=height).shift(0.25 * UP)}


BUCKET_JOIN = Join("the bucket of .grad", _bucket)
