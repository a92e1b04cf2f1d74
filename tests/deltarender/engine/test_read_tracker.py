"""Files that a process reads are recorded with their digests; test_freshness.py has the ways."""

from __future__ import annotations

import hashlib
import os
import runpy
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy
import pytest

from deltarender import facts
from deltarender.engine import read_tracker
from deltarender.engine.library_folders import Folders, library_folders
from deltarender.engine.read_tracker import ReadTracker
from deltarender.engine.scene_loader import declared_dependencies, load_scene_class
from deltarender.engine.text_cache import installed_fonts
from deltarender.errors import UsageError
from deltarender.facts import UNSTABLE
from deltarender.jobs import SceneRef


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "data.txt").write_text("before")
    (tmp_path / "media").mkdir()
    (tmp_path / "media" / "cached.txt").touch()
    return tmp_path


def tracked(scene: Callable[[], object], *excluded: Path) -> ReadTracker:
    tracker = ReadTracker(excluded)
    try:
        scene()
    finally:
        tracker.stop()
    return tracker


def test_a_file_is_recorded_with_the_digest_of_its_content(folder: Path) -> None:
    tracker = tracked((folder / "data.txt").read_bytes)
    digest = hashlib.sha256(b"before").hexdigest()
    assert tracker.digests == {str(folder / "data.txt"): digest}


@pytest.mark.parametrize("text", ["another", "BEFORE"])
def test_a_file_that_changes_meanwhile_is_never_as_it_was(folder: Path, text: str) -> None:
    file = folder / "data.txt"

    def scene() -> None:
        file.read_bytes()
        other = file.with_name("other")
        other.write_text(text)
        os.rename(other, file)

    # Renamed here or by another process: what was read is not what is there.
    assert tracked(scene).digests == {str(file): UNSTABLE}


def test_a_file_that_is_rewritten_with_the_same_bytes_stays_what_it_is(folder: Path) -> None:
    file = folder / "data.txt"

    def scene() -> None:
        file.write_bytes(file.read_bytes())

    digest = hashlib.sha256(b"before").hexdigest()
    assert tracked(scene).digests == {str(file): digest}


def test_written_files_and_excluded_folders_are_not_recorded(folder: Path) -> None:
    def scene() -> None:
        (folder / "written.txt").write_text("by this process")
        (folder / "written.txt").read_text()
        (folder / "media" / "cached.txt").read_text()
        Path(numpy.__file__).read_bytes()
        Path("/etc/localtime").read_bytes()

    assert tracked(scene, folder / "media").digests == {}


def test_a_temporary_file_of_a_program_does_not_count(folder: Path) -> None:
    file = folder / "made.txt"

    def scene() -> None:
        time.sleep(0.01)
        if os.fork() == 0:  # as a program would, unheard
            os.execv("/bin/sh", ["sh", "-c", f"echo made > {file}"])
        os.wait()
        file.read_text()
        file.unlink()

    assert tracked(scene).digests == {}


def test_a_project_below_a_system_folder_counts(folder: Path, monkeypatch) -> None:
    monkeypatch.setattr(
        "deltarender.engine.library_folders.SYSTEM_FOLDERS", (str(folder.parent), "/usr")
    )
    monkeypatch.chdir(folder)
    assert len(tracked((folder / "data.txt").read_bytes).digests) == 1


def test_a_module_changed_since_the_server_imported_it_is_unstable(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(folder)
    (folder / "preloaded_helper.py").write_text("x = 1")
    import preloaded_helper  # type: ignore[import-not-found]

    for start, state in ((time.time_ns() + 10**9, facts.content(preloaded_helper.__file__)),
                         (0, UNSTABLE)):  # fmt: skip
        monkeypatch.setattr(read_tracker, "_server_start", start)
        tracker = ReadTracker([], preloaded=True)
        tracker.stop()
        assert tracker.digests[preloaded_helper.__file__] == state


def test_nothing_is_recorded_after_stop(folder: Path) -> None:
    tracker = tracked(lambda: None)
    (folder / "data.txt").read_text()
    assert tracker.digests == {}


def test_a_font_that_is_installed_later_is_noticed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(folder))
    (folder / "fonts").mkdir()
    font = folder / "fonts" / "one.ttf"
    font.touch()
    installed_fonts.cache_clear()
    tracker = tracked(font.read_bytes)
    installed_fonts.cache_clear()
    sections = facts.as_json(tracker.facts, str)
    assert list(facts.changes(sections, facts.current_state)) == []
    font.with_name("two.ttf").touch()
    assert list(facts.changes(sections, facts.current_state)) == ["the installed fonts changed"]


def test_an_environment_in_the_project_is_not_the_project(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packages = folder / "lib" / "python3.11" / "site-packages"
    monkeypatch.setattr(
        "deltarender.engine.library_folders.library_folders", lambda: (str(packages),)
    )
    folders = Folders([folder], [])
    assert folders.is_project(str(folder / "film.py"))
    assert not folders.is_project(str(packages / "numpy" / "core.py"))


def test_no_prefix_of_an_environment_counts_as_library() -> None:
    assert not {sys.prefix, sys.base_prefix, "/", "/usr"} & set(library_folders())


def test_what_two_processes_saw_differently_is_unstable() -> None:
    same, other = {"a": "1"}, {"a": "2", "b": "3"}
    assert facts.merge_files([same, same]) == same
    assert facts.merge_files([same, other]) == {"a": UNSTABLE, "b": "3"}
    kind = facts.FactKind.LISTING
    first, second = facts.Fact(kind, "d", ("1", "2")), facts.Fact(kind, "d", ("2", "3"))
    assert facts.merge([[first], [second]]) == [facts.Fact(kind, "d", ("2",))]
    third = facts.Fact(kind, "d", ("4",))
    assert facts.merge([[first], [third]]) == [facts.Fact(kind, "d", (UNSTABLE,))]


def test_a_file_of_a_project_in_the_temporary_folder_that_changes_meanwhile_counts(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(folder.parent))
    file = folder / "data.txt"

    def scene() -> None:
        time.sleep(0.01)
        if os.fork() == 0:  # another program changes it, before it is read and once more afterwards
            os.execv("/bin/sh", ["sh", "-c", f"echo edited > {file}"])
        os.wait()
        file.read_text()
        if os.fork() == 0:
            os.execv("/bin/sh", ["sh", "-c", f"echo again > {file}"])
        os.wait()

    assert tracked(scene).digests == {str(file): UNSTABLE}


def declared(folder: Path, declaration: str) -> tuple[str, ...] | None:
    """What a scene file with this line in its class declares."""
    file = folder / "declaring.py"
    file.write_text(f"from manim import Scene\nclass Main(Scene):\n    {declaration}\n")
    target = SceneRef(file, "Main", "Main")
    try:
        load_scene_class(target, {})
        return declared_dependencies(target)
    finally:
        sys.path.remove(str(folder))


def test_what_a_scene_declares_takes_the_place_of_what_cannot_be_noticed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    (folder / "film.py").write_text("import time\ntime.time()")
    names = declared(folder, 'depends_on = ["*.txt", "media", "$DECLARED_OF_A_TEST"]')
    tracker = ReadTracker([])
    runpy.run_path("film.py")
    tracker.declare(names)
    tracker.stop()
    assert tracker.causes == []
    sections = facts.as_json(tracker.facts, str)
    assert list(facts.changes(sections, facts.current_state)) == []
    (folder / "data.txt").write_text("after")
    (folder / "media" / "new").touch()
    monkeypatch.setenv("DECLARED_OF_A_TEST", "1")
    assert list(facts.changes(sections, facts.current_state)) == [
        "the environment variable DECLARED_OF_A_TEST changed",
        "*.txt names other files", "media names other files",
    ]  # fmt: skip


def test_a_scene_may_declare_nothing_or_to_be_rendered_always(folder: Path) -> None:
    assert declared(folder, "pass") is None
    assert declared(folder, "depends_on = ()") == ()
    tracker = ReadTracker([])
    tracker.declare(declared(folder, 'depends_on = ["always"]'))
    tracker.stop()
    sections = facts.as_json(tracker.facts, str)
    reasons = list(facts.changes(sections, facts.current_state))
    assert reasons == ["its depends_on says always"]


@pytest.mark.parametrize("value", ["'data.csv'", "[1]", "{'a': 1}", "3"])
def test_a_wrong_declaration_is_an_error_of_use(folder: Path, value: str) -> None:
    with pytest.raises(UsageError, match="depends_on of Main is not a list of texts"):
        declared(folder, f"depends_on = {value}")
