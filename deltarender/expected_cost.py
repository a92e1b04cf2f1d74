"""What a scene is likely to take, by what it took before: seconds, and frames."""

from __future__ import annotations

from contextlib import suppress

from deltarender.jobs import Job
from deltarender.manifest import Manifest, find_manifest


def expected_cost(job: Job) -> tuple[float, int]:
    """A sort key for how long a scene is likely to take.

    First the time it took before, in any quality. A scene never rendered counts as longer than all
    others, and among those the size of the file decides (its correlation with the rendering time
    is 0.5 over the lecture).
    """
    with suppress(OSError):
        return _seconds_before(job), job.target.file.stat().st_size
    return _seconds_before(job), 0


def expected_frames(job: Job) -> int | None:
    """How many frames a video will have, by what the scene had in any rate; None if unknown."""
    manifest = _earlier_manifest(job)
    if manifest is None:
        return None
    return int(round(manifest["frames"] / manifest["fps"] * job.profile.fps))


def _seconds_before(job: Job) -> float:
    """Seconds the scene took before, scaled to this size and rate; infinity if never rendered."""
    manifest = _earlier_manifest(job)
    if manifest is None:
        return float("inf")
    # The cost of a frame is about proportional to its pixels.
    width, height = manifest["size"]
    cost = manifest["seconds"] / (width * height * manifest["fps"])
    return float(cost * job.profile.width * job.profile.height * job.profile.fps)


def _earlier_manifest(job: Job) -> Manifest | None:
    """The manifest of the job's video, or else of one in another size or rate."""
    others = job.folder.parent.glob(f"*/{job.manifest.name}")
    found = (find_manifest(path) for path in (job.manifest, *sorted(others)))
    return next((manifest for manifest in found if manifest is not None), None)
