"""Which sources of a scene count by what they do, and whether the scene may know its place."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from deltarender import source_digest
from deltarender.jobs import SceneRef
from deltarender.own_packages import own_packages


def source_digests(paths: Iterable[str], scene: SceneRef) -> dict[str, str]:
    """For sources that were only imported, digests by what they do: `class: digest`.

    Of the scene's file, only what the scene reaches counts, unless it was imported by another
    module too. Empty if any source may look at line numbers.
    """
    sources = {path: _read(path) for path in paths if path.endswith(".py")}
    if any(map(source_digest.mentions_lines, sources.values())):
        return {}
    own = os.path.abspath(scene.file)
    alone = sum(_file_of(module) == own for module in list(sys.modules.values())) < 2
    return {
        path: source_digest.describe(raw, scene.cls if path == own and alone else "")
        for path, raw in sources.items()
    }


def knows_its_place(digests: Mapping[str, str]) -> bool:
    """Whether a source of the project may ask where it is."""
    sources = (path for path in digests if path.endswith(".py"))
    found = [path for path in sources if source_digest.mentions_place(_read(path))]
    packages = tuple(map(str, own_packages())) if found else ()
    return any(not path.startswith(packages) for path in found)


def _file_of(module: object) -> str:
    file = getattr(module, "__file__", None)
    return os.path.abspath(file) if isinstance(file, str) else ""


def _read(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError:
        return b""
