"""Whether a video is fresh: the cache key in its manifest against files and versions of now.

The cache key is derived, not listed: the digests of all files that the scene's process has read, of
all source of the renderer that takes part in drawing and encoding, and the versions of all
distributions that the process had loaded. Standard library only, so that freshness is known without
importing Manim.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import sys
import sysconfig
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from deltarender import facts, native_build, source_digest
from deltarender.facts import Fact, FactKind
from deltarender.installed_library import (
    PYTHON,
    installed_before,
    installed_files,
    installed_version,
)
from deltarender.jobs import Job
from deltarender.json_checks import InvalidData
from deltarender.manifest import Manifest, find_manifest, read_manifest
from deltarender.own_packages import own_packages, package_owners
from deltarender.regular_files import path_from_text, path_to_text

# The folders of this package whose every file can change a picture or its encoding; the C sources
# are added by their build digest.
DRAWING_FOLDERS = ("engine", "encoding")
FORMAT = 4
_start = time.time()


class FileHasher:
    """SHA-256 digests of files and states of facts, each computed once."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}
        self._states: dict[tuple[FactKind, str], str] = {}

    def state(self, kind: FactKind, subject: str) -> str:
        """The current state of a fact."""
        key = (kind, subject)
        if key not in self._states:
            self._states[key] = facts.current_state(kind, subject)
        return self._states[key]

    def of(self, path: str | Path) -> str:
        """The digest of a file, "" if it cannot be read."""
        key = str(path)
        if key not in self._known:
            digest = facts.content(key)
            self._known[key] = "" if digest == facts.ABSENT else digest
        return self._known[key]


def cache_key(
    job: Job,
    files: Mapping[str, str],
    libraries: Mapping[str, str],
    known_facts: Iterable[Fact] = (),
    sources: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """All that the video of `job` depends on, as JSON-ready data.

    `files` maps paths that the scene's process has read to digests, `libraries` the distributions
    it had loaded to versions; `known_facts` are what else it has asked for,
    `sources` describes files that were only imported.
    """
    hasher = FileHasher()
    return {
        "format": FORMAT,
        "source": source(job),
        "params": dict(job.params),
        "profile": _settings_of(job),
        "files": {_short(path): digest for path, digest in sorted(files.items())},
        "sources": {_short(path): text for path, text in sorted((sources or {}).items())},
        "facts": facts.as_json([*known_facts, *_library_facts(libraries)], _short),
        "settings": {_short(path): hasher.of(path) for path in _config_files()},
        "engine": engine_digest(),
        "versions": dict(sorted(libraries.items())),
    }


def stale_reasons(job: Job, hasher: FileHasher) -> list[str]:
    """Why `job` has to be rendered, in words; empty if its video is fresh."""
    try:
        manifest = read_manifest(job.manifest)
    except FileNotFoundError:
        return ["not rendered yet"]
    except InvalidData as error:
        return [f"its manifest is damaged: {error}"]
    key = manifest["fingerprint"]
    if key["format"] != FORMAT:
        return ["rendered by another version of the renderer"]
    return [
        *_changed_facts(job, key),
        *_changed_versions(key["versions"]),
        *_changed_files(job, key, hasher),
        *facts.changes(key.get("facts", {}), hasher.state),
        *_changed_config(key["settings"], hasher),
        *_changed_outputs(job, manifest, hasher),
    ]


def _library_facts(libraries: Iterable[str]) -> Iterable[Fact]:
    """The files of libraries, which may change without a new version."""
    for name in libraries:
        if state := installed_files(name):
            states = (state,) if installed_before(name, _start) else (facts.UNSTABLE,)
            yield Fact(FactKind.LIBRARY, name, states)


def may_depend_on(job: Job) -> list[str]:
    """What the video of `job` may depend on beyond what can be noticed, in words."""
    manifest = find_manifest(job.manifest)
    return list(manifest.get("may_depend_on", [])) if manifest else []


def _changed_facts(job: Job, key: dict[str, Any]) -> Iterable[str]:
    if key.get("source") != source(job) and not _is_renamed(job, key):
        yield f"another scene was there: {key.get('source')}"
    if key.get("params") != dict(job.params):
        yield "its parameters changed"
    if key.get("profile") != _settings_of(job):
        yield "its settings or encoding changed"
    if key.get("engine") != engine_digest():
        yield "the renderer changed"


def _changed_versions(old: Mapping[str, str]) -> Iterable[str]:
    for name, before in old.items():
        now = installed_version(name)
        if now != before:
            yield f"{name} {before} -> {now or 'absent'}"


def _changed_files(job: Job, key: dict[str, Any], hasher: FileHasher) -> Iterable[str]:
    sources = key.get("sources", {})
    for name, digest in key["files"].items():
        path = path_from_text(name)
        if f"{name}:{job.target.cls}" == key["source"]:
            path = str(job.target.file)  # it may have another name now
        now = hasher.of(path)
        if now != digest and not (now and name in sources and _does_the_same(path, sources[name])):
            unstable = " while it was rendered" if digest == facts.UNSTABLE else ""
            yield f"{name} {'changed' + unstable if now else 'is gone'}"


def _does_the_same(path: str, description: str) -> bool:
    """Whether a source that was changed does what it did."""
    try:
        return not source_digest.has_changed(description, Path(path).read_bytes())
    except OSError:
        return False


def _changed_config(old: Mapping[str, str], hasher: FileHasher) -> Iterable[str]:
    for path in _config_files():
        if old.get(_short(path), "") != hasher.of(path):
            yield f"{_short(path)} changed"


def _changed_outputs(job: Job, manifest: Manifest, hasher: FileHasher) -> Iterable[str]:
    outputs = manifest["outputs"]
    if Path(manifest["video"]).stem != job.stem:
        yield f"its manifest is that of {manifest['video']}"
    for name in dict.fromkeys([manifest["video"], *(p.name for p in job.caption_files), *outputs]):
        now = hasher.of(job.folder / name)
        if now != outputs.get(name):
            yield f"{name} {'was changed' if now else 'is missing'}"


def _is_renamed(job: Job, key: dict[str, Any]) -> bool:
    """Whether the scene was rendered from a file of another name, beside it, that is as this one.

    Not where the scene may ask for the name of its file.
    """
    name, _, cls = key["source"].rpartition(":")
    file, digest = str(job.target.file), key["files"].get(name)
    description = key.get("sources", {}).get(name, "")
    return (
        cls == job.target.cls
        and os.path.dirname(name) == os.path.dirname(_short(str(job.target.file)))
        and FactKind.PLACE.value not in key.get("facts", {})
        and (digest == FileHasher().of(file) or _does_the_same(file, description))
    )


def source(job: Job) -> str:
    """File and class of a job's scene, as text."""
    return f"{_short(str(job.target.file))}:{job.target.cls}"


def _settings_of(job: Job) -> dict[str, Any]:
    """The render settings as JSON would give them back."""
    settings: dict[str, Any] = json.loads(json.dumps(asdict(job.profile)))
    return settings


def _config_files() -> tuple[str, ...]:
    """Files that configure Manim, whether or not they exist."""
    return (str(Path("manim.cfg").absolute()), str(Path("~/.config/manim/manim.cfg").expanduser()))


@cache
def engine_digest() -> str:
    """One digest of the renderer's own source: all Python of DRAWING_FOLDERS, and all C."""
    root = Path(__file__).parent
    total = hashlib.sha256(native_build.source_digest().encode())
    for path in sorted(path for name in DRAWING_FOLDERS for path in (root / name).rglob("*.py")):
        total.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return total.hexdigest()


def loaded_libraries() -> dict[str, str]:
    """The installed distributions of which this process has loaded a module, with versions.

    Distributions that lie in the project itself (editable installs) are followed file by file
    instead, and are left out here.
    """
    owners = package_owners()
    top_levels = {name.partition(".")[0] for name in list(sys.modules)}
    names = {name for top in top_levels for name in owners.get(top, ()) if not is_editable(name)}
    names.add(PYTHON)
    return {name: version for name in names if (version := installed_version(name))}


def unowned_modules() -> dict[str, str]:
    """The files of loaded modules that lie among installed packages but belong to none.

    They have no version, so they are followed one by one: path -> digest.
    """
    owners = package_owners()
    folders = tuple(os.path.join(path, "") for path in sysconfig.get_paths().values())
    found = {}
    for name, module in list(sys.modules.items()):
        file = str(getattr(module, "__file__", "")) if isinstance(module, ModuleType) else ""
        _, below, rest = file.partition(f"{os.sep}site-packages{os.sep}")
        tops = {name.partition(".")[0], rest.partition(os.sep)[0].partition(".")[0]}
        if (
            below
            and file.startswith(folders)
            and not tops & owners.keys()
            and not rest.startswith("__editable__")
        ):
            found[file] = FileHasher().of(file)
    return found


@cache
def is_editable(distribution: str) -> bool:
    """Whether a distribution is imported from a project's folder, where its files may change."""
    return any(map(_in_project, importlib.metadata.distributions(name=distribution)))


def _in_project(distribution: importlib.metadata.Distribution) -> bool:
    if distribution.read_text("METADATA") is None:  # an .egg-info beside the source
        return True
    text = distribution.read_text("direct_url.json")
    try:
        return bool(json.loads(text or "{}").get("dir_info", {}).get("editable"))
    except (ValueError, AttributeError):
        return False


def warm_up() -> None:
    """Compute what all workers need alike, in the process that they are forked from."""
    loaded_libraries()
    engine_digest()
    own_packages()


def _short(path: str) -> str:
    """A path below the working directory relative to it, so that a moved project stays fresh."""
    absolute, here = os.path.abspath(path), os.path.realpath(os.getcwd())
    inside = absolute.startswith(here + os.sep)
    return path_to_text(os.path.relpath(absolute, here) if inside else absolute)
