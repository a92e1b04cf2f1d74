"""The text cache: one process per folder, emptied after a crash, kept otherwise."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from manim import config, tempconfig

from deltarender.engine import text_cache as module
from deltarender.engine.text_cache import text_cache
from deltarender.errors import RenderError


def compile_text(name: str) -> None:
    """Do what Manim does: write a file to the text folder."""
    Path(config.text_dir).mkdir(parents=True, exist_ok=True)
    (Path(config.text_dir) / name).touch()


def cached_texts() -> list[str]:
    return [path.name for path in Path(config.text_dir).glob("*")]


def test_text_is_kept_between_renders(tmp_path: Path) -> None:
    with tempconfig({}):
        with text_cache(tmp_path):
            compile_text("a.svg")
        with text_cache(tmp_path):
            assert cached_texts() == ["a.svg"]


def texts_after(folder: Path, *states: tuple[str, str]) -> list[str]:
    """What is in the cache after a text was laid out under the first state, under the last."""
    with tempconfig({}):
        for number, (made_with, forced_by) in enumerate(states):
            with text_cache(folder, made_with, forced_by):
                if not number:
                    compile_text("a.svg")
                result = cached_texts()
    return result


def test_text_of_other_fonts_or_libraries_is_discarded(tmp_path: Path) -> None:
    assert texts_after(tmp_path / "1", ("old", ""), ("old", "")) == ["a.svg"]
    assert texts_after(tmp_path / "2", ("old", ""), ("new", "")) == []
    assert "manim 0.22" in module.state_of_text()


def test_a_forced_run_empties_the_cache_once(tmp_path: Path) -> None:
    assert texts_after(tmp_path / "1", ("x", ""), ("x", "run-1")) == []
    assert texts_after(tmp_path / "2", ("x", "run-1"), ("x", "run-1"), ("x", "")) == ["a.svg"]
    assert texts_after(tmp_path / "3", ("x", "run-1"), ("x", "run-2")) == []


def test_two_renders_at_once_use_two_folders(tmp_path: Path) -> None:
    with tempconfig({}), text_cache(tmp_path):
        first = (config.tex_dir, config.text_dir)
        with text_cache(tmp_path):
            assert not {*first} & {config.tex_dir, config.text_dir}


def test_text_of_a_render_that_failed_is_discarded(tmp_path: Path) -> None:
    with tempconfig({}):
        with pytest.raises(KeyError), text_cache(tmp_path):
            compile_text("incomplete.svg")
            raise KeyError
        with text_cache(tmp_path):
            assert cached_texts() == []


def test_no_free_folder_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_FOLDERS", 1)
    refused = pytest.raises(RenderError, match="1 renders use this folder")
    with tempconfig({}), text_cache(tmp_path), refused, text_cache(tmp_path):
        pass


def test_a_folder_whose_lock_a_scene_has_closed_is_not_shared(tmp_path: Path) -> None:
    with tempconfig({}):
        with text_cache(tmp_path):
            first = config.text_dir
        marker = tmp_path / "text-0" / module.IN_USE
        marker.write_text(str(os.getppid()))  # a live process, which holds no lock
        with text_cache(tmp_path):
            assert config.text_dir != first
        marker.write_text("0x")  # of a version that wrote no process number
        with text_cache(tmp_path):
            assert config.text_dir == first
