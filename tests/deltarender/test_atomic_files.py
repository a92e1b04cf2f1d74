"""Files are complete or absent, and scratch folders of ended processes are removed."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
import threading
from pathlib import Path
from typing import Any

import pytest

from deltarender.atomic_files import (
    SCRATCH_MARK,
    atomic_move,
    atomic_write,
    ensure_writable,
    new_log,
    open_lock,
    remove_stale_scratch,
    scratch_folder,
)
from deltarender.errors import RenderError


def test_a_file_is_replaced_atomically(tmp_path):
    path = tmp_path / "a.txt"
    atomic_write(path, "old")
    atomic_write(path, "new")
    assert path.read_text() == "new"
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "a.txt"
    atomic_write(path, "old")

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="No space"):
        atomic_write(path, "new")
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_only_scratch_folders_with_a_free_lock_are_removed(tmp_path):
    left = tmp_path / "run-left"
    left.mkdir()
    (left / "lock").write_bytes(SCRATCH_MARK)
    foreign = tmp_path / "run-results"
    foreign.mkdir()
    (foreign / "thesis.tex").touch()
    (foreign / "lock").touch()
    (tmp_path / "run-killed-at-once").mkdir()
    with scratch_folder(tmp_path) as held:
        remove_stale_scratch(tmp_path)
        assert {*tmp_path.glob("run-*")} == {held, foreign}
    assert not held.exists()


def test_a_scratch_folder_that_is_just_being_created_stays(tmp_path, monkeypatch):
    mkdtemp = tempfile.mkdtemp
    cleaner = threading.Thread(target=remove_stale_scratch, args=(tmp_path,))

    def mkdtemp_during_cleanup(**options):
        folder = mkdtemp(**options)
        cleaner.start()
        cleaner.join(0.1)
        return folder

    monkeypatch.setattr(tempfile, "mkdtemp", mkdtemp_during_cleanup)
    with scratch_folder(tmp_path) as held:
        cleaner.join()
        assert held.exists()


def test_an_error_names_the_path_that_cannot_be_a_folder(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(RenderError, match="file"):
        ensure_writable(tmp_path / "file" / "media")


@pytest.mark.parametrize("opened", [open_lock, lambda path: os.fdopen(new_log(path), "wb")])
def test_files_of_others_at_the_path_of_a_lock_or_log_stay(tmp_path, opened):
    precious, link, other = (tmp_path / name for name in ("thesis.tex", "link", "other"))
    precious.write_text("years")
    other.write_text("mine")
    link.symlink_to(precious)
    for path in (link, other):
        with contextlib.suppress(OSError):
            opened(path).close()
    assert precious.read_text() == "years"
    assert "mine" in [p.read_text() for p in tmp_path.glob("other*")]


def test_a_log_replaces_an_earlier_log(tmp_path):
    for words in (b"first", b"second"):
        with os.fdopen(new_log(tmp_path / "log"), "wb") as log:
            log.write(words)
    assert (tmp_path / "log").read_bytes().endswith(b"second")
    assert len([*tmp_path.iterdir()]) == 1


def test_a_file_is_moved_from_another_file_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target, replace = tmp_path / "source", tmp_path / "target", os.replace
    source.write_bytes(b"new")
    target.write_bytes(b"old")

    def replace_on_one_disk(a: Any, b: Any) -> None:
        if Path(a) == source:
            raise OSError(errno.EXDEV, "Invalid cross-device link", str(a))
        replace(a, b)

    monkeypatch.setattr(os, "replace", replace_on_one_disk)
    atomic_move(source, target)
    assert target.read_bytes() == b"new"
    assert [path.name for path in tmp_path.iterdir()] == ["target"]
