"""Records what this process reads and asks for, from which it is known whether a video is fresh."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import ModuleType

from deltarender import _native, facts
from deltarender.engine import patching
from deltarender.engine.import_reads import import_hooks
from deltarender.engine.library_folders import Folders, library_folders
from deltarender.engine.nondeterminism import Surroundings
from deltarender.engine.read_events import Event, FileEvents, is_named, normalized, source_event
from deltarender.engine.source_reads import knows_its_place, source_digests
from deltarender.engine.text_cache import TEXT_VARIABLES, installed_fonts
from deltarender.facts import ALWAYS, Fact, FactKind
from deltarender.jobs import SceneRef

TOO_MANY = "more files than could be counted"
# Imports of this process that came before a task; a source that was changed later is unstable.
_server_start = time.time_ns()


class ReadTracker:
    """Records from construction to `stop`; then `digests`, `facts` and `causes` are complete.

    `digests` maps the files of the project, and data from anywhere, to SHA-256 digests, `sources`
    those that were only imported to digests of what they do, if there is a `scene`. Not
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
        scene: SceneRef | None = None,
        preloaded: bool = False,
    ) -> None:
        self.digests: dict[str, str] = {}
        self.sources: dict[str, str] = {}
        self.facts: list[Fact] = []
        self.causes: list[str] = []
        self._start = time.time_ns()
        self._preloaded, self._scene = preloaded, scene
        self._cwd = os.getcwd()
        self._place = facts.place(str(scene.file)) if scene else ""
        self._declared: Sequence[str] | None = None
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

    def declare(self, names: Sequence[str] | None) -> None:
        """Take over what the scene itself says that it depends on, None if it says nothing.

        Names are files, folders, patterns, `$VARIABLE`, or ALWAYS.
        """
        self._declared = names

    def stop(self) -> None:
        """Stop recording and evaluate what was recorded."""
        _native.stop_reads()
        with contextlib.chdir(self._cwd):  # the scene may have gone elsewhere
            self._stop()

    def _stop(self) -> None:
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
        self.facts += [_declared_fact(name) for name in self._declared or ()]
        if self._declared is None:
            self.causes = self._surroundings.causes(events) + [TOO_MANY] * incomplete

    def _add_preloaded(self, files: FileEvents) -> None:
        """Count the project's modules that were imported before this process was forked."""
        libraries = tuple(os.path.join(folder, "") for folder in library_folders())
        for module in list(sys.modules.values()) if self._preloaded else []:
            file = vars(module).get("__file__") if isinstance(module, ModuleType) else None
            if not isinstance(file, str) or file.startswith(libraries):  # nearly all
                continue
            path = normalized(os.path.abspath(file))
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
        if self._scene:
            imported = [path for path in self.digests if path not in files.as_text]
            self.sources = source_digests(imported, self._scene)
        self.facts = files.to_facts(files.reads)

    def _world_facts(self, files: FileEvents, events: list[Event]) -> list[Fact]:
        variables = self._surroundings.variables
        result = [
            Fact(FactKind.VARIABLE, name, (facts.describe_variable(name, value),))
            for name, value in variables.items()
            if not (files.uses_fonts and name in TEXT_VARIABLES)
        ]
        result.append(Fact(FactKind.ENCODING, "text", (facts.encoding(),)))
        if files.uses_fonts:
            result.append(Fact(FactKind.FONTS, "installed", (installed_fonts(),)))
            for name in TEXT_VARIABLES:  # a cached text was laid out under them
                value = self._surroundings.at_start.get(name)
                state = facts.describe_variable(name, value)
                result.append(Fact(FactKind.VARIABLE, name, (state,)))
        if files.modules:
            result.append(Fact(FactKind.PYTHON_PATH, "PYTHONPATH", (facts.python_path(),)))
        if self._scene and knows_its_place(self.digests):
            file = os.path.abspath(self._scene.file)
            result.append(Fact(FactKind.PLACE, file, (self._place,)))
        if any(event.kind == _native.EVENT_TIMEZONE for event in events):
            result.append(Fact(FactKind.TIMEZONE, "local", (facts.timezone(),)))
        return result


def _declared_fact(name: str) -> Fact:
    if name == ALWAYS:
        return Fact(FactKind.ALWAYS, ALWAYS, ("never",))
    if name.startswith("$"):
        return Fact(FactKind.VARIABLE, name[1:], (facts.variable(name[1:]),))
    return Fact(FactKind.PATTERN, name, (facts.pattern(name),))


def warm_up() -> None:
    """Do in the process that workers are forked from what is the same for all of them."""
    _native.hear_reads()
    installed_fonts()
