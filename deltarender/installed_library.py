"""The state of an installed distribution: its version, and whether its files are those installed.

Standard library only.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import platform
from collections.abc import Iterable
from functools import cache

from deltarender.regular_files import open_regular

PYTHON = "python"  # stands for Python itself among distributions
CODE = (".py", ".so", ".pyd", ".dylib")
INSTALL_SECONDS = 2.0  # that a file may be newer than the list of files, which is written last


@cache
def installed_version(distribution: str) -> str:
    """The version of an installed distribution, "" if it is not installed."""
    if distribution == PYTHON:
        return platform.python_version()
    try:
        found = importlib.metadata.distribution(distribution)
    except importlib.metadata.PackageNotFoundError:
        return ""
    return header(found, "Version") or found.version


def header(found: importlib.metadata.Distribution, name: str) -> str:
    """A header of the metadata of a distribution, without parsing all of them; "" if absent."""
    start = f"{name}: "
    for line in (found.read_text("METADATA") or "").splitlines():
        if line.startswith(start):
            return line.removeprefix(start).strip()
        if not line:
            break
    return ""


def packages_distributions() -> dict[str, list[str]]:
    """Top-level module -> distributions, as `importlib.metadata` says, in a tenth of the time."""
    owners: dict[str, list[str]] = {}
    for found in importlib.metadata.distributions():
        name = header(found, "Name") or found.metadata["Name"]
        for module in _top_level(found):
            owners.setdefault(module, []).append(name)
    return owners


def _top_level(found: importlib.metadata.Distribution) -> Iterable[str]:
    """The modules and packages that a distribution has installed."""
    if declared := found.read_text("top_level.txt"):
        return declared.split()
    record = found.read_text("RECORD")
    if record is None:
        paths = [str(path) for path in found.files or ()]
    else:
        paths = [line.partition(",")[0].strip('"') for line in record.splitlines()]
    tops = (path.partition("/")[0] for path in paths if path.endswith(".py"))
    return dict.fromkeys(top.removesuffix(".py") for top in tops)


@cache
def installed_files(distribution: str) -> str:
    """A digest of the list of installed files, and of the code that was edited since; "" if none.

    Another build of the same version has another list, as it holds the digests of all files.
    """
    try:
        found = importlib.metadata.distribution(distribution)
    except importlib.metadata.PackageNotFoundError:
        return ""
    record = found.read_text("RECORD") or ""
    rows = [line.rsplit(",", 2) for line in record.splitlines()]
    root = str(found.locate_file(""))
    total = hashlib.sha256(record.encode())
    installed = _modified(_list_of_files(found, record))
    for name, _, size in (row for row in rows if len(row) == 3 and row[0].endswith(CODE)):
        path = os.path.join(root, name)
        try:
            now = os.stat(path)
        except OSError:
            total.update(f"{name} is gone\n".encode())
            continue
        if str(now.st_size) != size or now.st_mtime > installed + INSTALL_SECONDS:
            with open_regular(path) as file:
                total.update(name.encode() + hashlib.file_digest(file, "sha256").digest())
    return total.hexdigest()[:16] if record else ""


def installed_before(distribution: str, moment: float) -> bool:
    """Whether a distribution was installed before a time, in seconds since the epoch."""
    try:
        found = importlib.metadata.distribution(distribution)
    except importlib.metadata.PackageNotFoundError:
        return False
    return _modified(_list_of_files(found, found.read_text("RECORD") or "")) < moment


def _list_of_files(found: importlib.metadata.Distribution, record: str) -> str:
    """The path of the list of all files of a distribution, which is on it; "" if there is none."""
    rows = (line.partition(",")[0] for line in record.splitlines())
    own = next((name for name in rows if name.endswith(".dist-info/RECORD")), "")
    return str(found.locate_file(own)) if own else ""


def _modified(path: str) -> float:
    try:
        return os.stat(path).st_mtime
    except OSError:
        return 0.0
