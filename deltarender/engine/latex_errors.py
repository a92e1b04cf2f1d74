"""LaTeX's own words for what is wrong with a formula, which Manim writes to a log file."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path

from manim.utils import tex_file_writing

from deltarender.errors import RenderError
from deltarender.regular_files import read_limited

_MARKS_OF_MANIM = re.compile(r"\\special\{dvisvgm:raw [^}]*\}")  # around each part of a MathTex
MAX_LOG_BYTES = 10_000_000
INSTALL_HINT = (
    "Install a LaTeX distribution with latex and dvisvgm, or write the formula with MathTypst, "
    "which needs neither."
)


class LatexError(RenderError, ValueError):
    """LaTeX refuses a formula. It is a ValueError, as in Manim."""


class LatexMissing(RenderError, FileNotFoundError):
    """A program of LaTeX is not installed. It is a FileNotFoundError, as in Manim."""


@contextlib.contextmanager
def explained(expression: str, source: Path) -> Iterator[None]:
    """In the block, `expression` is compiled from the file `source`: errors say what is wrong.

    Raises LatexError or LatexMissing; errors of which nothing more is known are left as they are.
    """
    try:
        yield
    except FileNotFoundError as error:
        program = error.filename
        if not isinstance(program, str) or "/" in program:
            raise
        raise LatexMissing(
            f"{program} is not installed, which Tex and MathTex need.", hint=INSTALL_HINT
        ) from error
    except Exception as error:
        reason = _reason(source.with_suffix(".log"))
        if not reason:
            raise
        shown = " ".join(_MARKS_OF_MANIM.sub("", expression).split())
        raise LatexError(f"LaTeX cannot set {shown}: {reason}", hint=_advice(reason)) from error


def _reason(log_file: Path) -> str:
    """The first error in a log of LaTeX, with the line of the source that it names; or ""."""
    try:
        log = read_limited(log_file, MAX_LOG_BYTES).decode(errors="replace").splitlines()
    except OSError:
        return ""
    start = next((k for k, line in enumerate(log) if line.startswith("!")), None)
    if start is None:
        return ""
    message = log[start].removeprefix("!").strip()
    at = next((line for line in log[start:] if re.match(r"l\.\d+ ", line)), "")
    place = at.partition(" ")[2].strip()
    return f"{message} (at {place})" if place else message


def _advice(reason: str) -> str:
    """What Manim advises for an error."""
    for pattern, advise in tex_file_writing.LATEX_ERROR_INSIGHTS:
        if match := re.search(pattern, reason):
            return " ".join(advise(match))
    return ""
