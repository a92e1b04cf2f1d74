"""What a worker sends back is checked, and recorded as it is on this machine."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from deltarender.distributed.dask_worker import RemoteFile, RemoteResult
from deltarender.distributed.result_transfer import TransferError, fetch, names_to_pack
from deltarender.installed_library import installed_version
from deltarender.jobs import Job
from deltarender.results import Task, TaskError, TaskKind, TaskResult, VideoResult


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
