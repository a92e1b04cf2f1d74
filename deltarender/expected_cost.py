"""How long a scene is likely to take, so that the longest are begun first."""

from __future__ import annotations

from contextlib import suppress

from deltarender.jobs import Job
from deltarender.manifest import find_manifest


def expected_cost(job: Job) -> tuple[float, int]:
    """A sort key for how long a scene is likely to take.

    First the time it took before, in any quality. A scene never rendered counts as longer than all
    others, and among those the size of the file decides (its correlation with the rendering time
    is 0.5 over the lecture).
    """
    with suppress(OSError):
        return _seconds_before(job), job.target.file.stat().st_size
    return _seconds_before(job), 0


def _seconds_before(job: Job) -> float:
    """Seconds the scene took before, scaled to this size and rate; infinity if never rendered."""
    others = job.folder.parent.glob(f"*/{job.manifest.name}")
    for path in (job.manifest, *sorted(others)):
        if (manifest := find_manifest(path)) is not None:
            # The cost of a frame is about proportional to its pixels.
            width, height = manifest["size"]
            cost = manifest["seconds"] / (width * height * manifest["fps"])
            return float(cost * job.profile.width * job.profile.height * job.profile.fps)
    return float("inf")
