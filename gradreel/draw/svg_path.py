"""The paths of letters in Typst's SVG as Bézier points, equal to those of Manim's import.

Manim reads a path with svgelements, which makes several objects for each number: 1.5 ms for a
letter, and a scene has sixty different ones. Typst writes few commands and always with spaces, so
that a loop over the words is enough. Any other path is left to Manim.
"""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt
import svgelements
from manim.mobject.svg.svg_mobject import VMobjectFromSVGPath

Points = npt.NDArray[np.float64]
Point = tuple[float, float]

_CLOSE_ENOUGH = 1e-4  # Manim draws no closing line that is shorter
_WORD = re.compile(r"[a-zA-Z]|[^a-zA-Z\s]+")
_COUNTS = {"m": 2, "l": 2, "h": 1, "v": 1, "q": 4, "c": 6, "z": 0}


def path_points(d: str) -> Points:
    """The points (4 n, 3) of the cubic curves of a path, as Manim computes them."""
    try:
        points = _Pen().run(_WORD.findall(d))
    except ValueError:
        return VMobjectFromSVGPath(svgelements.Path(d)).points
    result = np.zeros((len(points), 3))
    if points:
        result[:, :2] = points
    return result


class _Pen:
    """Follows the commands of a path. `last` is where Manim's drawing stands.

    The path itself may stand elsewhere, at `at`: a figure that is nearly closed gets no line.
    """

    def __init__(self) -> None:
        self.points: list[Point] = []
        self.at = self.last = self.start = (0.0, 0.0)

    def run(self, words: list[str]) -> list[Point]:
        """All points. Raises ValueError for a command or a number that Typst does not write."""
        position = 0
        while position < len(words):
            command = words[position]
            kind = command.lower()
            count = _COUNTS.get(kind, -1)
            numbers = [float(word) for word in words[position + 1 : position + 1 + count]]
            if count < 0 or len(numbers) < count or (not position and kind != "m"):
                raise ValueError(f"not a path of Typst: {command}")
            self._draw(kind, self._absolute(kind, numbers, command == kind))
            position += 1 + count
        return self.points

    def _absolute(self, kind: str, numbers: list[float], relative: bool) -> list[Point]:
        x, y = self.at
        if kind == "h":
            return [(x + numbers[0] if relative else numbers[0], y)]
        if kind == "v":
            return [(x, y + numbers[0] if relative else numbers[0])]
        pairs = zip(numbers[::2], numbers[1::2], strict=True)
        return [(x + a, y + b) for a, b in pairs] if relative else list(pairs)

    def _draw(self, kind: str, to: list[Point]) -> None:
        if kind == "z":
            (x0, y0), (x1, y1) = self.last, self.start
            if np.hypot(x0 - x1, y0 - y1) > _CLOSE_ENOUGH:
                self._line(self.start)
            self.at = self.start
            return
        if kind == "m":
            self.start = self.last = to[0]
        elif kind == "q":
            self._quadratic(*to)
        elif kind == "c":
            self._cubic(*to)
        else:
            self._line(to[0])
        self.at = to[-1]

    def _line(self, to: Point) -> None:
        (x0, y0), (x1, y1) = self.last, to
        first = (x0 + x0 + x1) / 3, (y0 + y0 + y1) / 3
        self._cubic(first, ((x0 + x1 + x1) / 3, (y0 + y1 + y1) / 3), to)

    def _quadratic(self, control: Point, to: Point) -> None:
        (x0, y0), (x, y), (x1, y1) = self.last, control, to
        first = (x0 + x + x) / 3, (y0 + y + y) / 3
        self._cubic(first, ((x + x + x1) / 3, (y + y + y1) / 3), to)

    def _cubic(self, first: Point, second: Point, to: Point) -> None:
        self.points += (self.last, first, second, to)
        self.last = to
