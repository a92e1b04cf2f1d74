"""Only files that were written by this program are replaced or removed."""

from __future__ import annotations

import pytest

from deltarender.errors import UsageError
from deltarender.owned_files import (
    ASIDE,
    RECORD,
    Rule,
    check_file,
    check_folder,
    entries,
    put,
)


def test_owned_files_are_replaced_and_removed(tmp_path):
    put(tmp_path, {"index.html": "a", "videos/1.mp4": b"1", "videos/2.mp4": b"2"}, Rule())
    put(tmp_path, {"index.html": "b", "videos/1.mp4": b"3"}, Rule(), alone=True)
    assert entries(tmp_path) == ["index.html", "videos/1.mp4"]
    assert (tmp_path / "index.html").read_text() == "b"


def test_other_files_in_the_folder_stay(tmp_path):
    put(tmp_path, {"index.html": "a", "old.mp4": "o"}, Rule())
    (tmp_path / "thesis.tex").write_text("years")
    with pytest.raises(UsageError, match="thesis.tex"):
        check_folder(tmp_path, Rule(), force=False, reserved=())
    check_folder(tmp_path, Rule(), force=True, reserved=("index.html",))
    put(tmp_path, {"index.html": "b"}, Rule(), alone=True)
    assert entries(tmp_path) == ["index.html", "thesis.tex"]


def test_a_changed_file_is_no_longer_owned(tmp_path):
    put(tmp_path, {"a.srt": "one"}, Rule())
    (tmp_path / "a.srt").write_text("mended by hand")
    with pytest.raises(UsageError, match="changed since"):
        put(tmp_path, {"a.srt": "two"}, Rule())
    put(tmp_path, {}, Rule(), alone=True)
    assert (tmp_path / "a.srt").read_text() == "mended by hand"


def test_a_file_in_the_way_is_set_aside(tmp_path):
    (tmp_path / "a").write_text("1")
    (tmp_path / "a.kept-1").write_text("0")
    assert put(tmp_path, {"a": "2"}, ASIDE) == [tmp_path / "a.kept-2"]
    assert {p.name: p.read_text() for p in tmp_path.glob("a*")} == {
        "a": "2", "a.kept-1": "0", "a.kept-2": "1",
    }  # fmt: skip


def test_a_link_is_replaced_by_force_and_never_written_through(tmp_path):
    thesis, link = tmp_path / "thesis.tex", tmp_path / "talk.mp4"
    thesis.write_text("years")
    link.symlink_to(thesis)
    with pytest.raises(UsageError, match="is a link"):
        check_file(link, (".mp4",), Rule())
    put(tmp_path, {"talk.mp4": b"film"}, Rule(force=frozenset({link})))
    assert thesis.read_text() == "years"
    assert not link.is_symlink()
    assert link.read_bytes() == b"film"


def test_nothing_is_written_through_a_link_to_another_folder(tmp_path):
    (tmp_path / "precious").mkdir()
    home = tmp_path / "home"
    home.mkdir()
    (home / "videos").symlink_to(tmp_path / "precious")
    with pytest.raises(UsageError, match="would be replaced|folder is there"):
        put(home, {"videos/1.mp4": b"1"}, Rule())
    assert not [*(tmp_path / "precious").iterdir()]


def test_names_outside_the_folder_are_ignored_in_a_record(tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    put(tmp_path, {"thesis.tex": "years"}, Rule())
    text = (tmp_path / RECORD).read_text().replace("thesis.tex", "../thesis.tex")
    (home / RECORD).write_text(text)
    put(home, {"index.html": "x"}, Rule(), alone=True)
    assert (tmp_path / "thesis.tex").read_text() == "years"


def test_an_invalid_record_is_not_overwritten(tmp_path):
    (tmp_path / RECORD).write_text("mine")
    with pytest.raises(UsageError, match="not a record"):
        put(tmp_path, {"a": "1"}, Rule())
    put(tmp_path, {"a": "1"}, ASIDE)
    assert (tmp_path / f"{RECORD}.kept-1").read_text() == "mine"


def test_an_interrupted_run_does_not_block_the_next(tmp_path, monkeypatch):
    put(tmp_path, {"a": "1", "b": "1"}, Rule())
    with monkeypatch.context() as patch:
        patch.setattr("deltarender.owned_files._put_one", _interrupt_at_b)
        with pytest.raises(KeyboardInterrupt):
            put(tmp_path, {"a": "2", "b": "2"}, Rule())
    put(tmp_path, {"a": "3", "b": "3"}, Rule())
    assert [(tmp_path / name).read_text() for name in entries(tmp_path)] == ["3", "3"]


def _interrupt_at_b(target, content):
    if target.name == "b":
        raise KeyboardInterrupt
    target.write_text(content)
