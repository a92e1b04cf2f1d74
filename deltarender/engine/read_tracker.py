"""Records what this process reads and asks for, from which it is known whether a video is fresh."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from deltarender import _native, facts
from deltarender.engine import patching
from deltarender.engine.import_reads import import_hooks
from deltarender.engine.library_folders import Folders
from deltarender.engine.read_events import Event, FileEvents, is_named, normalized, source_event
from deltarender.engine.surroundings import Surroundings
from deltarender.facts import Fact, FactKind

TOO_MANY = "more files than could be counted"
# Imports of this process that came before a task; a source that was changed later is unstable.
_server_start = time.time_ns()


class ReadTracker:
    """Records from construction to `stop`; then `digests`, `facts` and `causes` are complete.

    `digests` maps the files of the project, and data from anywhere, to SHA-256 digests. Not
    counted: Python and installed packages, which have versions; files below `excluded`; files that
    this process has made itself. `variables` are environment variables that the renderer sets.
    With `recompile`, no bytecode of the project is used. With `preloaded`, sources count that were
    imported before.
    """

    def __init__(
        self,
        excluded: Iterable[Path],
        project: Iterable[Path] = (),
        variables: Iterable[str] = (),
        recompile: bool = False,
        preloaded: bool = False,
    ) -> None:
        self.digests: dict[str, str] = {}
        self.sources: set[str] = set()  # the digested files that were only imported
        self.facts: list[Fact] = []
        self.causes: list[str] = []
        self._start = time.time_ns()
        self._preloaded = preloaded
        self._folders = Folders((Path.cwd(), *project), excluded)
        self._surroundings = Surroundings(self._folders, frozenset(variables))
        self._patches = (
            *import_hooks(self._folders, recompile), *self._surroundings.patches(),
        )  # fmt: skip
        patching.apply(self._patches)
        if not _native.hear_reads():
            _native.hear_python()
        _native.start_reads(self._surroundings.is_of_scene)

    def note(self, path: str) -> None:
        """Count `path` as read."""
        _native.note_event(_native.EVENT_READ, str(path))

    def stop(self) -> None:
        """Stop recording and evaluate what was recorded."""
        _native.stop_reads()
        patching.revert(self._patches)
        rows, incomplete = _native.read_events()
        events = [Event(*row) for row in rows]
        files = FileEvents(self._folders)
        for event in events:
            if not is_named(event):
                files.add(event)
            elif event.kind == _native.EVENT_VARIABLE:
                self._surroundings.note_variable_in_c(os.fsdecode(event.path))
        self._add_preloaded(files)
        self._evaluate(files)
        self.facts += self._world_facts(files, events)
        self.causes = self._surroundings.causes(events) + [TOO_MANY] * incomplete

    def _add_preloaded(self, files: FileEvents) -> None:
        """Count the project's modules that were imported before this process was forked."""
        for module in list(sys.modules.values()) if self._preloaded else []:
            file = getattr(module, "__file__", None)
            path = normalized(os.path.abspath(file)) if isinstance(file, str) else ""
            if path in files.reads or not os.path.isfile(path):
                continue
            event = source_event(path)
            files.add(event)
            if path in files.reads and event.changed > _server_start:
                files.unstable.add(path)

    def _evaluate(self, files: FileEvents) -> None:
        for path, event in files.reads.items():
            digest = files.digest(path, event, self._start)
            if digest is not None:
                self.digests[path] = digest
        self.sources = {path for path in self.digests if path not in files.as_text}
        self.facts = files.to_facts(files.reads)

    def _world_facts(self, files: FileEvents, events: list[Event]) -> list[Fact]:
        variables = self._surroundings.variables
        result = [
            Fact(FactKind.VARIABLE, name, (facts.describe_variable(name, value),))
            for name, value in variables.items()
        ]
        result.append(Fact(FactKind.ENCODING, "text", (facts.encoding(),)))
        if files.uses_fonts:
            result.append(Fact(FactKind.FONTS, "installed", (installed_fonts(),)))
        if files.modules:
            result.append(Fact(FactKind.PYTHON_PATH, "PYTHONPATH", (facts.python_path(),)))
        if any(event.kind == _native.EVENT_TIMEZONE for event in events):
            result.append(Fact(FactKind.TIMEZONE, "local", (facts.timezone(),)))
        return result


@cache
def installed_fonts() -> str:
    """The state of the installed fonts when this was first called, or in the fork server."""
    return facts.fonts()


def warm_up() -> None:
    """Do in the process that workers are forked from what is the same for all of them."""
    _native.hear_reads()
    installed_fonts()
