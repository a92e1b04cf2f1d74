"""Hooks in Python's import system: which sources were loaded, and where modules were looked for.

The import system lists folders and looks for files in many places. What counts is which module it
finds for a name, and the source of that module. Bytecode is not used where its source came to its
place after the bytecode was written: Python compares times in seconds, and `rsync -a` or `cp -p`
keep them.
"""

from __future__ import annotations

import ctypes
import importlib.machinery
import importlib.metadata
import importlib.util
import os
import sys
from typing import Any

from deltarender import _native
from deltarender.engine.library_folders import Folders
from deltarender.engine.patching import Patch
from deltarender.engine.read_events import normalized

_TEST = "tests/deltarender/engine/test_import_reads.py::"
_FINDER: Any = importlib.machinery.PathFinder
_SOURCE: Any = importlib.machinery.SourceFileLoader
_SEARCH: Any = vars(importlib.metadata)["FastPath"]
_EXTENSION: Any = importlib.machinery.ExtensionFileLoader


def import_hooks(folders: Folders, recompile: bool) -> tuple[Patch, ...]:
    """The hooks, as a table; with `recompile`, no bytecode of the project is used."""
    find_spec = _finder(vars(_FINDER)["find_spec"].__func__, folders)
    hears = "what a library opens is heard once it is loaded"
    test = _TEST + "test_files_that_a_library_opens_are_heard"
    return (
        Patch(
            _FINDER, "find_spec", classmethod(find_spec),
            "which module is found counts, not how it is searched",
            _TEST + "test_a_module_that_would_be_found_first_counts",
        ),
        Patch(
            _SOURCE.__mro__[2], "get_code",
            _code_getter(vars(_SOURCE.__mro__[2])["get_code"], folders, recompile),
            "bytecode may be older than its source",
            _TEST + "test_outdated_bytecode_of_the_same_second_and_size_is_not_used",
        ),
        Patch(
            _EXTENSION, "create_module", _then_hear(vars(_EXTENSION)["create_module"]), hears, test,
        ),
        Patch(
            _SEARCH, "search",
            _unheard(vars(_SEARCH)["search"]),
            "installed packages are searched in all folders of sys.path",
            _TEST + "test_a_search_for_packages_does_not_count",
        ),
        Patch(ctypes, "_dlopen", _then_hear(_noting(vars(ctypes)["_dlopen"])), hears, test),
    )  # fmt: skip


def _finder(original: Any, folders: Folders) -> Any:
    def find_spec(cls: type, name: str, path: Any = None, target: Any = None) -> Any:
        spec = _native.call_unheard(original, cls, name, path, target)
        _note_search(name.rpartition(".")[2], path, spec, folders)
        return spec

    return find_spec


def _note_search(name: str, path: Any, spec: Any, folders: Folders) -> None:
    origin = str(getattr(spec, "origin", None))
    for entry in list(sys.path if path is None else path):
        if not isinstance(entry, str) or entry.startswith("__editable__"):
            continue
        place = os.path.join(os.path.abspath(entry), name)
        # A library that is missing may be installed later; one that was found has a version.
        if spec is None or folders.is_project(place):
            _native.note_event(_native.EVENT_MODULE, place)
        if origin.startswith(os.path.join(entry, "")):
            break


def _code_getter(original: Any, folders: Folders, recompile: bool) -> Any:
    def get_code(loader: Any, fullname: str) -> Any:
        path = normalized(os.path.abspath(loader.get_filename(fullname)))
        if folders.is_project(path):
            _native.note_event(_native.EVENT_SOURCE, path)
            if (recompile or _is_outdated(path)) and not _native.call_unheard(_discard, path):
                raw = _native.call_unheard(loader.get_data, path)
                return _native.call_unheard(loader.source_to_code, raw, path)
        return _native.call_unheard(original, loader, fullname)

    return get_code


def _then_hear(original: Any) -> Any:
    """`original`, after which the calls of newly loaded libraries are heard."""

    def load(*arguments: Any) -> Any:
        result = original(*arguments)
        _native.hear_reads()
        return result

    return load


def _unheard(original: Any) -> Any:
    return lambda *arguments: _native.call_unheard(original, *arguments)


def _noting(original: Any) -> Any:
    """`original`, which opens a library by the dynamic loader, where nothing is heard."""

    def open_library(name: Any, *arguments: Any) -> Any:
        if isinstance(name, str) and os.sep in name:
            _native.note_event(_native.EVENT_READ, name)
        return original(name, *arguments)

    return open_library


def _is_outdated(path: str) -> bool:
    """Whether bytecode exists that was written before its source came to its place."""
    return bool(_native.call_unheard(_is_older_bytecode, path))


def _is_older_bytecode(path: str) -> bool:
    try:
        cached = os.stat(importlib.util.cache_from_source(path))
        return os.stat(path).st_ctime_ns >= cached.st_ctime_ns
    except (OSError, NotImplementedError):
        return False


def _discard(path: str) -> bool:
    """Remove the bytecode of a source, so that it is written anew; whether it is gone."""
    try:
        os.unlink(importlib.util.cache_from_source(path))
    except FileNotFoundError:
        return True
    except (OSError, NotImplementedError):
        return False
    return True
