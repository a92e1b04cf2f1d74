"""Rectangles: division, containment and overlap."""

import inspect

import pytest
from manim import Square, VGroup

from gradreel.draw.bar_chart import BarChart
from gradreel.draw.code_listing import CodeListing
from gradreel.draw.compact_graph import CompactGraph
from gradreel.draw.graph import TapeGraph
from gradreel.draw.layout import Rect, fit_into, point
from gradreel.draw.number_table import NumberTable
from gradreel.draw.plane import Plane
from gradreel.errors import UsageError

UNIT = Rect(0.0, 1.0, 0.0, 1.0)


def test_columns_and_rows_divide_a_rectangle_with_gaps() -> None:
    left, right = Rect(0.0, 7.0, 0.0, 3.0).columns(1, 2, gap=1.0)
    assert (left, right) == (Rect(0.0, 2.0, 0.0, 3.0), Rect(3.0, 7.0, 0.0, 3.0))
    upper, lower = Rect(0.0, 3.0, 0.0, 7.0).rows(1, 2, gap=1.0)
    assert (upper, lower) == (Rect(0.0, 3.0, 5.0, 7.0), Rect(0.0, 3.0, 0.0, 4.0))


@pytest.mark.parametrize(
    ("other", "area"),
    [
        (Rect(0.5, 1.5, 0.25, 0.75), 0.25), (Rect(2.0, 3.0, 0.0, 1.0), 0.0),
        (Rect(-1.0, 2.0, -1.0, 2.0), 1.0), (Rect(1.0, 2.0, 1.0, 2.0), 0.0),
    ],
)  # fmt: skip
def test_overlap_area_is_that_of_the_intersection(other: Rect, area: float) -> None:
    assert UNIT.overlap_area(other) == other.overlap_area(UNIT) == area


def test_a_rectangle_contains_what_touches_its_edges_but_no_point_on_them() -> None:
    assert UNIT.contains(UNIT) and UNIT.contains(UNIT.shrunk(0.25))
    assert UNIT.shrunk(0.25) == Rect(0.25, 0.75, 0.25, 0.75)
    assert not UNIT.contains(Rect(0.5, 1.1, 0.5, 0.9))
    assert UNIT.contains_point(point(0.5, 0.999)) and not UNIT.contains_point(point(0.5, 1.0))


def test_a_drawing_that_places_itself_is_not_moved_by_fit_into() -> None:
    plane = Plane((0, 1), (0, 1), Rect(-3.0, 3.0, -2.0, 2.0))
    for mobject in (plane, VGroup(Square(), plane)):
        with pytest.raises(UsageError, match="a Plane is laid out in its own area") as refused:
            fit_into(mobject, UNIT)
        assert "area=area" in str(refused.value.hint)
    square = fit_into(Square(3), UNIT)
    assert square.width == pytest.approx(1) and square.get_center() == pytest.approx(UNIT.center)


@pytest.mark.parametrize("kind", [BarChart, CodeListing, CompactGraph, NumberTable, TapeGraph])
def test_what_has_an_area_places_itself(kind: type[VGroup]) -> None:
    assert kind.places_itself
    assert "area" in inspect.signature(kind).parameters
