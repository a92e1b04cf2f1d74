"""Results come from a worker in pieces and count only when they are whole."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import av

from deltarender.atomic_files import as_render_error, write_log
from deltarender.cache_key import FileHasher
from deltarender.distributed.dask_worker import Made
from deltarender.distributed.job_bundle import HOME, PACKAGE, PathMap
from deltarender.errors import RenderError
from deltarender.results import Task, TaskError, TaskResult

PIECE = 4_000_000  # bytes: what passes through the scheduler at once

Read = Callable[[str, int, int, str], bytes]  # path, offset, size, folder done with; all there


@dataclass(slots=True)
class TransferError(Exception):
    """A file that did not arrive as it was sent."""

    why: str


def fetch(made: Made, task: Task, read: Read) -> TaskResult:
    """Bring the files of `made` into the task's folder; the outcome as if it came from here.

    Raises Broken for what does not arrive whole.
    """
    outcome = made.outcome
    _keep_log(made, task)
    places = PathMap(task.job.target.file)
    if outcome.fault is not None:
        outcome.fault = _told_here(outcome.fault, made, places)
        return outcome
    try:
        if made.files:
            _fetch_all(made, task, read)
        outcome.files = _files_here(outcome.files, made, places)
    except OSError as error:
        # Only this machine's disk speaks through an OSError here.
        outcome.fault = TaskError(str(as_render_error(error, task.folder)))
    except RenderError as error:
        outcome.fault = TaskError(str(error))
    return outcome


def _fetch_all(made: Made, task: Task, read: Read) -> None:
    task.folder.mkdir(parents=True, exist_ok=True)
    last = made.files[-1]
    data = made.outcome.data
    data["file"], *data["more_files"] = (
        str(_fetch_one(file, task.folder, read, made.folder if file is last else ""))
        for file in made.files
    )
    _probe(Path(data["file"]), made.outcome)


def _fetch_one(file: tuple[str, int, str], folder: Path, read: Read, done_with: str) -> Path:
    source, size, digest = file
    place = folder / Path(source).name
    total = hashlib.sha256()
    with open(place, "wb") as out:
        for offset in range(0, size, PIECE):
            length = min(PIECE, size - offset)
            part = read(source, offset, length, done_with if offset + length == size else "")
            total.update(part)
            out.write(part)
    if place.stat().st_size != size:
        raise TransferError(f"{place.stat().st_size} of {size} bytes arrived")
    if total.hexdigest() != digest:
        raise TransferError("its checksum is wrong")
    return place


def _probe(film: Path, outcome: TaskResult) -> None:
    """Look into the file: it opens, and holds as many frames of the size as it should."""
    try:
        with av.open(str(film)) as source:
            video = source.streams.video[0]
            size = [video.codec_context.width, video.codec_context.height]
            if size != list(outcome.data.get("size", size)):
                raise TransferError(f"it is {size[0]}x{size[1]} pixels large")
            if video.frames and film.suffix == ".mp4" and video.frames != outcome.frames:
                raise TransferError(f"it has {video.frames} frames instead of {outcome.frames}")
    except (av.FFmpegError, IndexError) as error:
        raise TransferError(f"it cannot be opened ({error})") from None


def _keep_log(made: Made, task: Task) -> None:
    with suppress(OSError):
        write_log(task.log, made.log)


def asked_for(fault: TaskError, made: Made) -> tuple[str, ...]:
    """The names of files and modules that a scene did not find."""
    text = fault.message
    if not re.match(r"(FileNotFoundError|OSError|ModuleNotFoundError|ImportError)\b", text):
        return ()
    names = re.findall(r"'([^']+)'|\"([^\"]+)\"|could not find (\S+) at", text)
    found = [next(filter(None, name)) for name in names]
    root = made.project + os.sep
    # A path of the worker's own: below the project's folder it is "project/..." or "beside/...".
    inside = [n.removeprefix(root).partition(os.sep)[2] for n in found if n.startswith(root)]
    modules = [n.replace(".", "/") + ".py" for n in found if "Module" in text[:20]]
    packages = [n.replace(".", "/") + "/__init__.py" for n in found if "Module" in text[:20]]
    return (*found, *inside, *modules, *packages)


def _here(path: str, made: Made, places: PathMap) -> str:
    """A path of the worker as the one it stands for here; other paths as they are."""
    if path.startswith(made.project + os.sep):
        return str(places.here(path[len(made.project) + 1 :]))
    if path.startswith(made.home + os.sep):
        return str(HOME / path[len(made.home) + 1 :])
    return path


def _files_here(files: dict[str, str], made: Made, places: PathMap) -> dict[str, str]:
    """The files a scene has read, as files of this machine.

    Raises RenderError for one that is something else here: the film would never count as fresh.
    """
    digests = FileHasher()
    result = {}
    for path, digest in files.items():
        here = _here(path, made, places)
        if digests.of(here) != digest:
            raise RenderError(
                "the scene read this on the worker, and here it is not the same.",
                where=here,
                hint="Put it into the project, below the working directory.",
            )
        result[here] = digest
    if made.installed:
        # There the package counts as a library, and only here as files that can change.
        drawing = [p for p in PACKAGE.rglob("*.py") if "rendering" not in p.parts]
        result |= {str(path): digests.of(path) for path in drawing}
    return result


def _told_here(fault: TaskError, made: Made, places: PathMap) -> TaskError:
    """A fault with the places of this machine in its texts."""

    def translated(text: str) -> str:
        for name in ("project", "beside"):
            with suppress(StopIteration):
                text = text.replace(f"{made.project}/{name}", str(places.here(f"{name}/.")))
        return text

    return TaskError(
        translated(fault.message), translated(fault.line), translated(fault.trace), fault.usage
    )
