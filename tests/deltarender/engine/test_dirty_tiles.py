"""The changed region of a frame: its rectangles cover it, are disjoint, and are few."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deltarender.engine.dirty_tiles import MAX_RECTS, TILE, DirtyTiles, mark_difference

WIDTH, HEIGHT = 330, 190
XYWH = st.tuples(
    st.integers(-40, WIDTH + 40), st.integers(-40, HEIGHT + 40),
    st.integers(0, 120), st.integers(0, 120),
)  # fmt: skip


@given(st.lists(XYWH, max_size=40))
def test_rectangles_cover_every_marked_pixel_once(marked):
    tiles = DirtyTiles(WIDTH, HEIGHT)
    expected = np.zeros((HEIGHT, WIDTH), dtype=bool)
    for x, y, width, height in marked:
        tiles.mark((x, y, x + width, y + height))
        expected[max(y, 0) : max(y + height, 0), max(x, 0) : max(x + width, 0)] = True
    covered = np.zeros((HEIGHT, WIDTH), dtype=int)
    rects = tiles.rects()
    for x0, y0, x1, y1 in rects:
        assert 0 <= x0 < x1 <= WIDTH
        assert 0 <= y0 < y1 <= HEIGHT
        assert x0 % 2 == y0 % 2 == 0
        covered[y0:y1, x0:x1] += 1
    assert covered.max(initial=0) <= 1
    assert (covered[expected] == 1).all()
    assert len(rects) <= MAX_RECTS


@pytest.mark.parametrize("step", [2, 3, 5])
def test_marks_all_over_the_frame(step):
    tiles = DirtyTiles(1920, 1080)
    tiles.marks[::step, ::step] = True
    tiles.invalidate()
    covered = np.zeros_like(tiles.marks, dtype=int)
    for x0, y0, x1, y1 in tiles.rects():
        covered[y0 // TILE : -(-y1 // TILE), x0 // TILE : -(-x1 // TILE)] += 1
    assert covered.max() == 1
    assert covered[tiles.marks].all()
    assert len(tiles.rects()) <= MAX_RECTS


@given(st.lists(st.tuples(st.integers(0, WIDTH - 1), st.integers(0, HEIGHT - 1)), max_size=8))
def test_differing_pixels_are_marked(pixels):
    old = np.zeros((HEIGHT, WIDTH, 4), dtype=np.uint8)
    new = old.copy()
    for x, y in pixels:
        new[y, x, 1] = 200
    tiles = DirtyTiles(WIDTH, HEIGHT)
    mark_difference(old, new, tiles)
    assert bool(tiles) == bool(pixels)
    covered = np.zeros((HEIGHT, WIDTH), dtype=bool)
    for x0, y0, x1, y1 in tiles.rects():
        covered[y0:y1, x0:x1] = True
    assert all(covered[y, x] for x, y in pixels)
