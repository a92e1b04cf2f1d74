"""Moves a finished video to its output folder, with its manifest and captions beside it."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import srt

from deltarender.atomic_files import dir_lock, ensure_writable
from deltarender.cache_key import FileHasher, cache_key
from deltarender.encoding import subtitles
from deltarender.errors import RenderError
from deltarender.jobs import Job
from deltarender.json_checks import InvalidData
from deltarender.manifest import check_scene_manifest, find_manifest, manifest_text
from deltarender.owned_files import Content, Rule, digest_of, put, withdraw
from deltarender.regular_files import path_from_text
from deltarender.results import TaskResult, VideoResult

STILL_SECONDS = 1.0  # for which a scene without animations is shown in a film
_CAPTION_FORMATS = {".srt": subtitles.as_srt, ".vtt": subtitles.as_vtt}


def commit_outputs(job: Job, result: TaskResult) -> tuple[Path, list[str]]:
    """Move the video of `result` to its output folder and write manifest and captions beside it.

    Returns the path of the video, and notes for the user. The manifest is written last, as a video
    without one does not count as fresh. Raises OSError, RenderError.
    """
    video = result.rendered_video
    if video.file is None or video.manifest is None:
        raise ValueError("a segment of a video is not an output")
    try:
        check_scene_manifest(video.manifest, "it")
        return _commit(job, result, video, video.file)
    except InvalidData as error:
        raise RenderError(
            f"what the scene says of itself is not valid: {error}.", where=str(job.target.file)
        ) from None


def belongs_to_another_file(job: Job) -> bool:
    """Whether the video in its place is of a scene of this name in another file, still there."""
    manifest = find_manifest(job.manifest)
    if manifest is None:
        return False
    name, _, cls = manifest["fingerprint"]["source"].rpartition(":")
    file = Path(path_from_text(name))
    is_there = cls == job.target.cls and file.is_file() and job.target.file.is_file()
    return is_there and not file.samefile(job.target.file)


def _commit(job: Job, result: TaskResult, video: VideoResult, file: Path) -> tuple[Path, list[str]]:
    # A scene without animations results in a picture instead of a video.
    target = job.video.with_name(job.stem + file.suffix)
    captions = _captions(result)
    files: dict[str, Content] = {target.name: file}
    for path in job.caption_files:
        files[path.name] = _CAPTION_FORMATS[path.suffix](captions).encode(errors="replace")
    manifest = _manifest(job, result, video, target.name, captions)
    manifest["outputs"] = {name: digest_of(content) for name, content in files.items()}
    files[job.manifest.name] = manifest_text(manifest)
    with dir_lock(ensure_writable(job.folder)):
        earlier = find_manifest(job.manifest) or {}
        rule = Rule(aside=True, known=partial(_listed_in_manifest, job, earlier))
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
        "may_depend_on": result.causes,
        "fingerprint": cache_key(job, result.files, result.libraries, result.facts, result.sources),
    }


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
    return path in job.caption_files and (
        path.read_text(errors="replace") == _CAPTION_FORMATS[path.suffix](captions)
    )


def _captions(result: TaskResult) -> list[srt.Subtitle]:
    """The captions of the beats, or else the subcaptions of Manim."""
    video = result.rendered_video
    of_beats = subtitles.from_beats((video.manifest or {}).get("beats", []))
    is_still = video.file is not None and video.file.suffix == ".png"
    seconds = STILL_SECONDS if is_still else result.frames / video.rate
    return subtitles.arrange(of_beats or video.subcaptions, seconds)
