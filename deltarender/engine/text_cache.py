"""Compiled text (LaTeX, Typst, Pango) that is kept between runs and shared by all processes.

Manim checks for a compiled file and then writes it without a lock. So each process compiles into
folders of its own, and the functions that compile ask the store first (text_store.py).
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from manim import MarkupText, Text, config
from manim.mobject.text import tex_mobject, typst_mobject
from manim.utils import tex_file_writing, typst_file_writing

from deltarender import facts
from deltarender.engine.asset_read_hooks import files_named_in
from deltarender.engine.latex_errors import explained
from deltarender.engine.patching import Patch, applied
from deltarender.engine.text_store import TextStore
from deltarender.installed_library import installed_version

TEXT_LIBRARIES = ("manim", "manimpango", "typst", "python")
TEXT_VARIABLES = (
    "LANG", "LC_ALL", "LC_CTYPE", "LANGUAGE", "FONTCONFIG_FILE", "FONTCONFIG_PATH", "TEXINPUTS",
)  # fmt: skip
# LaTeX commands that read files: Manim's names of compiled files are made from the source alone.
_READS_FILES = re.compile(r"\\(input|include|includegraphics|import|bibliography)\b")
_TESTS = "tests/deltarender/engine/test_text_cache.py"


def state_of_text() -> str:
    """On what the layout of a text depends besides the text itself."""
    versions = (f"{name} {installed_version(name)}" for name in TEXT_LIBRARIES)
    variables = (f"{name}={os.environ.get(name, '')}" for name in TEXT_VARIABLES)
    return "; ".join([*versions, *variables, f"fonts {installed_fonts()}"])


@cache
def installed_fonts() -> str:
    """The state of the installed fonts when this was first called, or in the fork server."""
    return facts.fonts()


@contextlib.contextmanager
def text_cache(store: TextStore, folder: Path) -> Iterator[None]:
    """In the block, Manim takes compiled texts from `store`, and puts new ones there.

    `folder` belongs to this process. What a scene compiles into another folder is not shared.
    """
    folders = folder / "tex", folder / "texts"
    config.tex_dir, config.text_dir = (str(path) for path in folders)
    with applied(*text_patches(store, *folders)):
        yield


def text_patches(store: TextStore, tex: Path, texts: Path) -> tuple[Patch, ...]:
    """The table of functions that compile texts; `tex` and `texts` are this process's folders."""
    compile_tex, compile_typst = _shared_tex(store, tex), _shared_typst(store, tex)
    rows: list[tuple[Any, str, Any, str]] = [
        (tex_file_writing, "tex_to_svg_file", compile_tex, "test_latex_is_compiled_once"),
        (tex_mobject, "tex_to_svg_file", compile_tex, "test_latex_is_compiled_once"),
        (typst_file_writing, "typst_to_svg_file", compile_typst, "test_texts_are_compiled_once"),
        (typst_mobject, "typst_to_svg_file", compile_typst, "test_texts_are_compiled_once"),
    ]
    for cls in (Text, MarkupText):
        compile_pango = _shared_pango(cls, store, texts)
        rows.append((cls, "_text2svg", compile_pango, "test_texts_are_compiled_once"))
    reason = "compiles in each process, and again after a scene has failed"
    return tuple(
        Patch(owner, attribute, function, reason, f"{_TESTS}::{test}")
        for owner, attribute, function, test in rows
    )


def _shared_tex(store: TextStore, folder: Path) -> Callable[..., Path]:
    original: Any = tex_file_writing.tex_to_svg_file

    def tex_to_svg_file(
        expression: str, environment: str | None = None, tex_template: Any = None
    ) -> Path:
        template = config["tex_template"] if tex_template is None else tex_template
        source = tex_file_writing.generate_tex_file(expression, environment, template)
        svg = source.with_suffix(".svg")
        with contextlib.ExitStack() as stack:
            if source.parent == folder and not _READS_FILES.search(source.read_text()):
                compiler = f"{template.tex_compiler} {template.output_format}"
                stack.enter_context(store.text(f"{source.stem}-{_short_hash(compiler)}.svg", svg))
            stack.enter_context(explained(expression, source))
            path: Path = original(expression, environment, tex_template)
            return path

    return tex_to_svg_file


def _shared_typst(store: TextStore, folder: Path) -> Callable[..., Path]:
    original: Any = typst_file_writing.typst_to_svg_file

    def typst_to_svg_file(
        typst_code: str,
        preamble: str = "",
        text_size: float = typst_file_writing.TYPST_COMPILATION_FONT_SIZE,
        font_paths: Any = None,
    ) -> Path:
        place = config.get_dir("tex_dir")
        reads = files_named_in(f"{preamble}\n{typst_code}", place, place)
        with contextlib.ExitStack() as stack:
            if place == folder and not font_paths and next(reads, None) is None:
                source = typst_file_writing.TYPST_TEMPLATE.format(
                    text_size=text_size, preamble=preamble, body=typst_code
                )
                name = f"{typst_file_writing._typst_hash(source)}.svg"
                stack.enter_context(store.text(name, folder / name))
            path: Path = original(typst_code, preamble, text_size, font_paths)
            return path

    return typst_to_svg_file


def _shared_pango(cls: Any, store: TextStore, folder: Path) -> Callable[..., str]:
    original: Any = vars(cls)["_text2svg"]

    def _text2svg(self: Any, color: Any) -> str:
        with contextlib.ExitStack() as stack:
            if config.get_dir("text_dir") == folder:
                text_hash = self._text2hash(color)
                # Pango wraps lines at the width of the picture.
                size = f"{config.pixel_width}x{config.pixel_height}"
                local = folder / f"{text_hash}.svg"
                stack.enter_context(store.text(f"{text_hash}-{size}.svg", local))
            svg: str = original(self, color)
            return svg

    return _text2svg


def _short_hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]
