"""Files that libraries read by themselves, where Python does not hear of it: fonts, films, Typst's.

Each is counted as read by the scene. What was made of such a file is not taken from Manim's cache
of texts, which knows texts by their words and would show the file as it was.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import av
import manimpango
import typst
from manim import config
from manim.mobject.text import typst_mobject
from manim.utils import typst_file_writing as writing

Note = Callable[[str], None]

_QUOTED = re.compile(r'"((?:[^"\\\n]|\\.)+)"')


def install(note: Note, own: Path) -> None:
    """From now on call `note` with such files; `own` is a folder for what is made of fonts."""
    _hear_fonts(note, own)
    _hear_films(note)
    _hear_typst(note)


def _hear_fonts(note: Note, own: Path) -> None:
    def wrapped(register: Any) -> Any:
        def registered(font_path: str) -> Any:
            note(font_path)
            config.text_dir = str(own / "texts")
            return register(font_path)

        return registered

    for name in ("register_font", "fc_register_font"):
        setattr(manimpango, name, wrapped(getattr(manimpango, name)))


def _hear_films(note: Note) -> None:
    opened: Any = av.open

    def heard(file: Any, mode: str | None = None, *args: Any, **options: Any) -> Any:
        if isinstance(file, (str, Path)) and mode in (None, "r"):
            note(str(file))
        return opened(file, mode, *args, **options)

    av.open = heard


def _hear_typst(note: Note) -> None:
    compiled: Any = writing.typst_to_svg_file

    def fresh(typst_code: str, preamble: str = "", *args: Any, **options: Any) -> Path:
        folder = config.get_dir("tex_dir")
        files = list(named(f"{preamble}\n{typst_code}", folder, folder))
        for file in files:
            note(str(file))
        if not files:
            return compiled(typst_code, preamble, *args, **options)  # type: ignore[no-any-return]
        before = set(folder.glob("*.svg"))
        made: Path = compiled(typst_code, preamble, *args, **options)
        if made in before:
            made.unlink()
            compiled(typst_code, preamble, *args, **options)
        return made

    for module in (writing, typst_mobject):
        vars(module)["typst_to_svg_file"] = fresh
    kind: Any = typst.Compiler

    class Compiler:
        """Typst's compiler, with an ear for what it is given."""

        def __init__(self, *args: Any, **options: Any) -> None:
            self._compiler = kind(*args, **options)

        def __getattr__(self, name: str) -> Any:
            return getattr(self._compiler, name)

        def compile(self, input: Any = None, **options: Any) -> Any:
            """As typst.Compiler.compile."""
            if isinstance(input, bytes):
                for file in named(input.decode(), Path.cwd(), Path.cwd()):
                    note(str(file))
            return self._compiler.compile(input, **options)

    vars(typst)["Compiler"] = Compiler


def named(source: str, folder: Path, root: Path) -> Iterator[Path]:
    """The files that a Typst text in `folder` names, and those that they name in turn.

    A path that begins with a slash is one from `root`. What is put together by the text itself is
    not found.
    """
    waiting, seen = [(source, folder)], set()
    while waiting:
        text, here = waiting.pop()
        for name in _QUOTED.findall(text):
            path = root / name.lstrip("/") if name.startswith("/") else here / name
            if path in seen or not os.path.isfile(path):  # which no strange name can upset
                continue
            seen.add(path)
            yield path
            if path.suffix == ".typ":
                waiting.append((path.read_text(errors="replace"), path.parent))
