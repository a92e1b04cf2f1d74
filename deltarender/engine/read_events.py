"""What the events of a process say about files: which it has read, looked for, listed, changed."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from deltarender import _native, facts
from deltarender.engine.library_folders import Folders
from deltarender.facts import ABSENT, UNSTABLE, Fact, FactKind

_READS = (_native.EVENT_READ, _native.EVENT_SOURCE, _native.EVENT_LOADED)
CACHED_TEXT = (".svg", ".json", ".npz", ".pickle")
_NAMED = (_native.EVENT_VARIABLE, _native.EVENT_PROGRAM, _native.EVENT_NETWORK)


Signature = tuple[int, int, int, int, int]


class Event(NamedTuple):
    """An event of the C extension; times in nanoseconds, `path` and `data` as bytes."""

    kind: int
    exists: bool
    mode: int
    device: int
    inode: int
    size: int
    modified: int
    changed: int
    path: bytes
    data: bytes

    @property
    def signature(self) -> Signature:
        """Equal for two events only if the file has not been written to in between."""
        return (self.device, self.inode, self.size, self.modified, self.changed)


def signature_of(found: os.stat_result) -> Signature:
    """The same for a file that was looked at from Python."""
    return (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def source_event(path: str) -> Event:
    """The event of a Python source that is loaded now."""
    found = os.stat(path)
    kind = _native.EVENT_SOURCE
    return Event(kind, True, found.st_mode, *signature_of(found), os.fsencode(path), b"")


@dataclass(slots=True)
class FileEvents:
    """The first event of each kind for each path of the project; `own` is what was made here."""

    folders: Folders
    reads: dict[str, Event] = field(default_factory=dict)
    as_text: set[str] = field(default_factory=set)  # read other than by importing
    modules: set[str] = field(default_factory=set)
    status: dict[str, str] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    listings: dict[str, list[str]] = field(default_factory=dict)
    overwritten: dict[str, int] = field(default_factory=dict)  # checksums of what was read
    appended: set[str] = field(default_factory=set)
    unstable: set[str] = field(default_factory=set)
    own: set[str] = field(default_factory=set)
    removed: set[str] = field(default_factory=set)
    uses_fonts: bool = False

    def add(self, event: Event) -> None:
        """Take the next event into account."""
        path = normalized(os.fsdecode(event.path))
        if event.kind == _native.EVENT_MODULE:
            self.modules.add(path)
            return
        kind = self.folders.kind(path)
        self.uses_fonts |= kind == "fonts" or (kind == "excluded" and _is_cached_text(event, path))
        if kind != "project":
            return
        if event.kind in _READS:
            self._add_read(path, event)
        elif event.kind in (_native.EVENT_WRITE, _native.EVENT_UPDATE, _native.EVENT_APPEND):
            self._add_write(path, event)
        elif event.kind == _native.EVENT_REMOVE:
            self.removed.add(path)
        elif not self._is_own(path):
            self._add_look(path, event)

    def _is_own(self, path: str) -> bool:
        """Whether a path was made here, or lies in a folder that was."""
        while path not in self.own:
            parent = os.path.dirname(path)
            if parent == path:
                return False
            path = parent
        return True

    def _add_read(self, path: str, event: Event) -> None:
        if self._is_own(path):
            return
        if not event.exists:
            self.status.setdefault(path, ABSENT)
            return
        if not stat.S_ISREG(event.mode):
            return
        self.reads.setdefault(path, event)
        if event.kind == _native.EVENT_READ:
            self.as_text.add(path)
            if path in self.appended:
                self.unstable.add(path)

    def _add_write(self, path: str, event: Event) -> None:
        if self._is_own(path):
            return
        if event.kind == _native.EVENT_APPEND:
            self.appended.add(path)
        elif event.kind == _native.EVENT_UPDATE:
            self.reads.setdefault(path, event)
            self.as_text.add(path)
            self.overwritten.setdefault(path, int.from_bytes(event.data, "little"))
        elif path in self.reads:
            self.overwritten.setdefault(path, int.from_bytes(event.data, "little"))
        else:
            self.own.add(path)

    def _add_look(self, path: str, event: Event) -> None:
        if event.kind == _native.EVENT_LISTING:
            names = [os.fsdecode(name) for name in event.data.split(b"\0")[:-1]]
            self.listings.setdefault(path, names)
        elif event.kind == _native.EVENT_LINK and event.exists:
            self.links.setdefault(path, facts.link(path))
        else:
            state = facts.describe_mode(event.mode, event.size) if event.exists else ABSENT
            self.status.setdefault(path, state)

    def digest(self, path: str, event: Event, start: int) -> str | None:
        """The digest of a file as it was read; None if it does not count.

        A file that was made after `start`, a time in nanoseconds, and is gone or lies in the
        temporary folder, was made by the scene or its programs.
        """
        if path in self.unstable:
            return UNSTABLE
        try:
            now = signature_of(os.stat(path))
        except OSError:
            is_own = path in self.removed or event.changed > start
            return None if is_own else UNSTABLE
        is_temporary = path.startswith(tempfile.gettempdir() + os.sep)
        if event.changed > start and is_temporary and not self.folders.is_below_project(path):
            return None
        if now != event.signature and _native.checksum(path) != self.overwritten.get(path, -1):
            return UNSTABLE
        return facts.content(path)

    def to_facts(self, known: Iterable[str]) -> list[Fact]:
        """What was looked for or listed; the `known` files count with their contents."""
        known = set(known)
        result = [Fact(FactKind.LINK, path, (target,)) for path, target in self.links.items()]
        for path, state in self.status.items():
            if path not in known and not self.folders.is_ancestor(path):
                result.append(self._status_fact(path, state))
        result += [Fact(FactKind.MODULE, path, (facts.module(path),)) for path in self.modules]
        result += [self._listing_fact(path, names) for path, names in self.listings.items()]
        return result

    def _status_fact(self, path: str, state: str) -> Fact:
        if path in self.own and state == ABSENT and os.path.isfile(path):
            # Made by the scene, which does without it: its absence is as good as what it made.
            return Fact(FactKind.CONTENT, path, (ABSENT, facts.content(path)))
        states = (state, facts.status(path)) if path in self.own else (state,)
        return Fact(FactKind.STATUS, path, tuple(dict.fromkeys(states)))

    def _listing_fact(self, path: str, names: list[str]) -> Fact:
        states = [facts.names_digest(names)]
        own = {os.path.basename(p) for p in self.own | self.removed if os.path.dirname(p) == path}
        try:
            now = os.listdir(path)
        except OSError:
            now = []
        if set(now) ^ (set(names) - facts.IGNORED_NAMES) <= own | facts.IGNORED_NAMES:
            states.append(facts.names_digest(now))
        return Fact(FactKind.LISTING, path, tuple(dict.fromkeys(states)))


def _is_cached_text(event: Event, path: str) -> bool:
    """Whether laid-out text was taken from the cache, for which fonts count all the same."""
    return event.kind == _native.EVENT_READ and event.exists and path.endswith(CACHED_TEXT)


def is_named(event: Event) -> bool:
    """Whether an event has a name, of a variable or program, instead of a path."""
    return event.kind in _NAMED or event.kind >= _native.EVENT_CLOCK


def normalized(path: str) -> str:
    """An absolute path without superfluous parts; links are kept, except before `..`."""
    if "/../" in path or path.endswith("/.."):
        head, _, tail = path.rpartition("/..")
        path = os.path.realpath(head + "/..") + tail
    return os.path.normpath(path)
