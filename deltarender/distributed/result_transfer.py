"""Fetch the result of a task from a worker, in chunks; it counts only when it is complete."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path, PurePosixPath

import av

from deltarender import facts
from deltarender.atomic_files import as_render_error, write_log
from deltarender.cache_key import FileHasher, is_editable
from deltarender.distributed.answers import RemoteFile, RemoteResult, local_name
from deltarender.distributed.job_bundle import HOME, PathMap
from deltarender.errors import RenderError
from deltarender.facts import Fact, FactKind
from deltarender.installed_library import installed_version
from deltarender.own_packages import own_packages, sources
from deltarender.results import Task, TaskError, TaskResult, VideoResult

CHUNK_BYTES = 4_000_000  # that pass through the scheduler at once
SPARE_BYTES = 100_000_000  # of the disk here, which stay free

# path, offset, size, folder that is finished with; all on the worker
Read = Callable[[str, int, int, str], bytes]


class TransferError(Exception):
    """A file that did not arrive as it was sent."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def fetch(remote: RemoteResult, task: Task, read: Read) -> TaskResult:
    """Fetch the files of `remote` into the task's folder; the result as if it were computed here.

    Raises TransferError for a file that does not arrive complete.
    """
    result = remote.result
    _keep_log(remote, task)
    paths = PathMap(task.job.target.file)
    if result.error is not None:
        result.error = _with_local_paths(result.error, remote, paths)
        return result
    try:
        if remote.files:
            _fetch_all(remote, task, read)
        result.files = _local_files(result.files, remote, paths)
        result.sources = {
            _local_path(path, remote, paths): text for path, text in result.sources.items()
        }
        _use_local_facts(result, remote, paths)
        _follow_editable(result)
        _use_local_versions(result)
    except OSError as error:
        # Only this machine's disk raises OSError here.
        result.error = TaskError(str(as_render_error(error, task.folder)))
    except RenderError as error:
        result.error = TaskError(str(error))
    return result


def _fetch_all(remote: RemoteResult, task: Task, read: Read) -> None:
    task.folder.mkdir(parents=True, exist_ok=True)
    total = sum(file.size for file in remote.files)
    if total + SPARE_BYTES > shutil.disk_usage(task.folder).free:
        raise TransferError(f"{total >> 20} MB are more than there is space for here")
    last = remote.files[-1]
    video, *sound = (
        _fetch_one(
            file,
            task.folder / local_name(file, number),
            read,
            remote.folder if file is last else "",
        )
        for number, file in enumerate(remote.files)
    )
    result = remote.result.rendered_video
    result.file, result.sound = video, sound[0] if sound else None
    _probe(video, result, remote.result.frames)


def _fetch_one(file: RemoteFile, place: Path, read: Read, finished_folder: str) -> Path:
    """Fetch a file to `place`, piece by piece; a piece of another length ends it at once."""
    total = hashlib.sha256()
    with open(place, "wb") as out:
        for offset in range(0, file.size, CHUNK_BYTES):
            length = min(CHUNK_BYTES, file.size - offset)
            is_last = offset + length == file.size
            chunk = read(file.path, offset, length, finished_folder if is_last else "")
            if len(chunk) != length:
                arrived = offset + len(chunk)
                raise TransferError(f"{arrived} of {file.size} bytes arrived")
            total.update(chunk)
            out.write(chunk)
    if total.hexdigest() != file.sha256:
        raise TransferError("its checksum is wrong")
    return place


def _probe(path: Path, expected: VideoResult, frames: int) -> None:
    """Check that the video opens and has the expected size and number of frames."""
    try:
        with av.open(str(path)) as source:
            video = source.streams.video[0]
            size = (video.codec_context.width, video.codec_context.height)
            if size != tuple(expected.size):
                raise TransferError(f"it is {size[0]}x{size[1]} pixels large")
            if video.frames and path.suffix == ".mp4" and video.frames != frames:
                raise TransferError(f"it has {video.frames} frames instead of {frames}")
    except (av.FFmpegError, IndexError) as error:
        raise TransferError(f"it cannot be opened ({error})") from None


def _keep_log(remote: RemoteResult, task: Task) -> None:
    with suppress(OSError):
        write_log(task.log, remote.log)


def names_to_pack(error: TaskError | None, remote: RemoteResult) -> tuple[str, ...]:
    """The names of files and modules that a scene did not find, as they may be found here."""
    if error is None:
        return ()
    root = remote.project + os.sep
    # A path below the worker's project folder begins with the name of a folder of the bundle.
    inside = (
        name.removeprefix(root).partition(os.sep)[2]
        for name in error.missing
        if name.startswith(root)
    )
    return tuple(name for name in (*error.missing, *inside) if not _is_hidden(name))


def _is_hidden(name: str) -> bool:
    """Whether a file is hidden, as keys and settings are: a worker is never sent one it names."""
    return any(part.startswith(".") for part in PurePosixPath(name).parts)


def _local_path(path: str, remote: RemoteResult, paths: PathMap) -> str:
    """The path here that a path of the worker stands for; other paths unchanged."""
    if path.startswith(remote.project + os.sep):
        with suppress(StopIteration):  # no folder of the bundle
            return str(paths.here(path[len(remote.project) + 1 :]))
    if path.startswith(remote.home + os.sep):
        return str(HOME / path[len(remote.home) + 1 :])
    return path


def _local_files(files: dict[str, str], remote: RemoteResult, paths: PathMap) -> dict[str, str]:
    """The files a scene has read, by their paths here.

    Raises RenderError for one that differs here: the video would never count as fresh.
    """
    hasher = FileHasher()
    result = {}
    for path, digest in files.items():
        here = _local_path(path, remote, paths)
        if hasher.of(here) != digest:
            raise RenderError(
                "the scene read this on the worker, and here it is not the same.",
                where=here,
                hint="Put it into the project, below the working directory.",
            )
        result[here] = digest
    return result


def _use_local_facts(result: TaskResult, remote: RemoteResult, paths: PathMap) -> None:
    """Record what the scene asked for as it is here, so that the video counts as fresh here.

    What is not here as it was on the worker becomes a cause for which the picture may depend on
    more. Fonts were compared before the task was sent.
    """
    found = []
    for fact in result.facts:
        subject = _local_path(fact.subject, remote, paths)
        if fact.kind is FactKind.PATTERN and not _is_below_project(subject, paths):
            # Looking through all of a disk would take hours.
            result.causes.append(f"what lies outside the project: {subject}")
            continue
        state = facts.current_state(fact.kind, subject)
        if fact.kind in (FactKind.FONTS, FactKind.PYTHON_PATH, FactKind.PLACE):
            found.append(Fact(fact.kind, subject, (state,)))
        elif state in fact.states:
            found.append(Fact(fact.kind, subject, fact.states))
        else:
            result.causes.append(f"what is not the same on the worker: {subject}")
    result.facts = found


def _is_below_project(pattern: str, paths: PathMap) -> bool:
    return ".." not in Path(pattern).parts and (
        not os.path.isabs(pattern) or Path(pattern).is_relative_to(paths.cwd)
    )


def _follow_editable(result: TaskResult) -> None:
    """Follow libraries of the worker that are edited here by their files instead of a version."""
    hasher = FileHasher()
    for name in list(result.libraries):
        if installed_version(name) and is_editable(name):
            del result.libraries[name]
            own = own_packages()[0]  # followed by a digest of its own
            files = (path for path in sources(name) if not path.is_relative_to(own))
            result.files |= {str(path): hasher.of(path) for path in files}


def _use_local_versions(result: TaskResult) -> None:
    """Record the versions that are installed here, so that the video counts as fresh here.

    Libraries that must not differ were compared before the task was sent (`Scope`). A difference in
    any other is only noted for the user.
    """
    for name, there in list(result.libraries.items()):
        here = installed_version(name)
        if here != there:
            result.notes.append(f"rendered with {name} {there}; here it is {here or 'absent'}")
            if here:
                result.libraries[name] = here
            else:
                del result.libraries[name]


def _with_local_paths(error: TaskError, remote: RemoteResult, paths: PathMap) -> TaskError:
    """An error with the paths of this machine in its texts."""

    def translated(text: str) -> str:
        for name in ("project", "beside"):
            with suppress(StopIteration):
                text = text.replace(f"{remote.project}/{name}", str(paths.here(f"{name}/.")))
        return text

    return TaskError(
        translated(error.message), translated(error.line), translated(error.trace),
        error.usage, error.missing, error.unsplittable,
    )  # fmt: skip
