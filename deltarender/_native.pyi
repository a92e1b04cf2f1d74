"""The C extension: work that is done for every mobject and every frame. Sources: _native/*.c.

Rectangles are (left, top, right, bottom) in pixels; right and bottom are excluded. `traits` maps a
class of mobjects to a bit set of the constants below.
"""

from collections.abc import Callable, Mapping
from typing import Any

import cairo
import numpy as np
import numpy.typing as npt

SOURCE_DIGEST: str  # native_build.source_digest() of the sources it was built from
CAIRO_VERSION: str  # of the cairo library that it calls

# What a class of mobjects leaves as Manim defines it.
DEFAULT_FAMILY: int  # the methods that list the members of a family
DEFAULT_DRAWING: int  # the methods that a camera calls to draw a VMobject
NOT_DRAWN: int  # cameras ignore its mobjects
DEFAULT_UPDATE: int  # the method `update`
DEFAULT_ANCHORS: int  # the methods that return anchors of curves

# How objects of a class are copied.
COPY_OTHERWISE: int  # by copy.deepcopy
COPY_NOTHING: int  # not at all
COPY_LIST: int
COPY_TUPLE: int
COPY_DICT: int
COPY_ARRAY: int
COPY_INSTANCE: int  # by copying their dict, which is all they have
COPY_MOBJECT: int  # by Mobject.__deepcopy__

# Kinds of events: what a process was heard to do.
EVENT_READ: int  # a file was opened for reading
EVENT_SOURCE: int  # a Python source was loaded
EVENT_MODULE: int  # a module was looked for in a folder; the path is both together
EVENT_WRITE: int  # a file was created, emptied or replaced; the data is a checksum of what it was
EVENT_UPDATE: int  # opened for reading and writing, with its content; the data is its checksum
EVENT_APPEND: int  # opened for writing only, with its content
EVENT_REMOVE: int
EVENT_STATUS: int  # asked whether a path exists, or for its size
EVENT_LINK: int  # asked what a path is without following it
EVENT_LISTING: int  # the data are the names in a folder
EVENT_LOADED: int  # a library was mapped
EVENT_VARIABLE: int  # an environment variable was asked for in C
EVENT_PROGRAM: int
EVENT_NETWORK: int
EVENT_CLOCK: int
EVENT_TIMEZONE: int
EVENT_RANDOM: int

Rect = tuple[int, int, int, int]
View = tuple[float, ...]  # a cairo matrix (6); width and height in pixels; pixels per line width

def bounding_rects(
    marks: npt.NDArray[np.bool_], tile_size: int, width: int, height: int, max_count: int
) -> list[Rect]:
    """Disjoint rectangles that cover all marked tiles; at most `max_count` of them.

    `marks` (rows, columns) is contiguous. A tile has `tile_size` pixels a side; rectangles are
    clipped to `width` and `height`, in pixels. Never returns more than 48. Raises ValueError for
    marks of another kind, tiles without pixels, or if no rectangle is allowed.
    """

def mobjects_to_display(
    mobjects: list[Any], use_z_index: bool, traits: dict[type, int]
) -> list[Any] | None:
    """The members with points of the families of `mobjects`, in the order of drawing, each once.

    None if a class overrides methods that list a family, or a z_index is not a number.
    """

def family(mobject: Any, with_points: bool, traits: dict[type, int]) -> list[Any] | None:
    """A mobject and all mobjects below it, each once; if `with_points`, only those with points.

    None if a class overrides methods that list a family.
    """

def transform_image(
    pixels: npt.NDArray[np.uint8], coefficients: tuple[float, ...], rect: Rect
) -> npt.NDArray[np.uint8]:
    """The rectangle `rect` of an image (height, width, 4) in perspective: (rows, columns, 4).

    The eight `coefficients` are those of Pillow's `Image.transform`; pixels are interpolated by
    cubics, as there, in four independent channels. Raises ValueError for arrays of another kind.
    """

def update(
    mobject: Any,
    dt: float,
    recursive: bool,
    traits: dict[type, int],
    takes_dt: Callable[[Any], bool],
) -> None:
    """Call the updaters of a mobject and, if `recursive`, of all mobjects below it.

    `dt` is the time since the last update in seconds; updaters for which `takes_dt` is true get
    it as their second argument.
    """

def interpolate(start: Any, end: Any, alpha: Any) -> Any:
    """(1 - alpha) * start + alpha * end of two floats, or of two arrays of doubles of one shape.

    NotImplemented for other types.
    """

def curve_anchors(members: list[Any], traits: dict[type, int]) -> npt.NDArray[np.float64] | None:
    """The end points (n, 3) of all curves of mobjects, in order.

    None if there are none, if a class overrides the methods for anchors, or if points are not
    (4 n, 3) doubles.
    """

def copy_mobject(
    mobject: Any,
    memo: dict[int, Any],
    kinds: dict[type, int],
    deepcopy: Callable[[Any, dict[int, Any]], Any],
) -> Any:
    """The result of `Mobject.__deepcopy__(mobject, memo)`.

    `kinds` maps each class to a COPY_ constant; `deepcopy` copies what is COPY_OTHERWISE.
    """

def critical_point(
    points: npt.NDArray[Any], direction: tuple[float, float, float]
) -> npt.NDArray[np.float64] | None:
    """On each axis the least, middle or greatest coordinate, by the sign of `direction`.

    None if `points` (n, 3) are empty, not doubles or not finite.
    """

def set_path(context: cairo.Context[Any], points: npt.NDArray[Any], tolerance: float) -> bool:
    """Replace the path of a context by the curves through `points` (4 n, 3).

    Curves are joined where their ends differ by at most `tolerance`. Returns False, and leaves the
    path as it is, if the points have another shape, are not doubles or not finite. Raises
    TypeError for an object that is not a context.
    """

def rgba_to_yuv420p(pixels: npt.NDArray[Any], rect: Rect, output: npt.NDArray[Any]) -> None:
    """Convert a rectangle of `pixels` (height, width, 4), RGBA, to YUV 4:2:0, limited range.

    The matrix is that of BT.709 for heights of 720 and more, else that of BT.601.
    The edges of `rect` are even. `output` gets its planes Y, Cb and Cr, one after the other: 1.5
    bytes per pixel. Raises ValueError for arrays of another kind, for odd edges, and for a
    rectangle that is not within the picture.
    """

def hear_reads() -> bool:
    """Replace the functions of libc in all loaded libraries by those that record events.

    Call it again when libraries were loaded. Nothing is recorded before `start_reads`. Returns
    False on systems where that is not possible.
    """

def hear_python() -> None:
    """Hear what Python's own functions open and list, where `hear_reads` is not possible.

    This costs some time in every id(). It cannot be undone.
    """

def start_reads(is_of_scene: Callable[[int], bool]) -> None:
    """Begin to record events, in this process and those it forks; earlier events are forgotten.

    `is_of_scene` is called for events of the kinds CLOCK, TIMEZONE and RANDOM, which are recorded
    if it returns True.
    """

def stop_reads() -> None:
    """Record no more events."""

def read_events() -> tuple[
    list[tuple[int, bool, int, int, int, int, int, int, bytes, bytes]], bool
]:
    """All events, and whether there were too many to record them all.

    An event is kind, whether the path exists, its mode, device, inode, size, times of modification
    and change in nanoseconds, path, data. Of equal events, often only the first is recorded.
    """

def note_event(kind: int, path: str) -> None:
    """Record an event as if it had been heard."""

def call_unheard(function: Callable[..., Any], *arguments: Any) -> Any:
    """Call a function; events of this thread are not recorded meanwhile."""

def checksum(path: str) -> int:
    """A checksum of a file's content; 0 if it cannot be read or has more than 16 MB."""

class DisplayList:
    """The snapshots of all mobjects in a picture, compared from frame to frame.

    A snapshot is a copy of everything that the drawing of a mobject depends on. `line_joins` and
    `line_caps` map Manim's line styles to those of cairo. A method that is called while another
    one runs raises RuntimeError.
    """

    valid: bool  # whether the picture shows the last snapshots; the caller sets it after drawing

    def __init__(
        self, traits: dict[type, int], line_joins: Mapping[Any, int], line_caps: Mapping[Any, int]
    ) -> None: ...
    def take_snapshots(
        self, mobjects: list[Any], view: View, marks: npt.NDArray[np.bool_], tile_size: int
    ) -> bool | None:
        """Take snapshots of `mobjects`; mark the tiles (rows, columns) where the picture changes.

        Returns True if the whole picture has to be drawn, and None if it cannot be predicted what
        the drawing of a mobject depends on. Sets `valid` to False. Raises ValueError for marks of
        another kind.
        """

    def draw(
        self,
        context: cairo.Context[Any],
        rect: Rect,
        margin: int,
        pixels: npt.NDArray[Any],
        backdrop: npt.NDArray[Any],
        scratch: npt.NDArray[Any],
        mobjects: list[Any],
        camera: Any,
        needs_camera: Callable[[Any], bool] | None,
    ) -> None:
        """Draw the snapshots over `backdrop` within `rect`, and store that part in `pixels`.

        The pictures are (height, width, 4). `context` draws on `scratch`, in `margin` rows more
        above and below. `camera.display_vectorized` draws the mobjects that need more than their
        snapshot, and those for which `needs_camera` is true. Raises ValueError for pictures of
        another kind or other mobjects than those of the snapshots, TypeError for an object that is
        not a context, RuntimeError if cairo fails.
        """

class H264Encoder:
    """Encodes pictures as H.264, each as its difference from the last one.

    `width` and `height` are even, 2 to 16384; there are `rate` / `scale` pictures per second. The
    quantizers (QP, 12 to 35) are those of macroblocks at rest, of IDR pictures, and of macroblocks
    in motion, which are refined once they rest; faint ones get a lower QP. Raises ValueError for
    other settings. An encoder belongs to one thread at a time: a method that is called while
    another one runs raises RuntimeError.
    """

    def __init__(
        self, width: int, height: int, rate: int, scale: int, quantizers: tuple[int, int, int]
    ) -> None: ...
    def update_rect(self, rect: Rect, samples: npt.NDArray[np.uint8]) -> None:
        """Replace a rectangle of the picture to be encoded by the output of `rgba_to_yuv420p`.

        Raises ValueError for odd edges, a rectangle beyond the picture, or too few samples.
        """

    def encode(self, idr: bool, first: bool) -> bytes:
        """Encode the picture; returns a NAL unit with its start code.

        An IDR picture depends on no other picture. `first` says that an IDR picture begins a part
        of a film that may be joined to others.
        """

    def parameter_sets(self) -> bytes:
        """The SPS and the PPS, which a decoder needs before the first picture, as NAL units."""

    def reference(self) -> npt.NDArray[np.uint8]:
        """The last picture as decoders show it: planes Y, Cb and Cr, one after the other."""
