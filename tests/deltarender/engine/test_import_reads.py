"""What the import system finds counts, and no outdated bytecode is used."""

from __future__ import annotations

import ctypes
import importlib
import importlib.metadata
import os
import sys
from pathlib import Path

import pytest

from deltarender import _native
from deltarender.engine.read_tracker import ReadTracker
from deltarender.facts import FactKind, current_state


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


def imported(name: str, recompile: bool = False) -> tuple[object, ReadTracker]:
    importlib.invalidate_caches()
    tracker = ReadTracker([], recompile=recompile)
    try:
        module = importlib.import_module(name)
    finally:
        tracker.stop()
        sys.modules.pop(name, None)
    return module.x, tracker


def test_a_module_that_would_be_found_first_counts(folder: Path) -> None:
    (folder / "found_helper.py").write_text("x = 1")
    value, tracker = imported("found_helper")
    assert value == 1
    assert list(tracker.digests) == [str(folder / "found_helper.py")]
    kinds = {fact.kind for fact in tracker.facts}
    assert FactKind.LISTING not in kinds, "the folders that the import system lists do not count"
    place = str(folder / "found_helper")
    (fact,) = [f for f in tracker.facts if f.kind is FactKind.MODULE and f.subject == place]
    assert fact.states == ("found_helper.py",)
    (folder / "found_helper").mkdir()
    (folder / "found_helper" / "__init__.py").touch()
    assert current_state(fact.kind, fact.subject) == "found_helper/__init__.py"


@pytest.mark.parametrize("recompile", [False, True])
def test_outdated_bytecode_of_the_same_second_and_size_is_not_used(
    folder: Path, recompile: bool
) -> None:
    source = folder / "outdated_helper.py"
    source.write_text("x = 1")
    assert imported("outdated_helper")[0] == 1
    before = source.stat()
    (folder / "copy").write_text("x = 2")
    os.utime(folder / "copy", ns=(before.st_atime_ns, before.st_mtime_ns))
    os.replace(folder / "copy", source)
    value, tracker = imported("outdated_helper", recompile)
    assert value == 2, "Python itself takes the old bytecode"
    assert imported("outdated_helper")[0] == 2
    assert list(tracker.digests) == [str(source)]


def test_files_that_a_library_opens_are_heard(folder: Path) -> None:
    (folder / "no_library.so").write_text("x")
    tracker = ReadTracker([])
    try:
        with pytest.raises(OSError, match="no_library"):
            ctypes.CDLL(str(folder / "no_library.so"))
        import cairo

        (folder / "picture.png").write_bytes(b"none")
        with pytest.raises(Exception, match=r"."):
            cairo.ImageSurface.create_from_png(str(folder / "seen.png"))
    finally:
        tracker.stop()
    assert str(folder / "no_library.so") in tracker.digests
    assert str(folder / "seen.png") in {fact.subject for fact in tracker.facts}


def test_a_search_for_packages_does_not_count(folder: Path) -> None:
    tracker = ReadTracker([])
    try:
        context = importlib.metadata.DistributionFinder.Context(name="no-such-package")
        assert not list(importlib.metadata.MetadataPathFinder.find_distributions(context))
    finally:
        tracker.stop()
    assert {fact.kind for fact in tracker.facts} <= {FactKind.ENCODING}


def test_the_audit_hook_hears_what_python_opens_and_lists(folder: Path) -> None:
    (folder / "heard.txt").write_text("x")
    reading, writing = os.pipe()
    if os.fork() == 0:  # the hook cannot be removed again
        _native.hear_python()
        _native.start_reads(lambda kind: False)
        _native.call_unheard(open, "missing.txt", "w").close()
        open("heard.txt").close()
        open("heard.txt", "r+").close()
        os.listdir(".")
        _native.stop_reads()
        kinds = sorted({(event[0], event[8]) for event in _native.read_events()[0]})
        os.write(writing, repr(kinds).encode())
        os._exit(0)
    os.wait()
    kinds = os.read(reading, 10000).decode()
    for kind, name in (("READ", "heard.txt"), ("UPDATE", "heard.txt"), ("LISTING", ".")):
        number = getattr(_native, f"EVENT_{kind}")
        assert f"({number}, b'{folder}/{name}')" in kinds
    assert "missing" not in kinds


def test_nothing_is_called_while_objects_are_copied() -> None:
    """An audit hook would be called at every id(), which deepcopy calls for every object."""
    calls = []
    _native.start_reads(lambda kind: bool(calls.append(kind)))
    list(map(id, range(1000)))
    _native.stop_reads()
    assert calls == []
    source = Path("deltarender") if Path("deltarender").is_dir() else Path(__file__).parents[3]
    assert not [p for p in source.rglob("engine/*.py") if "addaudithook" in p.read_text()]
