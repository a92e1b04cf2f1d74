"""Typst markup as outlines: each text is compiled once, each letter's outline parsed once.

A scene typesets about a hundred short texts. Manim's own import writes two files for each, parses
every letter again and copies the result; here the compiler keeps its fonts in memory, and the
outline of a letter is cached per process.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Self, cast
from xml.etree import ElementTree

import numpy as np
import numpy.typing as npt
import svgelements
import typst
from manim import VGroup, VMobject

from gradreel.draw.svg_path import path_points
from gradreel.errors import UsageError
from gradreel.theme import colors

Points = npt.NDArray[np.float64]
Matrix = npt.NDArray[np.float64]

EM_PER_POINT = 1 / 96
"""One em in frame units at font size 1, as in Manim's own text classes."""

_BODY = 10.0  # pt; one em in the compiled SVG
_HEAD = f"#set page(width: auto, height: auto, margin: 0pt, fill: none)\n#set text(size: {_BODY}pt)"
_SVG = "{http://www.w3.org/2000/svg}"
_LINK = "{http://www.w3.org/1999/xlink}href"
_BLACK = "#000000"
_BASELINE_MARK = "#010203"
# Characters of the fonts that the compiler carries; others may need a system font.
_CARRIED = re.compile("[\0-\u058f\u1e00-\u2bff\U0001d400-\U0001d7ff]*")


@dataclass(frozen=True, slots=True)
class Outline:
    """One letter or line of a text: Bézier points (4 n, 3) in em, y upward.

    `fill` and `stroke` are hex colors or ""; black stands for the color of the text. `width` is
    the stroke width in em.
    """

    points: Points
    fill: str
    stroke: str = ""
    width: float = 0.0


class Typeset(VGroup):
    """Typst markup in the fonts that the compiler carries, one submobject per letter.

    With `merged`, all letters of one color are one submobject: faster to draw, for text whose
    letters are never used separately. Raises UsageError for markup that cannot be compiled.
    """

    def __init__(
        self, markup: str, *, font_size: float, color: str = "", preamble: str = "",
        merged: bool = False,
    ) -> None:  # fmt: skip
        super().__init__()
        self.typst_code, self._preamble = markup, preamble
        outlines = compile_outlines(markup, preamble)
        scale = font_size * EM_PER_POINT
        for outline in _merged_by_color(outlines) if merged else outlines:
            self.add(_mobject(outline, scale, color or colors.text))
        self._initial_size, self._initial_height = font_size, self.height
        self.center()

    @property
    def font_size(self) -> float:
        """The current font size, after any scaling."""
        scale = self.height / self._initial_height if self._initial_height else 1.0
        return self._initial_size * scale

    @property
    def baseline(self) -> float:
        """The y of the baseline on which a text of one line stands, after any move and scaling."""
        above = _baseline_above_bottom(self.typst_code, self._preamble)
        return float(self.get_bottom()[1]) + above * self.font_size * EM_PER_POINT

    def scale(self, scale_factor: float, scale_stroke: bool = True, **about: Any) -> Self:
        """As Mobject.scale, but strokes are scaled with the letters by default."""
        return super().scale(scale_factor, scale_stroke, **about)


@cache
def _baseline_above_bottom(markup: str, preamble: str) -> float:
    """The height of the baseline above the lowest point of a text's outlines, in em.

    An H of no width, in a color that no text has, stands on the baseline.
    """
    mark = f'#box(width: 0pt, text(fill: rgb("{_BASELINE_MARK}"), "H"))'
    is_math = markup.endswith(" $")
    marked = f"{markup.removesuffix(' $')} {mark} $" if is_math else f"{markup}{mark}"
    lowest = {True: np.inf, False: np.inf}
    for outline in compile_outlines(marked, preamble):
        is_mark = outline.fill.upper() == _BASELINE_MARK
        lowest[is_mark] = min(lowest[is_mark], float(outline.points[:, 1].min()))
    return lowest[True] - lowest[False] if np.isfinite(lowest[False]) else 0.0


def marker_color(index: int) -> str:
    """A fill color that marks the outlines of part `index` of a text, to find them again."""
    return f"#0000{index + 1:02X}"


def _mobject(outline: Outline, scale: float, base: str) -> VMobject:
    part = VMobject(
        fill_color=_color(outline.fill, base),
        fill_opacity=1.0 if outline.fill else 0.0,
        stroke_color=_color(outline.stroke or outline.fill, base),
        stroke_width=outline.width * scale * 100,  # Manim's unit is 1/100 of a frame unit
    )
    part.points = outline.points * scale
    return part


def _color(color: str, base: str) -> str:
    return base if color in ("", _BLACK) else color


def _merged_by_color(outlines: tuple[Outline, ...]) -> Iterator[Outline]:
    styles = dict.fromkeys((o.fill, o.stroke, o.width) for o in outlines)
    for fill, stroke, width in styles:
        same = [o.points for o in outlines if (o.fill, o.stroke, o.width) == (fill, stroke, width)]
        yield Outline(np.concatenate(same), fill, stroke, width)


# Compilation


def _as_written(markup: str) -> str:
    """Markup without the signs that `draw.text.math` has put around it."""
    is_math = markup.startswith("$ ") and markup.endswith(" $") and len(markup) > 3
    return markup[2:-2] if is_math else markup


@cache
def compile_outlines(markup: str, preamble: str = "") -> tuple[Outline, ...]:
    """The outlines of `markup`, in the order in which Typst draws them."""
    source = f"{_HEAD}\n{preamble}\n{markup}\n"
    try:
        svg = _compiler(bool(_CARRIED.fullmatch(source))).compile(source.encode(), format="svg")
    except typst.TypstError as error:
        raise UsageError(
            f"{_as_written(markup)!r} cannot be typeset: {str(error).strip()}",
            hint="Mark special characters with a backslash, or pass words through draw.text.text.",
        ) from None  # fmt: skip
    root = ElementTree.fromstring(cast(bytes, svg))
    symbols = {
        symbol.get("id", ""): _path_of(symbol) for symbol in root.iter(f"{_SVG}symbol")
    }  # fmt: skip
    flip = np.diag([1 / _BODY, -1 / _BODY, 1.0])
    return tuple(_outlines(root, flip, symbols))


@cache
def _compiler(carried: bool) -> typst.Compiler:
    """A compiler that keeps its fonts loaded; with `carried`, without the system fonts."""
    return typst.Compiler(ignore_system_fonts=carried)


def _path_of(symbol: ElementTree.Element) -> str:
    path = symbol.find(f"{_SVG}path")
    return path.get("d", "") if path is not None else ""


def _outlines(
    element: ElementTree.Element, transform: Matrix, symbols: dict[str, str]
) -> Iterator[Outline]:
    for child in element:
        matrix = transform @ _matrix(child.get("transform", ""))
        match child.tag.removeprefix(_SVG):
            case "g":
                yield from _outlines(child, matrix, symbols)
            case "use":
                matrix = matrix @ _translation(float(child.get("x", 0)), float(child.get("y", 0)))
                d = symbols.get(child.get(_LINK, "").removeprefix("#"), "")
                yield from _path_outline(d, matrix, child)
            case "path":
                yield from _path_outline(child.get("d", ""), matrix, child)
            case "defs":
                pass
            case other:
                raise UsageError(f"a text cannot contain what Typst draws as <{other}>.")


def _path_outline(d: str, matrix: Matrix, style: ElementTree.Element) -> Iterator[Outline]:
    points = _points(d)
    if not len(points):
        return
    fill, stroke = (_paint(style.get(kind, "none")) for kind in ("fill", "stroke"))
    width = float(style.get("stroke-width", 0)) if stroke else 0.0
    if stroke and not fill and len(points) == 4:
        # A line, such as a fraction bar: as a filled rectangle it scales and morphs like letters.
        yield Outline(_transformed(_bar(points, width), matrix), stroke)
    else:
        yield Outline(_transformed(points, matrix), fill, stroke, width / _BODY)


def _paint(value: str) -> str:
    if value.startswith("url"):
        raise UsageError("a text cannot contain a gradient or a pattern.")
    return "" if value == "none" else value[:7]


def _transformed(points: Points, matrix: Matrix) -> Points:
    transformed = np.zeros_like(points)
    transformed[:, :2] = points[:, :2] @ matrix[:2, :2].T + matrix[:2, 2]
    return transformed


@cache
def _points(d: str) -> Points:
    """The Bézier points of an SVG path, as Manim computes them. Read-only."""
    points = path_points(d)
    points.setflags(write=False)
    return points


def _bar(line: Points, width: float) -> Points:
    """A straight line as the rectangle of its stroke."""
    along = line[3] - line[0]
    length = float(np.hypot(along[0], along[1])) or 1.0
    side = np.array([-along[1], along[0], 0.0]) * width / 2 / length
    corners = [line[0] + side, line[3] + side, line[3] - side, line[0] - side, line[0] + side]
    steps = np.linspace(0, 1, 4)[:, None]
    sides = [a + (b - a) * steps for a, b in zip(corners, corners[1:], strict=False)]
    return np.concatenate(sides)


def _matrix(transform: str) -> Matrix:
    if not transform:
        return np.eye(3)
    m = svgelements.Matrix(transform)
    return np.array([[m.a, m.c, m.e], [m.b, m.d, m.f], [0.0, 0.0, 1.0]])


def _translation(x: float, y: float) -> Matrix:
    return np.array([[1.0, 0.0, x], [0.0, 1.0, y], [0.0, 0.0, 1.0]])
