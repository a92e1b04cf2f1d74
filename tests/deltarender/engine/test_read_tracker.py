"""Files that a process reads are recorded with their digests."""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Iterator
from pathlib import Path

import numpy
import pytest

from deltarender.engine.read_tracker import ReadTracker


@pytest.fixture
def tracker(tmp_path: Path) -> Iterator[ReadTracker]:
    (tmp_path / "data.txt").write_text("before")
    (tmp_path / "media").mkdir()
    (tmp_path / "media" / "cached.txt").touch()
    tracker = ReadTracker([tmp_path / "media"])
    yield tracker
    tracker.stop()


def test_a_file_is_recorded_as_it_was_at_the_first_read(
    tracker: ReadTracker, tmp_path: Path
) -> None:
    file = tmp_path / "data.txt"
    file.read_bytes()
    file.write_text("after")
    file.read_bytes()
    assert tracker.digests == {str(file.resolve()): hashlib.sha256(b"before").hexdigest()}


def test_written_files_and_excluded_folders_are_not_recorded(
    tracker: ReadTracker, tmp_path: Path
) -> None:
    (tmp_path / "written.txt").write_text("by this process")
    (tmp_path / "written.txt").read_text()
    (tmp_path / "media" / "cached.txt").read_text()
    Path(numpy.__file__).read_bytes()
    Path("/etc/hosts").read_bytes()
    with pytest.raises(FileNotFoundError):
        (tmp_path / "missing.txt").read_text()
    assert tracker.digests == {}


def test_a_compiled_module_is_recorded_as_its_source(tracker: ReadTracker, tmp_path: Path) -> None:
    source = tmp_path.resolve() / "data.py"
    (tmp_path / "data.txt").rename(source)
    tracker.note(importlib.util.cache_from_source(str(source)))
    assert list(tracker.digests) == [str(source)]


def test_nothing_is_recorded_after_stop(tracker: ReadTracker, tmp_path: Path) -> None:
    tracker.stop()
    (tmp_path / "data.txt").read_text()
    assert tracker.digests == {}
