"""Which changes a display list detects and refuses; test_cached_layer compares its pixels."""

from __future__ import annotations

import cairo
import numpy as np
import pytest
from manim import RED, RIGHT, Camera, Dot, ImageMobject, Square, ValueTracker

from deltarender.engine import class_traits
from deltarender.engine.dirty_tiles import TILE, DirtyTiles

SIZE = (426, 240)
CAMERA = Camera(pixel_width=SIZE[0], pixel_height=SIZE[1])
VIEW = class_traits.view_parameters(CAMERA)
WIDER_LINES = (*VIEW[:8], VIEW[8] * 2)


def read(display_list, mobjects, view=VIEW) -> tuple[bool | None, int]:
    """The result of `take_snapshots` and the number of marked tiles; then declare it drawn."""
    tiles = DirtyTiles(*SIZE)
    redraw_all = display_list.take_snapshots(mobjects, view, tiles.marks, TILE)
    display_list.valid = redraw_all is not None
    return redraw_all, int(tiles.marks.sum())


def test_only_changes_are_marked():
    display_list, square, dot = class_traits.new_display_list(), Square(), Dot(RIGHT * 4)
    assert read(display_list, [square, dot])[0] is True
    assert read(display_list, [square, dot]) == (False, 0)
    dot.points += 0.01  # in place
    redraw_all, moved = read(display_list, [square, dot])
    assert redraw_all is False
    assert 0 < moved < 20
    square.set_stroke(RED)
    assert read(display_list, [square, dot])[1] > moved
    assert 0 < read(display_list, [square])[1] < 20
    assert read(display_list, [dot, square])[0] is False
    assert read(display_list, [square, dot])[0] is True  # in another order


def test_another_view_or_an_unfinished_drawing_redraws_everything():
    display_list, square = class_traits.new_display_list(), Square()
    read(display_list, [square])
    assert read(display_list, [square], WIDER_LINES)[0] is True
    display_list.valid = False
    assert read(display_list, [square], WIDER_LINES)[0] is True


def test_mobjects_without_a_snapshot_are_reported():
    display_list, square = class_traits.new_display_list(), Square()
    image = ImageMobject(np.zeros((4, 4), np.uint8))
    assert read(display_list, [square, image])[0] is None
    assert read(display_list, [square])[0] is True
    square.points = square.points.tolist()
    assert read(display_list, [square])[0] is None


def test_a_repeated_mobject_and_a_tracker_are_accepted():
    display_list, square = class_traits.new_display_list(), Square()
    for _ in range(3):
        assert read(display_list, [square, ValueTracker(1), square])[0] is not None


def test_marks_of_another_type_or_shape_are_refused():
    for marks in (np.zeros((15, 27)), np.zeros(9, bool), np.zeros((30, 54), bool)[::2, ::2]):
        with pytest.raises(ValueError, match=r"contiguous array \(rows, columns\) of bool"):
            class_traits.new_display_list().take_snapshots([], VIEW, marks, TILE)


def draw(display_list, rect, mobjects) -> None:
    pixels = CAMERA.pixel_array.copy()
    context = cairo.Context(cairo.ImageSurface(cairo.FORMAT_ARGB32, *SIZE))
    display_list.draw(context, rect, 16, pixels, CAMERA.background, pixels, mobjects, CAMERA, None)


@pytest.mark.parametrize("rect", [(-16, 0, 32, 32), (0, 0, 442, 32), (32, 0, 16, 16)])
def test_a_rectangle_outside_the_frame_is_refused(rect):
    display_list = class_traits.new_display_list()
    read(display_list, [])
    with pytest.raises(ValueError, match="within the picture"):
        draw(display_list, rect, [])


def test_mobjects_that_were_not_read_are_refused():
    display_list = class_traits.new_display_list()
    read(display_list, [])
    with pytest.raises(ValueError, match="were read"):
        draw(display_list, (0, 0, 16, 16), [Dot()])
