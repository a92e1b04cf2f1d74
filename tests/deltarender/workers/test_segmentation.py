"""Where a video is cut into segments, and when that is worth it."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deltarender.workers.segmentation import (
    PIXELS_PER_SECOND,
    SKIP_SHARE,
    seconds_saved,
    segment_bounds,
    segments_per_scene,
)


@given(
    st.lists(st.integers(1, 400), max_size=12, unique=True).map(sorted),
    st.integers(2, 400),
    st.integers(2, 6),
)
def test_ranges_cover_the_video_and_begin_at_cuts(cuts, frames, parts):
    ranges = segment_bounds(cuts, frames, parts)
    assert len(ranges) <= parts
    assert ranges[0][0] == 0
    assert ranges[-1][1] == math.inf
    assert [end for _, end in ranges[:-1]] == [first for first, _ in ranges[1:]]
    assert all(first in cuts and first < frames for first, _ in ranges[1:])


def test_ranges_have_similar_costs():
    ranges = segment_bounds(range(0, 1000, 10), 1000, 4)
    costs = [min(end, 1000) - first + SKIP_SHARE * first for first, end in ranges]
    assert len(ranges) == 4
    assert max(costs) - min(costs) <= 2 * 10


@pytest.mark.parametrize(
    ("workers", "scenes", "parts"),
    [(1, 1, 1), (2, 1, 1), (4, 1, 4), (4, 2, 1), (8, 2, 4), (2, 30, 1), (64, 0, 1)],
)
def test_a_scene_is_split_only_where_cores_are_idle(workers, scenes, parts):
    assert segments_per_scene(workers, scenes) == parts


def test_the_saving_is_that_of_the_longest_segment_on_cores_that_are_shared():
    size, frames = (1920, 1080), 600
    whole = frames * size[0] * size[1] / PIXELS_PER_SECOND
    halves = [(0, 300), (300, math.inf)]
    # Two segments on four cores take half the time; on one core nothing is won.
    assert seconds_saved(halves, frames, size, 4) == pytest.approx(whole / 2)
    assert seconds_saved(halves, frames, size, 1) < 0
    assert seconds_saved([(0, math.inf)], frames, size, 4) == 0


def test_a_cluster_without_workers_renders_whole_scenes_once_it_has_some():
    assert segments_per_scene(0, 3) == 1
