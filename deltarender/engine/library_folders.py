"""Which paths belong to the project, and which to Python, libraries or the system."""

from __future__ import annotations

import os
import site
import sys
import sysconfig
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import numpy

from deltarender import facts

# Devices, and what programs of the system use: a package manager changes it, with versions.
SYSTEM_FOLDERS = (
    "/proc", "/sys", "/dev", "/run", "/lib", "/lib32", "/lib64", "/bin", "/sbin", "/usr/lib",
    "/usr/lib32", "/usr/lib64", "/usr/libexec", "/usr/bin", "/usr/sbin", "/usr/share/locale",
    "/usr/share/zoneinfo", "/usr/share/mime", "/etc/ld.so.cache", "/etc/localtime",
    "/usr/local/cuda", "/System", "/usr/share/texmf", "/usr/share/texlive",
)  # fmt: skip
FONT_SETTINGS = ("/etc/fonts", "/usr/share/fontconfig", "/var/cache/fontconfig")


class Folders:
    """Classifies paths by the longest folder known that they lie in."""

    def __init__(self, project: Iterable[Path | str], excluded: Iterable[Path | str]) -> None:
        self._kinds = {"/": "project"}
        for folder in (*SYSTEM_FOLDERS, *library_folders()):
            self._add(folder, "library")
        for folder in (*FONT_SETTINGS, *facts.font_folders(), *_font_caches()):
            self._add(folder, "fonts")
        project = list(project)
        self._roots = {os.path.realpath(own) for own in project}
        self._roots |= {os.path.abspath(own) for own in project}
        for own in project:
            self._kinds.setdefault(os.path.realpath(own), "project")
            self._kinds.setdefault(os.path.abspath(own), "project")
        for unwanted in excluded:
            self._add(unwanted, "excluded")
        self._known: dict[str, str] = {}

    def _add(self, folder: Path | str, kind: str) -> None:
        for path in (os.path.abspath(folder), os.path.realpath(folder)):
            self._kinds[path] = kind

    def kind(self, path: str) -> str:
        """`project`, `library`, `fonts` or `excluded`, for an absolute path."""
        found = self._kinds.get(path)
        if found is None and not path.startswith("/"):
            return "library"  # code without a file
        if found is None:
            parent = os.path.dirname(path)
            found = self._known.get(parent)
            if found is None:
                found = self._known[parent] = "project" if parent == path else self.kind(parent)
        return found

    def is_project(self, path: str) -> bool:
        """Whether a path belongs to the project, or is data from anywhere."""
        return self.kind(path) == "project"

    def is_below_project(self, path: str) -> bool:
        """Whether a path lies in a folder of the project, as data from elsewhere does not."""
        return any(path.startswith(os.path.join(root, "")) for root in self._roots)

    def is_ancestor(self, path: str) -> bool:
        """Whether a path is a project folder or above one, which exist as long as the project."""
        prefix = os.path.join(path, "")
        return any(known == path or known.startswith(prefix) for known in self._kinds)


@cache
def library_folders() -> tuple[str, ...]:
    """Where Python and installed packages are, the renderer's own among them."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    paths = [path for name, path in sysconfig.get_paths().items() if name not in ("data",)]
    paths += [os.path.join(prefix, "lib", version) for prefix in (sys.prefix, sys.base_prefix)]
    paths += [*site.getsitepackages(), site.getusersitepackages()]
    # numpy stands for all packages: they are not always where Python expects them.
    paths += [os.path.dirname(os.path.dirname(numpy.__file__)), str(Path(facts.__file__).parent)]
    paths += [os.path.join(prefix, "pyvenv.cfg") for prefix in (sys.prefix,)]
    return tuple(dict.fromkeys(os.path.abspath(path) for path in paths))


def _font_caches() -> tuple[str, ...]:
    home = os.path.expanduser("~")
    return tuple(
        os.path.join(home, *name)
        for name in ((".cache", "fontconfig"), (".config", "fontconfig"), (".fontconfig",))
    )
