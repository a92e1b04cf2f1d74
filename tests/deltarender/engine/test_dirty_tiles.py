"""The changed part of a picture: rectangles that cover it, disjoint and few."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deltarender.engine.dirty_tiles import MOST_RECTS, TILE, DirtyTiles, differing

WIDTH, HEIGHT = 330, 190
spans = st.tuples(
    st.integers(-40, WIDTH + 40), st.integers(-40, HEIGHT + 40),
    st.integers(0, 120), st.integers(0, 120),
)  # fmt: skip


@given(st.lists(spans, max_size=40))
def test_rectangles_cover_every_mark_once(marks):
    tiles = DirtyTiles(WIDTH, HEIGHT)
    wanted = np.zeros((HEIGHT, WIDTH), dtype=bool)
    for x, y, width, height in marks:
        tiles.mark((x, y, x + width, y + height))
        wanted[max(y, 0) : max(y + height, 0), max(x, 0) : max(x + width, 0)] = True
    covered = np.zeros((HEIGHT, WIDTH), dtype=int)
    rects = tiles.rects()
    for x0, y0, x1, y1 in rects:
        assert 0 <= x0 < x1 <= WIDTH
        assert 0 <= y0 < y1 <= HEIGHT
        assert x0 % 2 == y0 % 2 == 0
        covered[y0:y1, x0:x1] += 1
    assert covered.max(initial=0) <= 1
    assert (covered[wanted] == 1).all()
    assert len(rects) <= MOST_RECTS


@pytest.mark.parametrize("apart", [2, 3, 5])
def test_marks_all_over_the_picture(apart):
    tiles = DirtyTiles(1920, 1080)
    tiles.marks[::apart, ::apart] = True
    tiles.invalidate()
    covered = np.zeros_like(tiles.marks, dtype=int)
    for x0, y0, x1, y1 in tiles.rects():
        covered[y0 // TILE : -(-y1 // TILE), x0 // TILE : -(-x1 // TILE)] += 1
    assert covered.max() == 1
    assert covered[tiles.marks].all()
    assert len(tiles.rects()) <= MOST_RECTS


@given(st.lists(st.tuples(st.integers(0, WIDTH - 1), st.integers(0, HEIGHT - 1)), max_size=8))
def test_the_difference_of_two_pictures_is_within_the_marks(pixels):
    old = np.zeros((HEIGHT, WIDTH, 4), dtype=np.uint8)
    new = old.copy()
    for x, y in pixels:
        new[y, x, 1] = 200
    tiles = DirtyTiles(WIDTH, HEIGHT)
    differing(old, new, tiles)
    assert bool(tiles) == bool(pixels)
    inside = np.zeros((HEIGHT, WIDTH), dtype=bool)
    for x0, y0, x1, y1 in tiles.rects():
        inside[y0:y1, x0:x1] = True
    assert all(inside[y, x] for x, y in pixels)
