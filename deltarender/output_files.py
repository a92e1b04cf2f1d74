"""A finished film is put in its place, with its manifest and captions beside it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import srt

from deltarender.atomic_files import (
    atomic_move,
    atomic_write,
    atomic_write_json,
    dir_lock,
    ensure_writable,
)
from deltarender.cache_key import FileHasher, cache_key
from deltarender.encoding import subtitles
from deltarender.jobs import Job
from deltarender.results import TaskResult


def commit_outputs(job: Job, outcome: TaskResult) -> Path:
    """Move the film of `outcome` to its place and write manifest and captions beside it.

    The manifest comes last: only with it a film counts as fresh. Raises OSError, RenderError.
    """
    made = Path(outcome.data["file"])
    # A scene in which nothing is played gives a picture instead of a film.
    place = job.video.with_name(job.stem + made.suffix)
    captions = _captions(outcome)
    outputs = {place.name: FileHasher().of(made)}
    manifest = {
        **outcome.data["score"],
        "captions": [
            {"start": c.start.total_seconds(), "end": c.end.total_seconds(), "text": c.content}
            for c in captions
        ],
        "video": place.name,
        "frames": outcome.frames,
        "fps": outcome.data["rate"],
        "duration": outcome.frames / outcome.data["rate"],
        "size": outcome.data["size"],
        "encoder": {"writer": outcome.data["writer"], "encode": job.profile.encode},
        "seconds": round(outcome.seconds, 3),
        "outputs": outputs,
        "fingerprint": cache_key(job, outcome.files),
    }
    with dir_lock(ensure_writable(job.folder)):
        # Without its manifest a film is not fresh, so nothing can be taken for what it is not.
        job.manifest.unlink(missing_ok=True)
        atomic_move(made, place)
        if job.profile.format == "mp4":
            atomic_write(job.srt, subtitles.as_srt(captions))
            atomic_write(job.vtt, subtitles.as_vtt(captions))
        atomic_write_json(job.manifest, manifest)
    return place


def _captions(outcome: TaskResult) -> list[srt.Subtitle]:
    spoken = subtitles.from_beats(outcome.data["score"].get("beats", []))
    own = [
        srt.Subtitle(k, _delta(start), _delta(end), text)
        for k, (start, end, text) in enumerate(outcome.data["subcaptions"], 1)
    ]
    return spoken or own


def _delta(moment: timedelta | float) -> timedelta:
    return moment if isinstance(moment, timedelta) else timedelta(seconds=moment)
