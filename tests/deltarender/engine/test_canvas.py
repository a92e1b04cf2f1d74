"""What a canvas says of changes and what it refuses; its pixels are a matter of test_layer."""

from __future__ import annotations

import cairo
import numpy as np
import pytest
from manim import RED, RIGHT, Camera, Dot, ImageMobject, Square, ValueTracker

from deltarender.engine import class_traits
from deltarender.engine.dirty_tiles import TILE, DirtyTiles

SIZE = (426, 240)
CAMERA = Camera(pixel_width=SIZE[0], pixel_height=SIZE[1])
VIEW = class_traits.view_of(CAMERA)


def read(canvas, mobjects, view=VIEW) -> tuple[bool | None, int]:
    """What is said, and how many tiles are marked; the picture counts as drawn afterwards."""
    tiles = DirtyTiles(*SIZE)
    said = canvas.take_snapshots(mobjects, view, tiles.marks, TILE)
    canvas.valid = said is not None
    return said, int(tiles.marks.sum())


def test_only_what_has_changed_is_marked():
    canvas, square, dot = class_traits.canvas(), Square(), Dot(RIGHT * 4)
    assert read(canvas, [square, dot])[0] is True
    assert read(canvas, [square, dot]) == (False, 0)
    dot.points += 0.01  # in place
    said, moved = read(canvas, [square, dot])
    assert said is False
    assert 0 < moved < 20
    square.set_stroke(RED)
    assert read(canvas, [square, dot])[1] > moved
    assert 0 < read(canvas, [square])[1] < 20
    assert read(canvas, [dot, square])[0] is False
    assert read(canvas, [square, dot])[0] is True  # in another order


def test_another_view_and_a_fault_while_drawing_ask_for_everything():
    canvas, square = class_traits.canvas(), Square()
    read(canvas, [square])
    assert read(canvas, [square], (*VIEW[:8], VIEW[8] * 2))[0] is True
    canvas.valid = False
    assert read(canvas, [square], (*VIEW[:8], VIEW[8] * 2))[0] is True


def test_what_cannot_be_told_is_not_guessed():
    canvas, square = class_traits.canvas(), Square()
    image = ImageMobject(np.zeros((4, 4), np.uint8))
    assert read(canvas, [square, image])[0] is None
    assert read(canvas, [square])[0] is True
    square.points = square.points.tolist()
    assert read(canvas, [square])[0] is None


def test_one_mobject_twice_and_trackers_do_no_harm():
    canvas, square = class_traits.canvas(), Square()
    for _ in range(3):
        assert read(canvas, [square, ValueTracker(1), square])[0] is not None


def test_marks_of_another_kind_are_refused():
    for marks in (np.zeros((15, 27)), np.zeros(9, bool), np.zeros((30, 54), bool)[::2, ::2]):
        with pytest.raises(ValueError, match="rows, columns"):
            class_traits.canvas().take_snapshots([], VIEW, marks, TILE)


@pytest.mark.parametrize("rect", [(-16, 0, 32, 32), (0, 0, 442, 32), (32, 0, 16, 16)])
def test_a_rectangle_beyond_the_picture_is_refused(rect):
    canvas, pixels = class_traits.canvas(), CAMERA.pixel_array.copy()
    read(canvas, [])
    context = cairo.Context(cairo.ImageSurface(cairo.FORMAT_ARGB32, *SIZE))
    with pytest.raises(ValueError, match="within the picture"):
        canvas.draw(context, rect, 16, pixels, CAMERA.background, pixels, [], CAMERA, None)


def test_mobjects_that_were_not_read_are_refused():
    canvas, pixels = class_traits.canvas(), CAMERA.pixel_array.copy()
    read(canvas, [])
    context = cairo.Context(cairo.ImageSurface(cairo.FORMAT_ARGB32, *SIZE))
    with pytest.raises(ValueError, match="were read"):
        canvas.draw(
            context, (0, 0, 16, 16), 16, pixels, CAMERA.background, pixels, [Dot()], CAMERA, None
        )
