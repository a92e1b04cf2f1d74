"""Hooks that report files which libraries read in native code: fonts, videos, Typst sources.

Audit hooks of Python do not see these reads. Each such file is reported to the caller, who counts
it as read by the scene. Text that depends on such a file is compiled again: Manim's text cache is
keyed by the text alone and would return the result of the old file.
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
from manim.utils import typst_file_writing

from deltarender import _native
from deltarender.engine.patching import Patch, apply

ReportRead = Callable[[str], None]  # called with the path of a file that the scene depends on

_QUOTED = re.compile(r'"((?:[^"\\\n]|\\.)+)"')
_TEST = "tests/deltarender/engine/test_asset_read_hooks.py::"


def install_read_hooks(report: ReportRead, folder: Path) -> None:
    """Call `report` with every such file from now on.

    `folder` belongs to this render alone; text set in registered fonts is cached there.
    """
    apply(read_hooks(report, folder))


def read_hooks(report: ReportRead, folder: Path) -> tuple[Patch, ...]:
    """The table of hooks; see `install_read_hooks`."""
    return (*_font_hooks(report, folder), _video_hook(report), *_typst_hooks(report))


def _font_hooks(report: ReportRead, folder: Path) -> tuple[Patch, ...]:
    def with_report(register: Any) -> Any:
        def register_font(font_path: str) -> Any:
            report(font_path)
            config.text_dir = str(folder / "texts")
            return register(font_path)

        return register_font

    return tuple(
        Patch(
            manimpango, name, with_report(getattr(manimpango, name)),
            "Pango reads the font file in C", _TEST + "test_a_registered_font_is_reported",
        )
        for name in ("register_font", "fc_register_font")
    )  # fmt: skip


def _video_hook(report: ReportRead) -> Patch:
    original: Any = av.open

    def open_container(file: Any, mode: str | None = None, *args: Any, **options: Any) -> Any:
        if isinstance(file, (str, Path)) and mode in (None, "r"):
            report(str(file))
        return original(file, mode, *args, **options)

    return Patch(
        av, "open", open_container, "FFmpeg reads the file in C",
        _TEST + "test_an_opened_video_is_reported",
    )  # fmt: skip


def _typst_hooks(report: ReportRead) -> tuple[Patch, ...]:
    compile_svg = _fresh_typst_to_svg(report)
    reason = "Typst reads imported files in Rust, and Manim caches by the text alone"
    test = _TEST + "test_text_is_compiled_again_when_an_imported_file_changes"
    return (
        Patch(typst_file_writing, "typst_to_svg_file", compile_svg, reason, test),
        Patch(typst_mobject, "typst_to_svg_file", compile_svg, reason, test),
        Patch(
            typst, "Compiler", _reporting_compiler(report), "Typst reads imported files in Rust",
            _TEST + "test_files_of_a_typst_compiler_are_reported",
        ),
    )  # fmt: skip


def _fresh_typst_to_svg(report: ReportRead) -> Callable[..., Path]:
    """Manim's `typst_to_svg_file`, without its cache for texts that name files."""
    original: Any = typst_file_writing.typst_to_svg_file

    def typst_to_svg_file(typst_code: str, preamble: str = "", *args: Any, **options: Any) -> Path:
        folder = config.get_dir("tex_dir")
        files = list(files_named_in(f"{preamble}\n{typst_code}", folder, folder))
        for file in files:
            report(str(file))
        cached = set(folder.glob("*.svg")) if files else set()
        svg: Path = original(typst_code, preamble, *args, **options)
        if svg in cached:
            svg.unlink()
            original(typst_code, preamble, *args, **options)
        return svg

    return typst_to_svg_file


def _reporting_compiler(report: ReportRead) -> type:
    """A class that wraps `typst.Compiler`, which cannot be subclassed."""
    original: Any = typst.Compiler

    class Compiler:
        """Typst's compiler, which reports the files that a source names."""

        def __init__(self, *args: Any, **options: Any) -> None:
            self._compiler = original(*args, **options)

        def __getattr__(self, name: str) -> Any:
            return getattr(self._compiler, name)

        def compile(self, input: Any = None, **options: Any) -> Any:
            """See typst.Compiler.compile."""
            if isinstance(input, bytes):
                for file in files_named_in(input.decode(), Path.cwd(), Path.cwd()):
                    report(str(file))
            return self._compiler.compile(input, **options)

    return Compiler


def files_named_in(source: str, folder: Path, root: Path) -> Iterator[Path]:
    """The existing files that a Typst source in `folder` names, and those that they name in turn.

    A path with a leading slash is relative to `root`. Paths that the source computes are not found.
    """
    pending, visited = [(source, folder)], set()
    while pending:
        text, text_folder = pending.pop()
        for name in _QUOTED.findall(text):
            path = root / name.lstrip("/") if name.startswith("/") else text_folder / name
            # isfile accepts any string; most of these are words, so it does not count as a question
            if path in visited or not _native.call_unheard(os.path.isfile, path):
                continue
            visited.add(path)
            yield path
            if path.suffix == ".typ":
                pending.append((path.read_text(errors="replace"), path.parent))
