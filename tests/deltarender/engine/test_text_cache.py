"""Compiled texts are shared by all processes and kept; errors of LaTeX are explained."""

from __future__ import annotations

import os
import stat
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from manim import MarkupText, MathTex, SingleStringMathTex, Text, Typst, tempconfig

from deltarender.engine import text_cache, text_store
from deltarender.engine.latex_errors import LatexError, LatexMissing
from deltarender.engine.text_store import TextStore

LATEX = """#!/bin/sh
for argument; do
  case $argument in -output-directory=*) folder=${argument#*=};; *.tex) source=$argument;; esac
done
name=$folder/$(basename "$source" .tex)
echo "$name" >> "$CALLS"
if grep -q wrong "$source"; then
  printf 'This is a log\\n! Undefined control sequence.\\nl.9 \\\\wrong\\n' > "$name.log"; exit 1
fi
if grep -q oddity "$source"; then
  printf "! LaTeX Error: File \\140odd.sty' not found.\\n" > "$name.log"; exit 1
fi
if grep -q silent "$source"; then exit 1; fi
touch "$name.dvi"
"""
DVISVGM = """#!/bin/sh
for argument; do case $argument in --output=*) output=${argument#*=};; esac; done
echo '<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0 L9 0 L9 9 Z"/></svg>' > "$output"
"""


@pytest.fixture(autouse=True)
def settings() -> Iterator[None]:
    with tempconfig({"verbosity": "CRITICAL"}):
        yield


@pytest.fixture
def latex(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Programs in place of LaTeX; the file returned names all that was compiled."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, script in (("latex", LATEX), ("dvisvgm", DVISVGM)):
        (programs / name).write_text(script)
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    monkeypatch.setenv("CALLS", str(tmp_path / "calls"))
    return tmp_path / "calls"


def store_in(folder: Path, made_with: str = "x", forced_by: str = "") -> TextStore:
    return TextStore(folder / ".cache", made_with, forced_by)


def test_texts_are_compiled_once(tmp_path: Path) -> None:
    def shapes(process: str) -> list[bytes]:
        with text_cache.text_cache(store_in(tmp_path), tmp_path / process):
            mobjects = [Text("ab"), MarkupText("<b>c</b>"), Typst("$x^2$")]
        return [m.points.tobytes() for each in mobjects for m in each.get_family()]

    first = shapes("1")
    kept = sorted(path.name for path in (tmp_path / ".cache").rglob("*.svg"))
    ours = sorted(path.stem for path in (tmp_path / "1").rglob("*.svg"))
    assert [name.partition("-")[0].removesuffix(".svg") for name in kept] == ours
    for path in (tmp_path / ".cache").rglob("*.svg"):
        path.write_text('<svg xmlns="http://www.w3.org/2000/svg"></svg>')
    assert shapes("2") != first, "it was not taken from the store"


def test_latex_is_compiled_once(tmp_path: Path, latex: Path) -> None:
    for process in "123":
        with text_cache.text_cache(store_in(tmp_path), tmp_path / process):
            assert len(SingleStringMathTex("a+b")[0].points) == 12
    assert len(latex.read_text().splitlines()) == 1


def test_texts_are_kept_after_a_fault_and_of_a_file_that_it_reads_never(
    tmp_path: Path, latex: Path
) -> None:
    for process in "12":
        with (
            pytest.raises(KeyError),
            text_cache.text_cache(store_in(tmp_path), tmp_path / process),
        ):
            SingleStringMathTex("a")
            SingleStringMathTex(r"\input{b}")
            raise KeyError
    compiled = [Path(line).parts[-3] for line in latex.read_text().splitlines()]
    assert compiled == ["1", "1", "2"]


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        (r"\wrong", r"LaTeX cannot set \wrong: Undefined control sequence. (at \wrong)"),
        ("oddity", "LaTeX cannot set oddity: LaTeX Error: File `odd.sty' not found.\n"
         "You do not have package odd.sty installed."),
    ],
)  # fmt: skip
def test_an_error_of_latex_is_its_own_line(
    tmp_path: Path, latex: Path, formula: str, message: str
) -> None:
    with text_cache.text_cache(store_in(tmp_path), tmp_path / "1"):
        with pytest.raises(ValueError) as caught:
            MathTex(formula)
        with pytest.raises(RuntimeError, match="did not produce a log file"):
            MathTex("silent")
    assert isinstance(caught.value, LatexError)
    assert str(caught.value).startswith(message)


def test_a_missing_latex_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with (
        text_cache.text_cache(store_in(tmp_path), tmp_path / "1"),
        pytest.raises(FileNotFoundError, match="latex is not installed, which") as caught,
    ):
        MathTex("x")
    assert isinstance(caught.value, LatexMissing)


def test_two_processes_do_not_compile_the_same_text(tmp_path: Path) -> None:
    compiled = []

    def compile_text(process: str) -> None:
        local = tmp_path / process / "a.svg"
        with store_in(tmp_path).text("a.svg", local):
            if not local.exists():
                compiled.append(process)
                local.parent.mkdir()
                local.write_text("half")
                time.sleep(0.1)
                local.write_text("whole")
        assert local.read_text() == "whole"

    threads = [threading.Thread(target=compile_text, args=(name,)) for name in "1234"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(compiled) == 1


def is_kept(folder: Path, *states: tuple[str, str]) -> bool:
    """Whether a text that was compiled under the first state is there under the last."""
    for number, (made_with, forced_by) in enumerate(states):
        local = folder / f"{number}.svg"
        with store_in(folder, made_with, forced_by).text("a.svg", local):
            kept = local.exists()
            if not number:
                local.parent.mkdir(exist_ok=True)
                local.write_text("text")
    return kept


def test_text_of_other_fonts_or_libraries_is_not_used(tmp_path: Path) -> None:
    assert is_kept(tmp_path / "1", ("old", ""), ("old", ""))
    assert not is_kept(tmp_path / "2", ("old", ""), ("new", ""))
    assert is_kept(tmp_path / "3", ("old", ""), ("new", ""), ("old", ""))
    assert "manim 0.22" in text_cache.state_of_text()


def test_a_forced_run_empties_the_store_once(tmp_path: Path) -> None:
    assert not is_kept(tmp_path / "1", ("x", ""), ("x", "run-1"))
    assert is_kept(tmp_path / "2", ("x", "run-1"), ("x", "run-1"), ("x", ""))
    assert not is_kept(tmp_path / "3", ("x", "run-1"), ("x", "run-2"))


def test_a_store_that_cannot_be_written_keeps_nothing(tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (tmp_path / ".cache").mkdir()
    (tmp_path / ".cache" / "texts").symlink_to(theirs)
    assert not is_kept(tmp_path, ("x", ""), ("x", ""))
    assert not list(theirs.iterdir())
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / ".cache").write_text("in the way")
    assert not is_kept(tmp_path / "b", ("x", ""), ("x", ""))


def test_a_store_that_nobody_uses_is_removed(tmp_path: Path) -> None:
    old = store_in(tmp_path, "old").folder
    long_ago = time.time() - text_store.MAX_AGE_S - 9
    os.utime(old, (long_ago, long_ago))
    new = store_in(tmp_path, "new").folder
    assert not old.exists()
    assert stat.S_ISDIR(new.stat().st_mode)
