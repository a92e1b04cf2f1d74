"""How many segments a video is rendered in, where they begin, and how much time that saves."""

from __future__ import annotations

import math
from collections.abc import Sequence

# Measured at 1080p60 on lecture scenes: 0.9e8 to 4.8e8 pixels per second are drawn and encoded, and
# skipping a frame costs a tenth to two fifths of drawing it.
PIXELS_PER_SECOND = 3e8
SKIP_SHARE = 0.2
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
    if not workers:  # of a cluster, they may still come
        return 1
    busy = CORES_PER_SCENE * scenes / workers
    return workers // scenes if scenes and busy <= MAX_BUSY else 1


def seconds_saved(
    bounds: Sequence[tuple[int, float]], frames: int, size: tuple[int, int], workers: int
) -> float:
    """Seconds that rendering these segments in parallel is likely to save, on one core per worker.

    `frames` and `size`, in pixels, are those of the whole video.
    """
    drawing = frames * size[0] * size[1] / PIXELS_PER_SECOND
    longest = max(min(end, frames) - first for first, end in bounds)
    crowding = max(CORES_PER_SCENE * len(bounds) / workers, 1.0)
    return float(drawing * (1 - crowding * longest / frames))
