"""A job with the files it needs, for a machine that shares no disk with this one.

    parcel = pack(task)         here: which files travel, under which names
    task, way = unpack(parcel, folder)   there: the same task, with places of that machine

A file travels if the last render read it, if a file that travels imports it, or if its name stands
in such a file or in a parameter. What is missed by this (a name put together at run time) is
asked for by the worker when the scene does not find it.
"""

from __future__ import annotations

import ast
import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from deltarender.errors import RenderError
from deltarender.jobs import Job
from deltarender.results import Task

HOME = Path(__file__).resolve().parents[2]  # the folder that holds the package, here or there
PACKAGE = HOME / "gradreel"
MOST = 256_000_000  # bytes of files with one job
PROJECT, BESIDE = "project", "beside"  # folders there: for files below the working directory; for
# a scene from elsewhere and what lies below its own folder
ASSETS = ("", "assets")


@dataclass(frozen=True, slots=True)
class JobBundle:
    """A task, its file as a place there, and the files that go with it by such places."""

    task: Task
    file: str
    files: dict[str, bytes] = field(repr=False)

    @property
    def key(self) -> str:
        """A digest of all files: parcels of one key share a folder there."""
        total = hashlib.sha256()
        for place, raw in sorted(self.files.items()):
            total.update(place.encode() + b"\0" + hashlib.sha256(raw).digest())
        return total.hexdigest()[:24]


class PathMap:
    """Where files of this machine lie on another: `there` and back by `here`."""

    def __init__(self, scene: Path, cwd: Path | None = None) -> None:
        self.cwd = (cwd or Path.cwd()).resolve()
        self.scene = scene.resolve()
        self.roots = [(self.cwd, PROJECT)]
        if not self.scene.is_relative_to(self.cwd):
            self.roots.append((self.scene.parent, BESIDE))

    def there(self, path: Path) -> str | None:
        """The place of `path` in a parcel; None if it lies outside the project."""
        real = path.resolve()
        for root, name in self.roots:
            if real.is_relative_to(root):
                return f"{name}/{real.relative_to(root).as_posix()}"
        return None

    def here(self, place: str) -> Path:
        """The file of this machine that a place stands for."""
        name, _, rest = place.partition("/")
        return next(root for root, own in self.roots if own == name) / rest


def pack(task: Task, more: tuple[str, ...] = ()) -> JobBundle:
    """The parcel of a task; `more` are names that a worker has asked for.

    Raises RenderError for a project too large to travel with every job.
    """
    job = task.job
    places = PathMap(job.target.file)
    found = dict.fromkeys(_needed(job, places, more))
    files = {place: path for path in found if (place := places.there(path)) is not None}
    size = sum(path.stat().st_size for path in files.values())
    if size > MOST:
        raise RenderError(
            f"its files are {size >> 20} MB, more than travel with a job.",
            where=str(job.target.file),
            hint="Put large data on every worker, under the same absolute path.",
        )
    own = places.there(job.target.file)
    assert own is not None
    return JobBundle(task, own, {place: path.read_bytes() for place, path in files.items()})


def unpack(parcel: JobBundle, folder: Path) -> tuple[Task, Path]:
    """The task as it is to be run below `folder`, and the project's folder there."""
    project = folder / "projects" / parcel.key
    if not project.exists():
        made = project.with_name(f"{parcel.key}.{os.getpid()}")
        for place, raw in parcel.files.items():
            path = made / PurePosixPath(place)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(raw)
        (made / PROJECT).mkdir(parents=True, exist_ok=True)
        try:
            made.rename(project)
        except OSError:  # another thread of this worker was quicker
            if not project.exists():
                raise
    name, _, rest = parcel.file.partition("/")
    file = Path(rest) if name == PROJECT else project / name / rest
    job = parcel.task.job
    there = replace(job, target=replace(job.target, file=file), media_dir=folder / "media")
    return replace(parcel.task, job=there), project


def _needed(job: Job, places: PathMap, more: tuple[str, ...]) -> Iterator[Path]:
    """All files known to be needed, the scene's own first."""
    waiting = [job.target.file.resolve(), *_read_last_time(job), *_named(more, places)]
    waiting += [places.cwd / "manim.cfg"]
    waiting += _named([value for _, value in job.params], places)
    seen: set[Path] = set()
    while waiting:
        path = waiting.pop(0)
        if path in seen or path.is_relative_to(PACKAGE) or not path.is_file():
            continue
        if places.there(path) is None:
            continue
        seen.add(path)
        yield path
        if path.suffix == ".py":
            waiting += _mentioned(path, places)


def _read_last_time(job: Job) -> list[Path]:
    try:
        files = json.loads(job.manifest.read_text())["fingerprint"]["files"]
        return [Path(path).resolve() for path in files]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def _mentioned(path: Path, places: PathMap) -> list[Path]:
    """Project files that a Python file imports or names in a text."""
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError):
        return []  # the scene's own error will be told where it is run
    modules, texts = [], []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            modules += _imported(node, path, places)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            texts.append(node.value)
    folders = (places.cwd, places.scene.parent)
    found = [file for module in modules for root in folders for file in _module(module, root)]
    return found + _named(texts, places, path.parent)


def _imported(node: ast.ImportFrom, path: Path, places: PathMap) -> list[str]:
    base = node.module or ""
    if node.level:
        folder = path.parent
        for _ in range(node.level - 1):
            folder = folder.parent
        for root in (places.cwd, places.scene.parent):
            if folder.is_relative_to(root):
                parts = [*folder.relative_to(root).parts, *filter(None, [base])]
                base = ".".join(parts)
                break
    return [base, *(f"{base}.{alias.name}".lstrip(".") for alias in node.names)]


def _module(name: str, root: Path) -> Iterator[Path]:
    """The files of a module and of the packages it lies in, below `root`."""
    folder = root
    for part in filter(None, name.split(".")):
        for path in (folder / part / "__init__.py", folder / f"{part}.py"):
            if path.is_file():
                yield path.resolve()
        folder = folder / part


def _named(texts: list[str] | tuple[str, ...], places: PathMap, *more: Path) -> list[Path]:
    """The files that exist under names which stand in texts."""
    found = []
    for text in texts:
        if not text or len(text) > 250 or "\n" in text or "\0" in text:
            continue
        for folder in dict.fromkeys((places.cwd, places.scene.parent, *more)):
            for assets in ASSETS:
                path = folder / assets / text
                if path.is_file():
                    found.append(path.resolve())
    return found
