"""Where to cut a video into segments of similar cost, and how many segments are worth it."""

from __future__ import annotations

import math
from collections.abc import Sequence

SKIP_SHARE = 0.2  # of the cost of drawing a frame: measured on lecture scenes, 0.1 to 0.4
CORES_PER_SCENE = 1.5  # one picture is drawn while the one before is converted and encoded
MAX_BUSY = 0.6  # of all cores: where whole scenes keep more of them busy, segments gain nothing


def segment_bounds(cuts: Sequence[int], frames: int, parts: int) -> list[tuple[int, float]]:
    """At most `parts` ranges of a video of `frames` frames, cut at some of `cuts`, of similar cost.

    The last range has no end, as it ends with the video. A range costs its frames, and SKIP_SHARE
    of each frame before it. The least possible maximum of the costs is found by bisection.
    """
    places = [cut for cut in cuts if 0 < cut < frames]
    low, high = 0.0, float(frames)
    for _ in range(40):
        middle = (low + high) / 2
        if _starts_within(middle, places, frames, parts) is None:
            low = middle
        else:
            high = middle
    starts = _starts_within(high, places, frames, parts) or [0]
    return list(zip(starts, [*starts[1:], math.inf], strict=True))


def _starts_within(
    limit: float, places: Sequence[int], frames: int, parts: int
) -> list[int] | None:
    """The first frames of ranges that cost at most `limit` each; None if there is no such cut."""
    starts, before = [0], 0
    for place in (*places, frames):
        if _cost(starts[-1], place) > limit:
            if before == starts[-1] or _cost(before, place) > limit:
                return None
            starts.append(before)
        before = place
    return starts if len(starts) <= parts else None


def _cost(first: int, end: int) -> float:
    return end - first + SKIP_SHARE * first


def segments_per_scene(workers: int, scenes: int) -> int:
    """How many segments use idle workers; 1 where whole scenes keep the cores busy."""
    busy = CORES_PER_SCENE * scenes / workers
    return workers // scenes if scenes and busy <= MAX_BUSY else 1
