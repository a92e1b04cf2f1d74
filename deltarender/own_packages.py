"""The packages of the distribution that this one belongs to, and the sources of a distribution."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from deltarender.installed_library import packages_distributions

PACKAGE = __name__.partition(".")[0]


@cache
def package_owners() -> Mapping[str, list[str]]:
    """Top-level module -> distributions. Slow, so workers inherit it from their server."""
    return packages_distributions()


@cache
def own_packages() -> tuple[Path, ...]:
    """The folders of all packages installed together with this one, this one's first."""
    owners = package_owners()
    distributions = set(owners.get(PACKAGE, ()))
    beside = [name for name, dists in owners.items() if distributions & set(dists)]
    folders = [_folder(name) for name in dict.fromkeys([PACKAGE, *beside])]
    return tuple(folder.resolve() for folder in folders if folder is not None)


@cache
def own_code() -> tuple[Path, ...]:
    """The folders of `own_packages`, and those outside of them that are linked into them."""
    folders = own_packages()
    linked = [
        entry.resolve() for folder in folders for entry in folder.iterdir() if entry.is_symlink()
    ]
    return (*folders, *linked)


def sources(distribution: str) -> list[Path]:
    """All Python files of the packages of a distribution, symbolic links followed."""
    owners = package_owners()
    modules = [name for name, dists in owners.items() if distribution in dists]
    folders = [folder for name in modules if (folder := _folder(name)) is not None]
    return sorted(
        Path(parent, name)
        for folder in folders
        for parent, _, names in os.walk(folder, followlinks=True)
        for name in names
        if name.endswith(".py")
    )


def _folder(package: str) -> Path | None:
    """The folder of a package; None for a module that is a single file, or not there."""
    spec = importlib.util.find_spec(package)
    locations = list(spec.submodule_search_locations or ()) if spec is not None else []
    return Path(locations[0]) if locations else None
