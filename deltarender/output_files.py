"""A finished film is put in its place, with its manifest and captions beside it."""

from __future__ import annotations

import json
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import srt

from deltarender.atomic_files import as_json, dir_lock, ensure_writable
from deltarender.cache_key import FileHasher, cache_key
from deltarender.encoding import subtitles
from deltarender.jobs import Job
from deltarender.owned_files import Content, Rule, put, withdraw
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
    files: dict[str, Content] = {place.name: made}
    if job.profile.format == "mp4":
        files[job.srt.name] = subtitles.as_srt(captions)
        files[job.vtt.name] = subtitles.as_vtt(captions)
    files[job.manifest.name] = as_json(manifest)
    with dir_lock(ensure_writable(job.folder)):
        rule = Rule(aside=True, known=partial(_by_manifest, job, _manifest_of(job)))
        # Without its manifest a film is not fresh, so nothing can be taken for what it is not.
        kept = withdraw(job.folder, job.manifest.name, rule) + put(job.folder, files, rule)
    if kept:
        names = ", ".join(map(str, kept))
        outcome.data["kept"] = f"what was there and not rendered here is kept: {names}"
    return place


def _manifest_of(job: Job) -> dict[str, Any]:
    """The manifest that is there, {} for anything else."""
    try:
        found = json.loads(job.manifest.read_text())
        return found if {"fingerprint", "outputs", "captions"} <= found.keys() else {}
    except (OSError, ValueError, AttributeError):
        return {}


def _by_manifest(job: Job, manifest: dict[str, Any], path: Path) -> bool:
    """Whether a file without a record belongs to a film of an earlier version, by its manifest."""
    if not manifest or path == job.manifest:
        return bool(manifest)
    if path.name in manifest["outputs"]:
        return bool(manifest["outputs"][path.name] == FileHasher().of(path))
    captions = [
        srt.Subtitle(k, _delta(c["start"]), _delta(c["end"]), c["text"])
        for k, c in enumerate(manifest["captions"], 1)
    ]
    texts = {job.srt: subtitles.as_srt, job.vtt: subtitles.as_vtt}
    return path in texts and path.read_text(errors="replace") == texts[path](captions)


def _captions(outcome: TaskResult) -> list[srt.Subtitle]:
    spoken = subtitles.from_beats(outcome.data["score"].get("beats", []))
    own = [
        srt.Subtitle(k, _delta(start), _delta(end), text)
        for k, (start, end, text) in enumerate(outcome.data["subcaptions"], 1)
    ]
    return spoken or own


def _delta(moment: timedelta | float) -> timedelta:
    return moment if isinstance(moment, timedelta) else timedelta(seconds=moment)
