"""What a worker sends back is checked, and recorded as it is on this machine."""

from __future__ import annotations

import hashlib
from dataclasses import fields
from pathlib import Path

import pytest

from deltarender.distributed.answers import (
    RemoteFile,
    RemoteResult,
    decode_answer,
    encode_answer,
)
from deltarender.distributed.result_transfer import TransferError, fetch, names_to_pack
from deltarender.facts import Fact, FactKind
from deltarender.installed_library import installed_version
from deltarender.jobs import Job
from deltarender.results import (
    SegmentFacts,
    Task,
    TaskError,
    TaskKind,
    TaskResult,
    VideoResult,
)


def remote(result: TaskResult, *files: RemoteFile) -> RemoteResult:
    return RemoteResult(result, "/w/tasks/1", files, b"", "/w/projects/1", "/w/home")


@pytest.fixture
def job(job_of) -> Job:
    return job_of("class Main(Scene): pass\n")


def task_of(job: Job, tmp_path: Path) -> Task:
    return Task(TaskKind.RENDER, job, tmp_path / "task")


def not_read(*_: object) -> bytes:
    raise AssertionError("no file was announced")


def test_versions_are_recorded_as_installed_here(job: Job, tmp_path: Path) -> None:
    numpy = installed_version("numpy")
    libraries = {"numpy": numpy, "pillow": "0.1", "no-such-library": "2"}
    result = fetch(remote(TaskResult(libraries=libraries)), task_of(job, tmp_path), not_read)
    assert result.libraries == {"numpy": numpy, "pillow": installed_version("pillow")}
    assert result.notes == [
        f"rendered with pillow 0.1; here it is {installed_version('pillow')}",
        "rendered with no-such-library 2; here it is absent",
    ]


def test_a_file_that_differs_here_is_an_error(job: Job, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data.txt").write_text("here")
    there = hashlib.sha256(b"there").hexdigest()
    answer = TaskResult(files={"/w/projects/1/project/data.txt": there})
    result = fetch(remote(answer), task_of(job, tmp_path), not_read)
    assert result.error is not None
    assert f"{tmp_path / 'data.txt'}: the scene read this on the worker" in result.error.message


@pytest.mark.parametrize(
    ("sent", "arrives", "reason"),
    [(b"abc", b"ab", "2 of 3 bytes"), (b"abc", b"abd", "checksum"), (b"abc", b"abc", "opened")],
)
def test_a_damaged_video_is_not_accepted(
    job: Job, tmp_path: Path, sent: bytes, arrives: bytes, reason: str
) -> None:
    video = VideoResult(Path("/w/tasks/1/video.mp4"), {}, [], (320, 180), 10.0)
    file = RemoteFile("/w/tasks/1/video.mp4", len(sent), hashlib.sha256(sent).hexdigest())
    with pytest.raises(TransferError, match=reason):
        fetch(remote(TaskResult(video=video), file), task_of(job, tmp_path), lambda *_: arrives)


def test_an_error_has_the_paths_of_this_machine(job: Job, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = "/w/projects/1/project/data.txt"
    error = TaskError(f"FileNotFoundError: {path}", missing=(path, "other.txt"))
    result = fetch(remote(TaskResult(error)), task_of(job, tmp_path), not_read)
    assert result.error is not None
    assert str(tmp_path) in result.error.message
    assert "/w/projects" not in result.error.message
    # Both as the scene named it, and as it is called in the project.
    assert names_to_pack(error, remote(TaskResult(error))) == (path, "other.txt", "data.txt")


def test_every_field_of_a_result_comes_back(job: Job, tmp_path: Path) -> None:
    video = VideoResult(
        Path("/w/t/video.mp4"), {"scene": "Main", "inputs": {}, "beats": []}, [(0.0, 1.0, "a")],
        (320, 180), 10.0, "why", Path("/w/t/sound.wav"), {"draw": 0.5},
        SegmentFacts(3, [1], {0: "d"}),
    )  # fmt: skip
    result = TaskResult(
        None, 3, 1.0, 2.0, 4, video, None, ["a note"], {"/a\udce9": "digest"}, {"numpy": "2"},
        {"/b.py": "{...}" * 1000}, [Fact(FactKind.LISTING, "/c", ("x", "y"))], ["time"],
    )  # fmt: skip
    files = tuple(RemoteFile(f"/w/t/{name}", 3, "0" * 64) for name in ("video.mp4", "sound.wav"))
    sent = RemoteResult(result, "/w/t", files, b"log", "/w/p", "/w/h")
    received = decode_answer(encode_answer(sent), task_of(job, tmp_path))
    video.file = video.sound = None  # set when they have been fetched
    assert received == sent
    names = {field.name for field in fields(TaskResult)} - {"error", "dry_run", "worker"}
    unset = [name for name in names if not getattr(result, name)]
    assert not unset, "a new field has to be sent as well"
