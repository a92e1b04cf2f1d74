"""A task with the files it needs, for a machine that shares no disk with this one.

    bundle = pack(task)                        here: which files are sent, under which names
    task, project = unpack(bundle, folder)     there: the same task, with paths of that machine

A file is sent if the last render read it, if a file that is sent imports it, or if its name stands
in such a file or in a parameter. Files that this does not find, whose names are computed at run
time, are sent when the scene has failed to find them.
"""

from __future__ import annotations

import ast
import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from deltarender.errors import RenderError
from deltarender.jobs import Job
from deltarender.manifest import find_manifest
from deltarender.own_packages import own_packages
from deltarender.regular_files import path_from_text
from deltarender.results import Task

HOME = Path(__file__).resolve().parents[2]  # the folder that holds the package, here or there
MAX_BYTES = 256_000_000  # of files with one job
# Folders of a bundle: for files below the working directory, and for a scene from elsewhere with
# the files below its own folder.
PROJECT, BESIDE = "project", "beside"
ASSET_FOLDERS = ("", "assets")


@dataclass(frozen=True, slots=True)
class JobBundle:
    """A task, the name of its scene file in the bundle, and the contents of all files by name."""

    task: Task
    file: str
    files: dict[str, bytes] = field(repr=False)

    @property
    def key(self) -> str:
        """A digest of all files: bundles of one key share a folder on the worker."""
        total = hashlib.sha256()
        for name, raw in sorted(self.files.items()):
            total.update(name.encode() + b"\0" + hashlib.sha256(raw).digest())
        return total.hexdigest()[:24]


class PathMap:
    """Translates paths of this machine to names in a bundle, and back."""

    def __init__(self, scene: Path, cwd: Path | None = None) -> None:
        self.cwd = (cwd or Path.cwd()).resolve()
        self.scene = scene.resolve()
        self.roots = [(self.cwd, PROJECT)]
        if not self.scene.is_relative_to(self.cwd):
            self.roots.append((self.scene.parent, BESIDE))

    def name(self, path: Path) -> str | None:
        """The name of `path` in a bundle; None if it lies outside the project."""
        real = path.resolve()
        for root, folder in self.roots:
            if real.is_relative_to(root):
                return f"{folder}/{real.relative_to(root).as_posix()}"
        return None

    def here(self, name: str) -> Path:
        """The file of this machine that a name in a bundle stands for."""
        folder, _, rest = name.partition("/")
        return next(root for root, own in self.roots if own == folder) / rest


def pack(task: Task, missing: tuple[str, ...] = ()) -> JobBundle:
    """The bundle of a task; `missing` are names of files that a worker did not find.

    Raises RenderError for a project too large to be sent with every job.
    """
    job = task.job
    paths = PathMap(job.target.file)
    needed = dict.fromkeys(_needed(job, paths, missing))
    files = {name: path for path in needed if (name := paths.name(path)) is not None}
    size = sum(path.stat().st_size for path in files.values())
    if size > MAX_BYTES:
        raise RenderError(
            f"its files are {size >> 20} MB, more than is sent with a job.",
            where=str(job.target.file),
            hint="Put large data on every worker, under the same absolute path.",
        )
    scene = paths.name(job.target.file)
    assert scene is not None
    return JobBundle(task, scene, {name: path.read_bytes() for name, path in files.items()})


def unpack(bundle: JobBundle, folder: Path) -> tuple[Task, Path]:
    """The task as it is to be run below `folder`, and the project's folder there."""
    project = folder / "projects" / bundle.key
    if not project.exists():
        new = project.with_name(f"{bundle.key}.{os.getpid()}")
        for name, raw in bundle.files.items():
            path = new / PurePosixPath(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(raw)
        (new / PROJECT).mkdir(parents=True, exist_ok=True)
        try:
            new.rename(project)
        except OSError:  # another thread of this worker was faster
            if not project.exists():
                raise
    name, _, rest = bundle.file.partition("/")
    file = Path(rest) if name == PROJECT else project / name / rest
    job = bundle.task.job
    there = replace(job, target=replace(job.target, file=file), media_dir=folder / "media")
    return replace(bundle.task, job=there), project


def _needed(job: Job, paths: PathMap, missing: tuple[str, ...]) -> Iterator[Path]:
    """All files known to be needed, the scene's file first."""
    waiting = [job.target.file.resolve(), *_read_by_last_render(job), *_named(missing, paths)]
    waiting += [paths.cwd / "manim.cfg"]
    waiting += _named([value for _, value in job.params], paths)
    seen: set[Path] = set()
    packages = own_packages()  # workers have these installed
    while waiting:
        path = waiting.pop(0)
        if path in seen or any(map(path.is_relative_to, packages)) or not path.is_file():
            continue
        if paths.name(path) is None:
            continue
        seen.add(path)
        yield path
        if path.suffix == ".py":
            waiting += _mentioned(path, paths)


def _read_by_last_render(job: Job) -> list[Path]:
    manifest = find_manifest(job.manifest)
    files = {} if manifest is None else manifest["fingerprint"]["files"]
    return [Path(os.path.realpath(path_from_text(name))) for name in files if "\0" not in name]


def _mentioned(path: Path, paths: PathMap) -> list[Path]:
    """Project files that a Python file imports or names in a string."""
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError):
        return []  # the error is reported where the scene is run
    modules, texts = [], []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            modules += _imported(node, path, paths)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            texts.append(node.value)
    folders = (paths.cwd, paths.scene.parent)
    found = [file for module in modules for root in folders for file in _module(module, root)]
    return found + _named(texts, paths, path.parent)


def _imported(node: ast.ImportFrom, path: Path, paths: PathMap) -> list[str]:
    base = node.module or ""
    if node.level:
        folder = path.parent
        for _ in range(node.level - 1):
            folder = folder.parent
        for root in (paths.cwd, paths.scene.parent):
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


def _named(texts: list[str] | tuple[str, ...], paths: PathMap, *more: Path) -> list[Path]:
    """The files that exist under names found in `texts`."""
    found = []
    for text in texts:
        if not text or len(text) > 250 or "\n" in text or "\0" in text:
            continue
        for folder in dict.fromkeys((paths.cwd, paths.scene.parent, *more)):
            for assets in ASSET_FOLDERS:
                path = folder / assets / text
                if path.is_file():
                    found.append(path.resolve())
    return found
