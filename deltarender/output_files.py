"""Put a finished video in its place, with its manifest and captions beside it."""

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
from deltarender.results import TaskResult, VideoResult


def commit_outputs(job: Job, result: TaskResult) -> tuple[Path, list[str]]:
    """Move the video of `result` to its place and write manifest and captions beside it.

    Gives the video's path, and notes for the user. The manifest is written last: a video counts as
    fresh only with it. Raises OSError, RenderError.
    """
    video = result.made_video
    if video.file is None or video.manifest is None:
        raise ValueError("a segment of a video has no place of its own")
    # A scene without animations gives a picture instead of a video.
    place = job.video.with_name(job.stem + video.file.suffix)
    captions = _captions(video)
    files: dict[str, Content] = {place.name: video.file}
    if job.profile.format == "mp4":
        files[job.srt.name] = subtitles.as_srt(captions)
        files[job.vtt.name] = subtitles.as_vtt(captions)
    files[job.manifest.name] = as_json(_manifest(job, result, video, place, captions))
    with dir_lock(ensure_writable(job.folder)):
        rule = Rule(aside=True, known=partial(_by_manifest, job, _manifest_of(job)))
        # Without its manifest a video is not fresh, so a mixture of old and new is never trusted.
        kept = withdraw(job.folder, job.manifest.name, rule) + put(job.folder, files, rule)
    names = ", ".join(map(str, kept))
    return place, [f"what was there and not rendered here is kept: {names}"] if kept else []


def _manifest(
    job: Job, result: TaskResult, video: VideoResult, place: Path, captions: list[srt.Subtitle]
) -> dict[str, Any]:
    """What the scene says of itself, and how its video was made."""
    return {
        **(video.manifest or {}),
        "captions": [
            {"start": c.start.total_seconds(), "end": c.end.total_seconds(), "text": c.content}
            for c in captions
        ],
        "video": place.name,
        "frames": result.frames,
        "fps": video.rate,
        "duration": result.frames / video.rate,
        "size": list(video.size),
        "encoder": {
            "writer": "manim" if video.fallback_reason else "gradreel",
            "encode": job.profile.encode,
        },
        "seconds": round(result.seconds, 3),
        "outputs": {place.name: FileHasher().of(video.file or "")},
        "fingerprint": cache_key(job, result.files, result.libraries),
    }


def _manifest_of(job: Job) -> dict[str, Any]:
    """The manifest in the output folder, {} if there is none that can be read."""
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


def _captions(video: VideoResult) -> list[srt.Subtitle]:
    """The captions of the beats, or else Manim's subcaptions."""
    of_beats = subtitles.from_beats((video.manifest or {}).get("beats", []))
    return of_beats or [
        srt.Subtitle(k, _delta(start), _delta(end), text)
        for k, (start, end, text) in enumerate(video.subcaptions, 1)
    ]


def _delta(moment: timedelta | float) -> timedelta:
    return moment if isinstance(moment, timedelta) else timedelta(seconds=moment)
