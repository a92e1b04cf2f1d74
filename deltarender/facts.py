"""What a picture depends on besides the content of files: facts that are looked up again later.

A `Fact` is a question about this machine ("what is in this folder?") with the answers under which
the picture stays as it is. Standard library only, so that freshness is known without Manim.
"""

from __future__ import annotations

import glob
import hashlib
import locale
import os
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from importlib.machinery import all_suffixes
from pathlib import Path

from deltarender.installed_library import installed_files
from deltarender.regular_files import open_regular, path_from_text, path_to_text

ABSENT = "absent"
ALWAYS = "always"  # in depends_on: the scene is rendered by every run
UNSTABLE = "changed while it was rendered"  # a state that nothing has
# Names that come and go in a folder without a change of what it holds.
IGNORED_NAMES = frozenset({".", "..", "__pycache__"})
ROOT = str(Path(__file__).resolve().parents[1])
FONT_SUFFIXES = (".ttf", ".otf", ".ttc", ".otc", ".pfb", ".pcf", ".pcf.gz", ".woff", ".woff2")


class FactKind(Enum):
    """The questions; the value is the name of its section in a manifest."""

    STATUS = "paths"
    CONTENT = "contents"
    LINK = "links"
    LISTING = "folders"
    MODULE = "modules"
    VARIABLE = "variables"
    PYTHON_PATH = "python_path"
    FONTS = "fonts"
    TIMEZONE = "timezone"
    ENCODING = "encoding"
    PLACE = "place"
    PATTERN = "patterns"
    LIBRARY = "libraries"
    ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class Fact:
    """A question about `subject` and its answers, of which any one leaves the picture as it is."""

    kind: FactKind
    subject: str
    states: tuple[str, ...]


def as_json(facts: Iterable[Fact], short: Callable[[str], str]) -> dict[str, dict[str, list[str]]]:
    """Facts by kind and subject; `short` abbreviates paths."""
    result: dict[str, dict[str, list[str]]] = {}
    for fact in sorted(facts, key=lambda fact: (fact.kind.value, fact.subject)):
        subject = short(fact.subject) if fact.kind in _OF_PATHS else path_to_text(fact.subject)
        result.setdefault(fact.kind.value, {})[subject] = [path_to_text(s) for s in fact.states]
    return result


def merge(groups: Iterable[Iterable[Fact]]) -> list[Fact]:
    """The facts of several processes; where two saw different states, none is right."""
    merged: dict[tuple[FactKind, str], Fact] = {}
    for fact in (fact for group in groups for fact in group):
        key = (fact.kind, fact.subject)
        before = merged.get(key, fact)
        common = tuple(state for state in before.states if state in fact.states)
        merged[key] = Fact(*key, common or (UNSTABLE,))
    return list(merged.values())


def merge_files(groups: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """The digests of several processes; a file that they saw differently was changed meanwhile."""
    merged: dict[str, str] = {}
    for path, digest in (item for group in groups for item in group.items()):
        merged[path] = digest if merged.get(path, digest) == digest else UNSTABLE
    return merged


def changes(
    sections: Mapping[str, Mapping[str, list[str]]], state: Callable[[FactKind, str], str]
) -> Iterator[str]:
    """What is different now, in words, from facts as `as_json` gives them.

    `state` is `current_state`, or a function that remembers its results.
    """
    for kind in FactKind:
        for subject, states in sections.get(kind.value, {}).items():
            now = path_to_text(state(kind, path_from_text(subject)))
            if UNSTABLE in states:
                yield f"{subject} {UNSTABLE}"
            elif now not in states:
                yield _describe(kind, subject, states, now)


def current_state(kind: FactKind, subject: str) -> str:
    """The answer to a question, as of now."""
    return _QUESTIONS[kind](subject)


def status(path: str) -> str:
    """Whether a path is absent, a folder, or a file of which size."""
    try:
        return describe_status(os.stat(path))
    except (OSError, ValueError):
        return ABSENT


def describe_status(found: os.stat_result) -> str:
    """The state of a path that exists."""
    return describe_mode(found.st_mode, found.st_size)


def describe_mode(mode: int, size: int) -> str:
    """The state of a path with these bits of its mode, and this size in bytes."""
    if stat.S_ISDIR(mode):
        return "folder"
    return f"file of {size} bytes" if stat.S_ISREG(mode) else "special"


def link(path: str) -> str:
    """Where a symbolic link points; for anything else its status."""
    try:
        return f"-> {os.readlink(path)}"
    except (OSError, ValueError):
        return status(path)


def content(path: str) -> str:
    """The SHA-256 digest of a file; ABSENT if it cannot be read."""
    try:
        with open_regular(path) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (OSError, ValueError):
        return ABSENT


def listing(path: str) -> str:
    """A digest of the names in a folder; ABSENT if there is none."""
    try:
        return names_digest(os.listdir(path))
    except (OSError, ValueError):
        return ABSENT


def names_digest(names: Iterable[str]) -> str:
    """A digest of a folder's names, in any order."""
    text = "\0".join(sorted(set(names) - IGNORED_NAMES))
    return hashlib.sha256(os.fsencode(text)).hexdigest()[:16]


def module(path: str) -> str:
    """What Python would import from a folder for a name; `path` is the folder with the name."""
    folder, name = os.path.split(path)
    if os.path.isdir(path):
        found = [f"{name}/__init__{s}" for s in all_suffixes() if _is_file(path, f"__init__{s}")]
    else:
        found = []
    found += [f"{name}{suffix}" for suffix in all_suffixes() if _is_file(folder, name + suffix)]
    if not found and os.path.isdir(path):
        return f"{name}/"
    return found[0] if found else ABSENT


def _is_file(folder: str, name: str) -> bool:
    return os.path.isfile(os.path.join(folder, name))


def variable(name: str) -> str:
    """A digest of an environment variable."""
    return describe_variable(name, os.environ.get(name))


def describe_variable(name: str, value: str | None) -> str:
    """A short digest of a value, which may be a secret while manifests are passed on."""
    if value is None:
        return ABSENT
    return hashlib.sha256(os.fsencode(f"{name}={value}")).hexdigest()[:8]


def python_path(_: str = "") -> str:
    """A digest of the folders in PYTHONPATH that exist, without the renderer's own."""
    entries = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    real = (os.path.realpath(entry) for entry in entries if entry and os.path.exists(entry))
    folders = [entry for entry in dict.fromkeys(real) if entry != ROOT]
    return describe_variable("PYTHONPATH", os.pathsep.join(folders) or None)


def fonts(_: str = "") -> str:
    """A digest of the installed fonts: their names, sizes and dates."""
    total = hashlib.sha256()
    for folder in font_folders():
        for parent, folders, names in os.walk(folder, followlinks=True):
            folders.sort()
            for name in sorted(n for n in names if n.lower().endswith(FONT_SUFFIXES)):
                found = os.stat(os.path.join(parent, name))
                total.update(f"{name}\0{found.st_size}\0{found.st_mtime_ns}\n".encode())
    return total.hexdigest()[:16]


def font_folders() -> tuple[str, ...]:
    """The folders in which systems keep their fonts."""
    home = os.path.expanduser("~")
    data = os.environ.get("XDG_DATA_HOME") or os.path.join(home, ".local", "share")
    return (
        "/usr/share/fonts", "/usr/local/share/fonts", "/usr/share/X11/fonts",
        os.path.join(data, "fonts"), os.path.join(home, ".fonts"),
        "/System/Library/Fonts", "/Library/Fonts", os.path.join(home, "Library", "Fonts"),
    )  # fmt: skip


def timezone(_: str = "") -> str:
    """The time zone: the variable TZ, or else the zone of the system."""
    return f"TZ={os.environ['TZ']}" if "TZ" in os.environ else content("/etc/localtime")[:16]


def encoding(_: str = "") -> str:
    """The encoding in which text files are read unless told otherwise."""
    return locale.getencoding().lower()


def place(subject: str) -> str:
    """The absolute path of a file, and the working directory."""
    return f"{os.path.abspath(subject)} in {os.getcwd()}"


def pattern(text: str) -> str:
    """A digest of all files that a pattern names, or that are in a folder, with their contents."""
    total = hashlib.sha256()
    if os.path.isdir(text):
        text = os.path.join(glob.escape(text), "**")
    for name in sorted(glob.glob(text, recursive=True, include_hidden=True)):
        total.update(os.fsencode(name) + b"\0" + link(name).encode() + content(name).encode())
    return total.hexdigest()[:16]


_OF_PATHS = frozenset(
    {
        FactKind.STATUS,
        FactKind.CONTENT,
        FactKind.LINK,
        FactKind.LISTING,
        FactKind.MODULE,
        FactKind.PLACE,
    }
)
_QUESTIONS: Mapping[FactKind, Callable[[str], str]] = {
    FactKind.STATUS: status, FactKind.CONTENT: content, FactKind.LINK: link,
    FactKind.LISTING: listing, FactKind.MODULE: module, FactKind.VARIABLE: variable,
    FactKind.PYTHON_PATH: python_path, FactKind.FONTS: fonts, FactKind.TIMEZONE: timezone,
    FactKind.ENCODING: encoding, FactKind.PLACE: place, FactKind.PATTERN: pattern,
    FactKind.ALWAYS: lambda _: "", FactKind.LIBRARY: installed_files,
}  # fmt: skip
_CHANGED: Mapping[FactKind, str] = {
    FactKind.LISTING: "holds other files", FactKind.LINK: "points elsewhere",
    FactKind.MODULE: "is imported from elsewhere", 
    FactKind.LIBRARY: "was installed anew or edited", FactKind.PATTERN: "names other files",
}  # fmt: skip
_CHANGED_WORLD: Mapping[FactKind, str] = {
    FactKind.PYTHON_PATH: "PYTHONPATH changed", FactKind.FONTS: "the installed fonts changed",
    FactKind.TIMEZONE: "the time zone changed", FactKind.ENCODING: "the locale's encoding changed",
    FactKind.ALWAYS: "its depends_on says always",
}  # fmt: skip


def _describe(kind: FactKind, subject: str, states: list[str], now: str) -> str:
    if kind in _CHANGED_WORLD:
        return _CHANGED_WORLD[kind]
    if kind is FactKind.VARIABLE:
        return f"the environment variable {subject} changed"
    if kind is FactKind.PLACE:
        return "it was rendered in another place, which it may look at"
    if now == ABSENT:
        return f"{subject} is gone"
    return f"{subject} {'has appeared' if states == [ABSENT] else _CHANGED.get(kind, 'changed')}"
