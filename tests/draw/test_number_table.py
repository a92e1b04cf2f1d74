"""Tables: one option for all columns, names of rows, counts that do not agree."""

from __future__ import annotations

from typing import Any

import pytest

from gradreel.draw.baseline import baseline_of
from gradreel.draw.layout import Rect
from gradreel.draw.number_table import NumberTable
from gradreel.draw.numbers import numbers_in
from gradreel.errors import UsageError
from gradreel.tape import Quantity

AREA = Rect(-3.0, 3.0, -2.0, 2.0)
ROWS = [[Quantity(k + 1 / 3, "test"), Quantity(k / 7, "test")] for k in range(2)]


def table(**options: Any) -> NumberTable:
    return NumberTable(("x", "y"), ROWS, AREA, **options)


def texts(made: NumberTable) -> list[str]:
    return [number.text for number in numbers_in(made.rows)]


def test_one_number_of_places_is_that_of_all_columns() -> None:
    assert texts(table(places=2)) == texts(table(places=(2, 2)))
    assert texts(table(places=2)) != texts(table(places=(2, 1)))
    assert texts(table(places=None)) == texts(table())


def test_one_role_is_that_of_all_columns() -> None:
    assert table(roles="gradient").roles == ("gradient", "gradient")


def test_names_stand_before_their_rows_and_appear_with_them() -> None:
    made = table(names=('"first"', '"second, longer"'))
    for name, row in zip(made.names, made.rows, strict=True):
        assert baseline_of(name) == pytest.approx(baseline_of(row))
        assert name.get_left()[0] == pytest.approx(AREA.left)
    widest = max(name.get_right()[0] for name in made.names)
    assert widest < min(part.get_left()[0] for part in (*made.rows, made.heads))
    shown = [animation.mobject for animation in made.row_appears(1).animations]
    assert made.names[1] in shown and made.names[0] not in shown


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"names": ("a",)}, "1 names for 2 rows"),
        ({"places": (1, 2, 3)}, "3 places for 2 headings"),
        ({"roles": ("leaf",)}, "1 roles for 2 headings"),
        ({"weights": (1,)}, "1 weights for 2 headings"),
    ],
)
def test_counts_that_differ_are_an_error(options: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        table(**options)


def test_a_row_with_a_name_among_its_numbers_is_an_error() -> None:
    rows: Any = [["x", *ROWS[0]]]
    with pytest.raises(UsageError, match="row 0 of a table has 3 numbers") as refused:
        NumberTable(("x", "y"), rows, AREA)
    assert "names=" in str(refused.value.hint)
