"""Wrong arguments to the C extension are Python exceptions, and never reach memory."""

from __future__ import annotations

import cairo
import numpy as np
import pytest
from manim import RIGHT, Camera, Circle, Dot, Square

from deltarender import _native
from deltarender._native import DisplayList, bounding_rects, set_path
from deltarender.engine import class_traits
from deltarender.engine.class_traits import CLASS_TRAITS
from deltarender.engine.dirty_tiles import TILE, DirtyTiles

WIDTH, HEIGHT = SIZE = (64, 48)
CAMERA = Camera(pixel_width=WIDTH, pixel_height=HEIGHT)
VIEW = class_traits.view_parameters(CAMERA)


def new_display_list() -> DisplayList:
    return DisplayList(CLASS_TRAITS, {Square().joint_type: 0}, {Square().cap_style: 0})


def take_snapshots(display_list: DisplayList, mobjects: list) -> bool | None:
    return display_list.take_snapshots(mobjects, VIEW, DirtyTiles(*SIZE).marks, TILE)


def context_on(pixels: np.ndarray) -> cairo.Context:
    surface = cairo.ImageSurface.create_for_data(pixels.data, cairo.FORMAT_ARGB32, *SIZE)
    context = cairo.Context(surface)
    context.set_matrix(cairo.Matrix(*VIEW[:6]))
    return context


def picture() -> np.ndarray:
    return np.zeros((HEIGHT, WIDTH, 4), np.uint8)


def draw(
    display_list: DisplayList, mobjects: list, camera: object = CAMERA, needs_camera=None, **changed
):
    """Draw everything; `changed` replaces the context, the margin or one of the pictures."""
    scratch = picture()
    arguments = {
        "context": context_on(scratch), "rect": (0, 0, *SIZE), "margin": 16, "pixels": picture(),
        "backdrop": picture(), "scratch": scratch, **changed,
    }  # fmt: skip
    display_list.draw(*arguments.values(), mobjects, camera, needs_camera)
    return arguments["pixels"]


NO_CONTEXTS = [None, object(), "context", cairo.Matrix(), cairo.ImageSurface(0, 8, 8), type]


@pytest.mark.parametrize("context", NO_CONTEXTS)
def test_only_a_cairo_context_is_drawn_on(context: object) -> None:
    with pytest.raises(TypeError, match=r"must be a cairo\.Context"):
        set_path(context, Circle().points, 1e-6)
    display_list, mobjects = new_display_list(), [Square()]
    take_snapshots(display_list, mobjects)
    with pytest.raises(TypeError, match=r"must be a cairo\.Context"):
        draw(display_list, mobjects, context=context)


def test_a_finished_surface_is_an_error() -> None:
    display_list, mobjects, scratch = new_display_list(), [Square()], picture()
    take_snapshots(display_list, mobjects)
    context = context_on(scratch)
    context.get_target().finish()
    with pytest.raises(RuntimeError, match="cairo"):
        draw(display_list, mobjects, context=context, scratch=scratch)


def read_only() -> np.ndarray:
    array = picture()
    array.flags.writeable = False
    return array


WRONG_PICTURES = {
    "three channels": lambda: np.zeros((HEIGHT, WIDTH, 3), np.uint8),
    "another size": lambda: np.zeros((HEIGHT * 2, WIDTH // 2, 4), np.uint8),
    "floats": lambda: np.zeros((HEIGHT, WIDTH, 4), np.float32),
    "objects": lambda: np.zeros((HEIGHT, WIDTH, 4), object),
    "not contiguous": lambda: np.zeros((HEIGHT, 2 * WIDTH, 4), np.uint8)[:, ::2],
    "flat": lambda: np.zeros(HEIGHT * WIDTH * 4, np.uint8),
}


@pytest.mark.parametrize("wrong", WRONG_PICTURES)
@pytest.mark.parametrize("name", ["pixels", "backdrop", "scratch"])
def test_pictures_of_another_kind_are_refused(name: str, wrong: str) -> None:
    display_list, mobjects = new_display_list(), [Square()]
    take_snapshots(display_list, mobjects)
    context = context_on(picture())
    with pytest.raises(ValueError, match="height, width, 4"):
        draw(display_list, mobjects, context=context, **{name: WRONG_PICTURES[wrong]()})


def test_three_channels_in_all_pictures_are_refused() -> None:
    display_list, mobjects = new_display_list(), [Square()]
    take_snapshots(display_list, mobjects)
    rgb = {name: np.zeros((HEIGHT, WIDTH, 3), np.uint8) for name in ("pixels", "backdrop")}
    with pytest.raises(ValueError, match="height, width, 4"):
        draw(
            display_list,
            mobjects,
            context=context_on(picture()),
            scratch=rgb["pixels"].copy(),
            **rgb,
        )


@pytest.mark.parametrize("name", ["pixels", "scratch"])
def test_pictures_that_cannot_be_written_are_refused(name: str) -> None:
    display_list, mobjects = new_display_list(), [Square()]
    take_snapshots(display_list, mobjects)
    context = context_on(picture())
    with pytest.raises(ValueError, match="height, width, 4"):
        draw(display_list, mobjects, context=context, **{name: read_only()})


@pytest.mark.parametrize("margin", [-1, 2**30])
def test_margins_beyond_any_picture_are_refused(margin: int) -> None:
    display_list, mobjects = new_display_list(), [Square()]
    take_snapshots(display_list, mobjects)
    with pytest.raises(ValueError, match="margin"):
        draw(display_list, mobjects, margin=margin)


@pytest.mark.parametrize("tile_size", [0, -16, 2**30])
def test_tiles_without_pixels_are_refused(tile_size: int) -> None:
    marks = np.ones((3, 4), bool)
    with pytest.raises(ValueError, match="pixel a side"):
        bounding_rects(marks, tile_size, *SIZE, 12)
    with pytest.raises(ValueError, match="pixel a side"):
        new_display_list().take_snapshots([Square()], VIEW, marks, tile_size)


def test_marks_that_cannot_be_written_are_refused() -> None:
    marks = np.zeros((3, 4), bool)
    marks.flags.writeable = False
    with pytest.raises(ValueError, match="writeable"):
        new_display_list().take_snapshots([Square()], VIEW, marks, TILE)


def test_a_display_list_without_init_is_refused() -> None:
    bare = DisplayList.__new__(DisplayList)
    for _ in range(2):
        with pytest.raises(RuntimeError, match="not initialized"):
            take_snapshots(bare, [Square()])
        with pytest.raises(RuntimeError, match="not initialized"):
            draw(bare, [])
        with pytest.raises(TypeError):
            bare.__init__([], {}, {})  # type: ignore[misc]
    bare.__init__(CLASS_TRAITS, {Square().joint_type: 0}, {Square().cap_style: 0})  # type: ignore[misc]
    assert take_snapshots(bare, [Square()]) is True
    with pytest.raises(RuntimeError, match="twice"):
        bare.__init__(CLASS_TRAITS, {}, {})  # type: ignore[misc]


class Meddling(Square):
    """A square that runs a function when its stroke width is read."""

    meddle = staticmethod(lambda: None)

    @property
    def stroke_width(self) -> float:
        self.meddle()
        return 4.0

    @stroke_width.setter
    def stroke_width(self, _: float) -> None: ...


def test_a_display_list_cannot_be_used_while_it_is_in_use() -> None:
    display_list, square = new_display_list(), Meddling()
    square.meddle = lambda: take_snapshots(display_list, [])
    with pytest.raises(RuntimeError, match="in use"):
        take_snapshots(display_list, [square])
    del square.meddle
    assert take_snapshots(display_list, [square]) is True

    def draws_again(_: object) -> bool:
        draw(display_list, [square])
        return False

    with pytest.raises(RuntimeError, match="in use"):
        draw(display_list, [square], needs_camera=draws_again)
    assert draw(display_list, [square], needs_camera=lambda _: False).any()


def test_mobjects_may_change_the_list_they_are_in() -> None:
    display_list, square = new_display_list(), Meddling()
    mobjects = [square, *(Dot(RIGHT * k) for k in range(40))]
    square.meddle = mobjects.clear
    assert take_snapshots(display_list, mobjects) is True
    assert mobjects == []
    again = [Dot(RIGHT * k) for k in range(40)]
    take_snapshots(display_list, again)

    def clears(_: object) -> bool:
        again.clear()
        return False

    assert draw(display_list, again, needs_camera=clears).any()


def test_a_family_may_change_while_it_is_listed() -> None:
    class Traits(dict):
        """Knows no class, and empties the list whenever it is asked."""

        def __missing__(self, _: type) -> int:
            mobjects.clear()
            return _native.DEFAULT_FAMILY

    mobjects = [Square(), Dot()]
    expected = mobjects[:1]
    assert _native.mobjects_to_display(mobjects, True, Traits()) == expected
