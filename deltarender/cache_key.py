"""Whether a film is still what its scene would give: told from files alone, in no time.

A finished render leaves in its manifest the digest of every file the scene read, of this renderer,
and the versions of the libraries. Standard library only.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from deltarender import native_build
from deltarender.jobs import Job

LIBRARIES = ("manim", "torch", "numpy", "typst", "av", "pycairo", "manimpango", "pillow")
# The parts of the renderer that can change a picture or its file.
ENGINE = ("engine", "encoding")  # folders whose every file can change a picture or its encoding
FORMAT = 1


class FileHasher:
    """Digests of files, each computed once."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def of(self, path: str | Path) -> str:
        """The SHA-256 of a file, "" if there is none."""
        key = str(path)
        if key not in self._known:
            try:
                with open(key, "rb") as file:
                    self._known[key] = hashlib.file_digest(file, "sha256").hexdigest()
            except OSError:
                self._known[key] = ""
        return self._known[key]


def cache_key(job: Job, files: dict[str, str]) -> dict[str, Any]:
    """Everything that the film of `job` depends on; `files` maps paths read to digests."""
    settings = {_short(path): FileHasher().of(path) for path in _settings()}
    return {
        "format": FORMAT,
        "source": source(job),
        "params": dict(job.params),
        "profile": _profile(job),
        "files": {_short(path): digest for path, digest in sorted(files.items())},
        "settings": settings,
        "engine": engine(),
        "versions": versions(),
    }


def stale_reasons(job: Job, digests: FileHasher) -> list[str]:
    """Why `job` has to be rendered, in words; empty if its film is fresh."""
    try:
        manifest = json.loads(job.manifest.read_text())
        print_, outputs = manifest["fingerprint"], manifest["outputs"]
    except FileNotFoundError:
        return ["not rendered yet"]
    except (OSError, ValueError, KeyError, TypeError):
        return ["its manifest cannot be read"]
    if print_.get("format") != FORMAT:
        return ["rendered by another version of gradreel"]
    return [
        *_changed_facts(job, print_),
        *_changed_files(print_.get("files", {}), digests),
        *_changed_settings(print_.get("settings", {}), digests),
        *_changed_outputs(job, outputs, digests),
    ]


def _changed_facts(job: Job, old: dict[str, Any]) -> Iterable[str]:
    if old.get("source") != source(job):
        yield f"another scene was there: {old.get('source')}"
    if old.get("params") != dict(job.params):
        yield "its parameters changed"
    if old.get("profile") != _profile(job):
        yield "its profile or encoding changed"
    if old.get("engine") != engine():
        yield "the renderer changed"
    now, before = versions(), old.get("versions", {})
    for name in sorted(now.keys() | before.keys()):
        if now.get(name) != before.get(name):
            yield f"{name} {before.get(name, 'absent')} -> {now.get(name, 'absent')}"


def _changed_files(old: dict[str, str], digests: FileHasher) -> Iterable[str]:
    for path, digest in old.items():
        now = digests.of(path)
        if now != digest:
            yield f"{path} {'changed' if now else 'is gone'}"


def _changed_settings(old: dict[str, str], digests: FileHasher) -> Iterable[str]:
    for path in _settings():
        if old.get(_short(path), "") != digests.of(path):
            yield f"{_short(path)} changed"


def _changed_outputs(job: Job, outputs: dict[str, str], digests: FileHasher) -> Iterable[str]:
    for name, digest in outputs.items():
        now = digests.of(job.folder / name)
        if now != digest:
            yield f"{name} {'was changed' if now else 'is missing'}"


def source(job: Job) -> str:
    """File and class of a job's scene, as text."""
    return f"{_short(str(job.target.file))}:{job.target.cls}"


def _profile(job: Job) -> dict[str, Any]:
    profile = job.profile
    return {name: getattr(profile, name) for name in profile.__slots__}


def _settings() -> tuple[str, ...]:
    """Files that set Manim up, whether or not they exist."""
    return (str(Path("manim.cfg").absolute()), str(Path("~/.config/manim/manim.cfg").expanduser()))


@cache
def engine() -> str:
    """One digest of the renderer's own source: all of ENGINE and the C sources."""
    here = Path(__file__).parent
    total = hashlib.sha256(native_build.source_digest().encode())
    for path in sorted(path for folder in ENGINE for path in (here / folder).rglob("*.py")):
        total.update(path.relative_to(here).as_posix().encode() + b"\0" + path.read_bytes())
    return total.hexdigest()


@cache
def versions() -> dict[str, str]:
    """The versions of the libraries that pictures depend on."""
    found = {}
    for name in LIBRARIES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def _short(path: str) -> str:
    """A path below the working directory without it, so that a moved project stays fresh."""
    real, here = os.path.realpath(path), os.path.realpath(os.getcwd())
    return os.path.relpath(real, here) if real.startswith(here + os.sep) else real
