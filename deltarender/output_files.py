"""Moves a finished video to its output folder, with its manifest and captions beside it."""

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

STILL_SECONDS = 1.0  # for which a scene without animations is shown in a film


def commit_outputs(job: Job, result: TaskResult) -> tuple[Path, list[str]]:
    """Move the video of `result` to its output folder and write manifest and captions beside it.

    Returns the path of the video, and notes for the user. The manifest is written last, as a video
    without one does not count as fresh. Raises OSError, RenderError.
    """
    video = result.rendered_video
    if video.file is None or video.manifest is None:
        raise ValueError("a segment of a video is not an output")
    # A scene without animations results in a picture instead of a video.
    target = job.video.with_name(job.stem + video.file.suffix)
    captions = _captions(result)
    files: dict[str, Content] = {target.name: video.file}
    if job.profile.format == "mp4":
        files[job.srt.name] = subtitles.as_srt(captions)
        files[job.vtt.name] = subtitles.as_vtt(captions)
    files[job.manifest.name] = as_json(_manifest(job, result, video, target.name, captions))
    with dir_lock(ensure_writable(job.folder)):
        rule = Rule(aside=True, known=partial(_listed_in_manifest, job, _read_manifest(job)))
        # Without its manifest a video is not fresh: a mixture of old and new files is never used.
        kept = withdraw(job.folder, job.manifest.name, rule) + put(job.folder, files, rule)
    names = ", ".join(map(str, kept))
    return target, [f"what was there and not rendered here is kept: {names}"] if kept else []


def _manifest(
    job: Job, result: TaskResult, video: VideoResult, file_name: str, captions: list[srt.Subtitle]
) -> dict[str, Any]:
    """The manifest of the scene itself, and how its video was rendered."""
    return {
        **(video.manifest or {}),
        "captions": [
            {"start": c.start.total_seconds(), "end": c.end.total_seconds(), "text": c.content}
            for c in captions
        ],
        "video": file_name,
        "frames": result.frames,
        "fps": video.rate,
        "duration": result.frames / video.rate,
        "size": list(video.size),
        "encoder": {
            "writer": "manim" if video.fallback_reason else "deltarender",
            "encode": job.profile.encode,
        },
        "seconds": round(result.seconds, 3),
        "outputs": {file_name: FileHasher().of(video.file or "")},
        "fingerprint": cache_key(job, result.files, result.libraries),
    }


def _read_manifest(job: Job) -> dict[str, Any]:
    """The manifest in the output folder; {} if there is none, or it cannot be read."""
    try:
        manifest = json.loads(job.manifest.read_text())
        return manifest if {"fingerprint", "outputs", "captions"} <= manifest.keys() else {}
    except (OSError, ValueError, AttributeError):
        return {}


def _listed_in_manifest(job: Job, manifest: dict[str, Any], path: Path) -> bool:
    """Whether `path` is a file that an earlier version rendered, according to its manifest.

    Earlier versions kept no record of the files they wrote.
    """
    if not manifest or path == job.manifest:
        return bool(manifest)
    if path.name in manifest["outputs"]:
        return bool(manifest["outputs"][path.name] == FileHasher().of(path))
    captions = [
        srt.Subtitle(number, timedelta(seconds=c["start"]), timedelta(seconds=c["end"]), c["text"])
        for number, c in enumerate(manifest["captions"], 1)
    ]
    writers = {job.srt: subtitles.as_srt, job.vtt: subtitles.as_vtt}
    return path in writers and path.read_text(errors="replace") == writers[path](captions)


def _captions(result: TaskResult) -> list[srt.Subtitle]:
    """The captions of the beats, or else the subcaptions of Manim."""
    video = result.rendered_video
    of_beats = subtitles.from_beats((video.manifest or {}).get("beats", []))
    is_still = video.file is not None and video.file.suffix == ".png"
    seconds = STILL_SECONDS if is_still else result.frames / video.rate
    return subtitles.arrange(of_beats or video.subcaptions, seconds)
