"""Typst markup as outlines: compiled once a text, each letter's outline read once a process.

A scene sets a hundred short texts. Manim's own import writes two files for each, parses every
letter anew and copies the result; here the compiler stays in memory with its fonts, and a letter
that was seen before is only moved to its place.
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
from manim.mobject.svg.svg_mobject import VMobjectFromSVGPath

from gradreel.errors import UsageError
from gradreel.theme import colors

Points = npt.NDArray[np.float64]
Matrix = npt.NDArray[np.float64]

EM_PER_POINT = 1 / 96
"""One em in frame units at font size 1, as Manim's own text classes have it."""

_BODY = 10.0  # pt; what one em is while compiling
_HEAD = f"#set page(width: auto, height: auto, margin: 0pt, fill: none)\n#set text(size: {_BODY}pt)"
_SVG = "{http://www.w3.org/2000/svg}"
_LINK = "{http://www.w3.org/1999/xlink}href"
_BLACK = "#000000"
# Letters of the fonts that the compiler brings along; others may need a font of the machine.
_CARRIED = re.compile("[\0-\u058f\u1e00-\u2bff\U0001d400-\U0001d7ff]*")


@dataclass(frozen=True, slots=True)
class Outline:
    """One letter or line of a text: Bézier points (4 n, 3) in em, y upwards.

    `fill` and `stroke` are hex colours or ""; black stands for the colour of the text. `width` is
    the stroke's, in em.
    """

    points: Points
    fill: str
    stroke: str = ""
    width: float = 0.0


class Typeset(VGroup):
    """Typst markup set in the fonts that the compiler carries, one submobject a letter.

    With `whole`, letters of one colour are one submobject: for text that is never taken apart,
    which is quicker to draw. Raises UsageError for markup that cannot be compiled.
    """

    def __init__(
        self, markup: str, *, font_size: float, color: str = "", preamble: str = "",
        whole: bool = False,
    ) -> None:  # fmt: skip
        super().__init__()
        self.typst_code = markup
        outlines = compile_outlines(markup, preamble)
        scale = font_size * EM_PER_POINT
        for outline in _joined(outlines) if whole else outlines:
            self.add(_drawn(outline, scale, color or colors.text))
        self._set_at, self._set_height = font_size, self.height
        self.center()

    @property
    def font_size(self) -> float:
        """The size of the letters now, whatever scaling they have been through."""
        return self._set_at * (self.height / self._set_height if self._set_height else 1.0)

    def scale(self, scale_factor: float, scale_stroke: bool = True, **about: Any) -> Self:
        """As everywhere; lines keep their weight beside the letters."""
        return super().scale(scale_factor, scale_stroke, **about)


def _drawn(outline: Outline, scale: float, base: str) -> VMobject:
    part = VMobject(
        fill_color=_color(outline.fill, base),
        fill_opacity=1.0 if outline.fill else 0.0,
        stroke_color=_color(outline.stroke or outline.fill, base),
        stroke_width=outline.width * scale * 100,  # Manim counts strokes in hundredths of a unit
    )
    part.points = outline.points * scale
    return part


def _color(given: str, base: str) -> str:
    return base if given in ("", _BLACK) else given


def _joined(outlines: tuple[Outline, ...]) -> Iterator[Outline]:
    looks = dict.fromkeys((o.fill, o.stroke, o.width) for o in outlines)
    for fill, stroke, width in looks:
        alike = [o.points for o in outlines if (o.fill, o.stroke, o.width) == (fill, stroke, width)]
        yield Outline(np.concatenate(alike), fill, stroke, width)


# -- compiling ---------------------------------------------------------------------------------


@cache
def compile_outlines(markup: str, preamble: str = "") -> tuple[Outline, ...]:
    """The outlines of `markup`, in the order in which Typst draws them."""
    source = f"{_HEAD}\n{preamble}\n{markup}\n"
    try:
        svg = _compiler(bool(_CARRIED.fullmatch(source))).compile(source.encode(), format="svg")
    except typst.TypstError as error:
        raise UsageError(
            f"this text cannot be typeset: {str(error).strip()}", where=repr(markup),
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
    """A compiler that keeps its fonts; only the carried ones where these are enough."""
    return typst.Compiler(ignore_system_fonts=carried)


def _path_of(symbol: ElementTree.Element) -> str:
    path = symbol.find(f"{_SVG}path")
    return path.get("d", "") if path is not None else ""


def _outlines(
    element: ElementTree.Element, placed: Matrix, symbols: dict[str, str]
) -> Iterator[Outline]:
    for child in element:
        here = placed @ _matrix(child.get("transform", ""))
        match child.tag.removeprefix(_SVG):
            case "g":
                yield from _outlines(child, here, symbols)
            case "use":
                here = here @ _shift(float(child.get("x", 0)), float(child.get("y", 0)))
                d = symbols.get(child.get(_LINK, "").removeprefix("#"), "")
                yield from _placed(d, here, child)
            case "path":
                yield from _placed(child.get("d", ""), here, child)
            case "defs":
                pass
            case other:
                raise UsageError(f"a text cannot hold what Typst draws as <{other}>.")


def _placed(d: str, here: Matrix, style: ElementTree.Element) -> Iterator[Outline]:
    points = _points(d)
    if not len(points):
        return
    fill, stroke = (_paint(style.get(kind, "none")) for kind in ("fill", "stroke"))
    width = float(style.get("stroke-width", 0)) if stroke else 0.0
    if stroke and not fill and len(points) == 4:
        # A line, such as a fraction's: as a filled bar it scales and morphs like the letters.
        yield Outline(_moved(_bar(points, width), here), stroke)
    else:
        yield Outline(_moved(points, here), fill, stroke, width / _BODY)


def _paint(value: str) -> str:
    if value.startswith("url"):
        raise UsageError("a text cannot hold a gradient or a pattern.")
    return "" if value == "none" else value[:7]


def _moved(points: Points, matrix: Matrix) -> Points:
    result = np.zeros_like(points)
    result[:, :2] = points[:, :2] @ matrix[:2, :2].T + matrix[:2, 2]
    return result


@cache
def _points(d: str) -> Points:
    """The Bézier points of an SVG path, as Manim makes them."""
    points: Points = VMobjectFromSVGPath(svgelements.Path(d)).points
    points.setflags(write=False)
    return points


def _bar(line: Points, width: float) -> Points:
    """A straight line as the rectangle that its stroke fills."""
    along = line[3] - line[0]
    length = float(np.hypot(along[0], along[1])) or 1.0
    aside = np.array([-along[1], along[0], 0.0]) * width / 2 / length
    corners = [line[0] + aside, line[3] + aside, line[3] - aside, line[0] - aside, line[0] + aside]
    steps = np.linspace(0, 1, 4)[:, None]
    sides = [a + (b - a) * steps for a, b in zip(corners, corners[1:], strict=False)]
    return np.concatenate(sides)


def _matrix(transform: str) -> Matrix:
    if not transform:
        return np.eye(3)
    m = svgelements.Matrix(transform)
    return np.array([[m.a, m.c, m.e], [m.b, m.d, m.f], [0.0, 0.0, 1.0]])


def _shift(x: float, y: float) -> Matrix:
    return np.array([[1.0, 0.0, x], [0.0, 1.0, y], [0.0, 0.0, 1.0]])
