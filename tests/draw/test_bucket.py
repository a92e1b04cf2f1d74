"""Bucket: how much it holds, and what is left as it is tipped over."""

from __future__ import annotations

import math

import numpy as np
import pytest
from manim import RIGHT

from gradreel.draw.bucket import Bucket
from gradreel.draw.convex_area import area_of, below, level_of_area

SQUARE = np.array([[0.0, 0.0], [2.0, 0.0], [2.0, 2.0], [0.0, 2.0]])


def liquid(bucket: Bucket) -> list[float]:
    """The areas of the bands."""
    return [area_of(band.points[::4, :2]) for band in bucket.bands]


def finish(animation) -> None:
    for one in [animation, *getattr(animation, "animations", [])]:
        one.begin()
        one.finish()


def test_a_level_cuts_a_square_in_two() -> None:
    assert area_of(below(SQUARE, 0.5)) == pytest.approx(1.0)
    assert area_of(below(SQUARE, -1.5, flipped=True)) == pytest.approx(1.0)
    assert level_of_area(SQUARE, 3.0) == pytest.approx(1.5)
    assert area_of(below(SQUARE, -1.0)) == 0.0


def test_each_addition_is_a_band_of_its_own() -> None:
    bucket = Bucket(60).shift(3 * RIGHT)
    for total in (6.0, 33.0):
        finish(bucket.receives(total))
        bucket.redraw()
    assert bucket.is_even and bucket.bounds == [6.0]
    surface = max(band.get_top()[1] for band in bucket.bands)
    assert surface == pytest.approx(bucket.at_level(33.0)[1], abs=1e-6)
    assert bucket.bands[0].get_top()[1] == pytest.approx(bucket.at_level(6.0)[1], abs=1e-6)
    assert bucket.bands[0].get_x() == pytest.approx(3.0)


def test_what_takes_away_leaves_a_single_band() -> None:
    bucket = Bucket(60)
    for total in (20.0, -7.0):
        finish(bucket.receives(total))
    bucket.redraw()
    assert bucket.bounds == [] and sum(area > 0 for area in liquid(bucket)) == 1


def test_bands_stay_while_the_level_falls_through_them() -> None:
    """A pass that takes something away empties bands from the top, none of them at once."""
    bucket = Bucket(60)
    for total in (6.0, 33.0):
        finish(bucket.receives(total))
    falls = bucket.receives(-7.0)
    falls.begin()
    bands = []
    for level in (33.0, 20.0, 4.0, -7.0):
        bucket.level.set_value(level)
        bucket.redraw()
        bands.append(sum(area > 1e-6 for area in liquid(bucket)))
    assert bands == [2, 2, 1, 1]


def test_a_tipped_bucket_loses_what_is_above_its_lip() -> None:
    bucket = Bucket(60)
    finish(bucket.receives(60.0))
    amounts = []
    for tilt in np.linspace(0.0, math.pi * 0.6, 9):
        bucket.tilt.set_value(tilt)
        bucket.redraw()
        amounts.append(sum(liquid(bucket)))
        lip = bucket.pail.points[:, 1]
        assert max(band.get_top()[1] for band in bucket.bands) <= lip.max() + 1e-6
    assert amounts == sorted(amounts, reverse=True)
    assert amounts[0] > 1 and amounts[-1] == pytest.approx(0.0, abs=1e-4)
    finish(bucket.tips_out())
    assert bucket.level.get_value() == 0 and bucket.tilt.get_value() == pytest.approx(0.0)
