"""A finished film is put in its place, with its manifest and captions beside it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import srt

from deltarender.atomic_files import move_whole, ready, turn, write_json, write_whole
from deltarender.cache_key import Digests, fingerprint
from deltarender.encoding import subtitles
from deltarender.jobs import Job
from deltarender.results import Outcome


def publish(job: Job, outcome: Outcome) -> Path:
    """Move the film of `outcome` to its place and write manifest and captions beside it.

    The manifest comes last: only with it a film counts as fresh. Raises OSError, RenderError.
    """
    made = Path(outcome.data["file"])
    # A scene in which nothing is played gives a picture instead of a film.
    place = job.video.with_name(job.stem + made.suffix)
    captions = _captions(outcome)
    outputs = {place.name: Digests().of(made)}
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
        "fingerprint": fingerprint(job, outcome.files),
    }
    with turn(ready(job.folder)):
        # Without its manifest a film is not fresh, so nothing can be taken for what it is not.
        job.manifest.unlink(missing_ok=True)
        move_whole(made, place)
        if job.profile.format == "mp4":
            write_whole(job.srt, subtitles.as_srt(captions))
            write_whole(job.vtt, subtitles.as_vtt(captions))
        write_json(job.manifest, manifest)
    return place


def _captions(outcome: Outcome) -> list[srt.Subtitle]:
    spoken = subtitles.from_beats(outcome.data["score"].get("beats", []))
    own = [
        srt.Subtitle(k, _delta(start), _delta(end), text)
        for k, (start, end, text) in enumerate(outcome.data["subcaptions"], 1)
    ]
    return spoken or own


def _delta(moment: timedelta | float) -> timedelta:
    return moment if isinstance(moment, timedelta) else timedelta(seconds=moment)
