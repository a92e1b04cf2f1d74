"""Files that libraries read in native code are reported."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import av
import manimpango
import pytest
import typst
from manim import config, tempconfig
from manim.utils import typst_file_writing

from deltarender.engine import asset_read_hooks, patching


@pytest.fixture
def reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The paths reported so far, with all hooks installed and `tmp_path` as working directory."""
    monkeypatch.chdir(tmp_path)
    reported: list[str] = []
    hooks = asset_read_hooks.read_hooks(reported.append, tmp_path / "render")
    settings = {"tex_dir": str(tmp_path), "text_dir": str(tmp_path), "verbosity": "ERROR"}
    with tempconfig(settings), patching.applied(*hooks):
        yield reported


@pytest.mark.parametrize("name", ["register_font", "fc_register_font"])
def test_a_registered_font_is_reported(reads: list[str], tmp_path: Path, name: str) -> None:
    if not hasattr(manimpango, name):
        pytest.skip("not on this system")
    (tmp_path / "letters.ttf").write_text("not a font")
    getattr(manimpango, name)("letters.ttf")
    assert reads == ["letters.ttf"]
    assert config.text_dir == str(tmp_path / "render" / "texts"), "not the cache of other runs"


def test_an_opened_video_is_reported(reads: list[str], tmp_path: Path) -> None:
    with av.open("written.mp4", "w"):
        pass
    (tmp_path / "read.mp4").write_text("not a video")
    for file in ("read.mp4", tmp_path / "read.mp4"):
        with pytest.raises(av.error.FFmpegError):
            av.open(file)
    assert reads == ["read.mp4", str(tmp_path / "read.mp4")]


def test_text_is_compiled_again_when_an_imported_file_changes(
    reads: list[str], tmp_path: Path
) -> None:
    results = []
    for letter in "AZ":
        (tmp_path / "words.typ").write_text(f"#let word = [{letter}]")
        svg = typst_file_writing.typst_to_svg_file('#import "words.typ": word\n#word')
        results.append((svg, svg.read_text()))
    assert results[0][0] == results[1][0]
    assert results[0][1] != results[1][1]
    assert reads == [str(tmp_path / "words.typ")] * 2


def test_text_that_names_no_file_is_taken_from_the_cache(reads: list[str]) -> None:
    svg = typst_file_writing.typst_to_svg_file("only text")
    svg.write_text("cached")
    assert typst_file_writing.typst_to_svg_file("only text").read_text() == "cached"
    assert reads == []


def test_files_of_a_typst_compiler_are_reported(reads: list[str], tmp_path: Path) -> None:
    (tmp_path / "words.typ").write_text('#import "deep.typ": word')
    (tmp_path / "deep.typ").write_text("#let word = [A]")
    compiler = typst.Compiler()
    assert compiler.compile(b'#import "words.typ": word\n#word', format="svg")
    assert reads == [str(tmp_path / "words.typ"), str(tmp_path / "deep.typ")]
