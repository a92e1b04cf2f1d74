"""What a worker answers: JSON as bytes, and the checks that it passes before it is used here.

A worker may be broken or hostile. Its answer is decoded by `decode_answer`, which accepts only data
of the expected types and sizes; the names under which files are written here never come from it.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from deltarender.distributed.answer_checks import MAX_LOG_BYTES, check_answer, check_failure
from deltarender.facts import Fact, FactKind
from deltarender.jobs import FORMATS
from deltarender.json_checks import InvalidData
from deltarender.regular_files import path_from_text, path_to_text
from deltarender.results import (
    SegmentFacts,
    Task,
    TaskError,
    TaskKind,
    TaskResult,
    VideoResult,
)

MAX_ANSWER_BYTES = 64_000_000
SOUNDS = (".wav", ".mp3", ".m4a", ".aac")
VIDEOS = tuple(f".{name}" for name in FORMATS)


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file on a worker that the client should fetch."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class RemoteResult:
    """A task's result and the files to be fetched from the worker's `folder`.

    `project` and `home` are the folders on the worker that hold the files of the job bundle, and
    the package.
    """

    result: TaskResult
    folder: str
    files: tuple[RemoteFile, ...]
    log: bytes
    project: str
    home: str


class WorkerFailedError(Exception):
    """A worker that did not do what it was asked; it says in its own words why."""


def encode_failure(error: Exception) -> bytes:
    """The answer of a worker that could not render at all."""
    return json.dumps({"failed": f"{type(error).__name__}: {error}"[:1000]}).encode()


def encode_answer(remote: RemoteResult) -> bytes:
    """The answer with a result, as `decode_answer` takes it."""
    result = remote.result
    answer = {
        "error": asdict(result.error) if result.error is not None else None,
        "frames": result.frames,
        "seconds": result.seconds,
        "cpu_seconds": result.cpu_seconds,
        "peak_memory": result.peak_memory,
        "video": _video_to_dict(result.video) if result.video is not None else None,
        "notes": result.notes,
        "read": {path_to_text(path): digest for path, digest in result.files.items()},
        "libraries": result.libraries,
        "sources": {path_to_text(path): digest for path, digest in result.sources.items()},
        "facts": [
            {
                "kind": fact.kind.value,
                "subject": path_to_text(fact.subject),
                "states": [path_to_text(state) for state in fact.states],
            }
            for fact in result.facts
        ],
        "causes": [path_to_text(cause) for cause in result.causes],
        "folder": path_to_text(remote.folder),
        "sent": [
            {"name": PurePosixPath(f.path).name, "size": f.size, "sha256": f.sha256}
            for f in remote.files
        ],
        "log": remote.log[-MAX_LOG_BYTES:].decode(errors="replace"),
        "project": path_to_text(remote.project),
        "home": path_to_text(remote.home),
    }
    return json.dumps(answer).encode()


def _video_to_dict(video: VideoResult) -> dict[str, Any]:
    segment = video.segment
    return {
        "manifest": video.manifest,
        "subcaptions": [{"start": s, "end": e, "text": t} for s, e, t in video.subcaptions],
        "size": list(video.size),
        "rate": float(video.rate),
        "fallback_reason": video.fallback_reason,
        "stages": video.stages,
        "segment": None
        if segment is None
        else {
            "frames": segment.frames,
            "cuts": segment.cuts,
            "boundaries": [{"frame": f, "digest": d} for f, d in segment.boundaries.items()],
        },
    }


def decode_answer(raw: object, task: Task) -> RemoteResult:
    """The result in a worker's answer to `task`.

    Raises InvalidData for anything that is not such an answer, WorkerFailedError for the answer of
    a worker that could not render.
    """
    if not isinstance(raw, bytes):
        raise InvalidData("its answer is not bytes")
    if len(raw) > MAX_ANSWER_BYTES:
        raise InvalidData(f"its answer has more than {MAX_ANSWER_BYTES >> 20} MB")
    try:
        data = json.loads(raw.decode())
    except (ValueError, RecursionError):
        raise InvalidData("its answer is not JSON") from None
    if isinstance(data, dict) and "failed" in data:
        check_failure(data, "its answer")
        raise WorkerFailedError(data["failed"])
    check_answer(data, "its answer")
    _check_files(data, task)
    return _remote_result(data)


def _check_files(data: dict[str, Any], task: Task) -> None:
    """Raise InvalidData unless a success comes with the files that the task asks for, and no more.

    Only these count as rendered; a failure sends none.
    """
    video = data["video"]
    suffixes = [PurePosixPath(file["name"]).suffix.lower() for file in data["sent"]]
    if data["error"] is not None:
        if suffixes:
            raise InvalidData("its answer is an error and has files")
        return
    if task.kind is not TaskKind.RENDER or video is None:
        raise InvalidData("its answer has no video")
    if task.part is not None and video["segment"] is None:
        raise InvalidData("its answer is not about the part of the video that was asked for")
    if task.part is None and video["manifest"] is None:
        raise InvalidData("its answer has no manifest")
    drawn = task.part is None or not task.part.empty
    if drawn != bool(suffixes):
        raise InvalidData(f"its answer has {len(suffixes)} files")
    kinds = zip(suffixes, (VIDEOS, SOUNDS), strict=False)
    if any(suffix not in kind for suffix, kind in kinds):
        raise InvalidData(f"its answer has files of other kinds: {', '.join(suffixes)}")


def _remote_result(data: dict[str, Any]) -> RemoteResult:
    error = data["error"]
    result = TaskResult(
        error=None if error is None else _task_error(error),
        video=None if data["video"] is None else _video_result(data["video"]),
        files={path_from_text(path): digest for path, digest in data["read"].items()},
        sources={path_from_text(path): digest for path, digest in data["sources"].items()},
        **{
            name: data[name]
            for name in (
                "frames", "seconds", "cpu_seconds", "peak_memory", "notes", "libraries", "causes",
            )
        },
        facts=[
            Fact(
                FactKind(fact["kind"]), path_from_text(fact["subject"]),
                tuple(map(path_from_text, fact["states"])),
            )
            for fact in data["facts"]
        ],
    )  # fmt: skip
    folder = path_from_text(data["folder"])
    files = tuple(
        RemoteFile(f"{folder}/{file['name']}", file["size"], file["sha256"])
        for file in data["sent"]
    )
    project, home = (path_from_text(data[name]) for name in ("project", "home"))
    return RemoteResult(result, folder, files, data["log"].encode(), project, home)


def _task_error(error: dict[str, Any]) -> TaskError:
    return TaskError(
        error["message"], error["line"], error["trace"], error["usage"], tuple(error["missing"]),
        error["unsplittable"],
    )  # fmt: skip


def _video_result(video: dict[str, Any]) -> VideoResult:
    segment = video["segment"]
    facts = None
    if segment is not None:
        boundaries = {row["frame"]: row["digest"] for row in segment["boundaries"]}
        facts = SegmentFacts(segment["frames"], segment["cuts"], boundaries)
    width, height = video["size"]
    return VideoResult(
        file=None,  # set once it has been fetched
        manifest=video["manifest"],
        subcaptions=[(row["start"], row["end"], row["text"]) for row in video["subcaptions"]],
        size=(width, height),
        rate=video["rate"],
        fallback_reason=video["fallback_reason"],
        stages=video["stages"],
        segment=facts,
    )


def local_name(file: RemoteFile, number: int) -> Path:
    """The name here for a file of an answer: the first is the video, the second its sound."""
    return Path(("video", "sound")[number]).with_suffix(PurePosixPath(file.path).suffix.lower())
