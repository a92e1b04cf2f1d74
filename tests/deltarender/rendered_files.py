"""The files that a finished render leaves, written without rendering anything."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from deltarender.cache_key import FileHasher, cache_key
from deltarender.jobs import Job


def write_outputs(
    job: Job,
    files: Mapping[str, str],
    libraries: Mapping[str, str],
    sources: Mapping[str, str] | None = None,
) -> None:
    """Write a video, captions and manifest of `job`; the rest as in cache_key."""
    job.folder.mkdir(parents=True, exist_ok=True)
    outputs = [job.video, *job.caption_files]
    for path in outputs:
        path.write_bytes(b"of " + path.name.encode())
    manifest = valid_manifest(job)
    manifest["fingerprint"] = cache_key(job, files, libraries, sources=sources)
    manifest["outputs"] = {path.name: FileHasher().of(path) for path in outputs}
    job.manifest.write_text(json.dumps(manifest))


def valid_manifest(job: Job) -> dict[str, Any]:
    """A manifest with one beat, without outputs and fingerprint."""
    number = {"text": "2.0", "value": 2.0, "source": "x"}
    return {
        "scene": job.target.name,
        "claim": "It moves.",
        "inputs": {"x": 2.0},
        "beats": [
            {"name": "begin", "say": "It begins.", "start": 0.0, "end": 1.0, "loop": False,
             "numbers": [number]},
        ],
        "tape": None,
        "sweep": {"times": [0.0], "readings": {"x": ["2.0"]}},
        "captions": [{"start": 0.0, "end": 1.0, "text": "It begins."}],
        "video": job.video.name,
        "frames": 10,
        "fps": 10.0,
        "duration": 1.0,
        "size": [320, 180],
        "encoder": {"writer": "deltarender", "encode": "fast"},
        "seconds": 1.0,
    }  # fmt: skip
