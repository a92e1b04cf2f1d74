"""What is done for every mobject of every frame, in C: see native/native.h."""

from collections.abc import Callable, Mapping
from typing import Any

import cairo
import numpy as np
import numpy.typing as npt

SOURCES: str  # the digest of the sources it was built from
CAIRO: str  # the version of the cairo that is called
ORDINARY: int  # the class leaves it to Manim who belongs to a family
BY_LOOKS: int  # what a mobject draws depends on its points, colours, widths and styles alone
NOTHING: int  # cameras pass over it
UPDATED: int  # the class leaves `update` to Manim
ANCHORED: int  # and what the ends of its curves are

Rect = tuple[int, int, int, int]  # left, top, right, bottom in pixels
View = tuple[float, ...]  # a cairo matrix; width, height in pixels; pixels a line width

def boxes(
    marks: npt.NDArray[np.bool_], tile: int, width: int, height: int, most: int
) -> list[Rect]:
    """At most `most` (1 to 48) disjoint rectangles that cover the marked tiles (rows, columns).

    A tile has `tile` pixels a side; the picture is `width` by `height` pixels.
    """

def displayed(mobjects: list[Any], by_z: bool, kinds: dict[type, int]) -> list[Any] | None:
    """The members with points of all families, in the order of drawing, each once.

    None if a class, by `kinds`, has its own idea of a family.
    """

def family(mobject: Any, with_points: bool, kinds: dict[type, int]) -> list[Any] | None:
    """A mobject and all below it, each once; only those with points, if so wanted.

    None if a class, by `kinds`, has its own idea of a family.
    """

def update(
    mobject: Any,
    dt: float,
    recursive: bool,
    kinds: dict[type, int],
    takes_dt: Callable[[Any], bool],
) -> None:
    """Call the updaters of a mobject and, if `recursive`, of all below it.

    `takes_dt` tells which want the seconds that have passed.
    """

def interpolate(start: Any, end: Any, alpha: Any) -> Any:
    """(1 - alpha) start + alpha end for two floats or arrays of doubles of one shape.

    NotImplemented for anything else.
    """

def boundary(members: list[Any], kinds: dict[type, int]) -> npt.NDArray[np.float64] | None:
    """The ends (n, 3) of the curves of mobjects, in order.

    None if there are none, or if a class or its points are not as usual.
    """

def critical_point(
    points: npt.NDArray[Any], direction: tuple[float, float, float]
) -> npt.NDArray[np.float64] | None:
    """The place, by `direction` along each axis, of the least, the middle or the greatest.

    None if `points` (n, 3) are none, not doubles or not finite.
    """

def outline(context: cairo.Context[Any], points: npt.NDArray[Any], tolerance: float) -> bool:
    """Make the path through `points` (4 n, 3), ends within `tolerance` joined.

    False, and nothing done, if they are not of that shape, not doubles or not finite.
    """

def to_yuv(pixels: npt.NDArray[Any], rect: Rect, into: npt.NDArray[Any]) -> None:
    """Write a part of `pixels` (height, width, 4; RGBA bytes) into `into` as YUV 4:2:0 of BT.601.

    The edges of `rect` are even; its three planes lie one after the other. Raises ValueError.
    """

class Canvas:
    """The looks of the mobjects that a picture shows.

    `kinds` tells of a class, in bits, what is known of its mobjects; `joins` and `caps` are cairo's
    numbers for Manim's styles of lines.
    """

    known: bool  # whether the picture shows what was read last; whoever draws it says so

    def __init__(
        self, kinds: dict[type, int], joins: Mapping[Any, int], caps: Mapping[Any, int]
    ) -> None: ...
    def read(
        self, mobjects: list[Any], view: View, marks: npt.NDArray[np.bool_], tile: int
    ) -> bool | None:
        """Take in how mobjects look now; mark the tiles (rows, columns) where that has changed.

        True if everything is to be drawn anew; None if it cannot be told how one is drawn.
        """

    def draw(
        self,
        context: cairo.Context[Any],
        rect: Rect,
        above: int,
        pixels: npt.NDArray[Any],
        below: npt.NDArray[Any],
        sheet: npt.NDArray[Any],
        mobjects: list[Any],
        camera: Any,
        paints: Callable[[Any], bool] | None,
    ) -> None:
        """Draw within `rect` what was read, over `below`; all pictures (height, width, 4).

        It is drawn on `sheet`, `above` rows more on each side, and only `rect` of that kept. What
        cannot be drawn from its looks, or what `paints` says of, `camera` displays with `context`,
        which draws on `sheet`.
        """

class Coder:
    """Codes pictures as H.264, each as the changes of the one before: see native/h264/h264.h.

    `width` and `height` are even; there are `rate` / `scale` pictures a second. The quantizers, 12
    to 29, are those of what changes, of keys, and of what moves, which is made good once it rests;
    a step of 6 doubles what is rounded away.
    """

    def __init__(
        self, width: int, height: int, rate: int, scale: int, quantizers: tuple[int, int, int]
    ) -> None: ...
    def put(self, rect: Rect, samples: npt.NDArray[np.uint8]) -> None:
        """Let the picture show, from `code` on, what `to_yuv` has made of a part of it.

        Raises ValueError for odd edges, a part beyond the picture, or too few samples.
        """

    def code(self, key: bool, first: bool) -> bytes:
        """The picture as a NAL unit; a key depends on none before, a first key begins a film."""

    def sets(self) -> bytes:
        """The parameter sets that a decoder is to be given first, as NAL units."""

    def shown(self) -> npt.NDArray[np.uint8]:
        """What a decoder shows of the last picture: three planes, one after the other."""
