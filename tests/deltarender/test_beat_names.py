"""Names of beats: in names of files, and as `--beat` takes them."""

from __future__ import annotations

import pytest

from deltarender.beat_names import find_beat, slug
from deltarender.errors import UsageError

NAMES = ["the start", "at node x", "at node y", "at x = -4"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("at x = -4", "at-x-minus-4"),
        ("−.5 to 2", "minus-5-to-2"),
        ("p - y", "p-y"),
        ("step x-4", "step-x-4"),
        ("?!", "beat"),
    ],
)
def test_a_slug_keeps_the_sign_of_a_number(name, expected) -> None:
    assert slug(name) == expected


@pytest.mark.parametrize(
    ("beat", "index"),
    [("the start", 0), ("The Start!", 0), ("2", 1), ("at {...} = {...}", 3), ("{...} y", 2)],
)
def test_a_beat_is_found_by_name_number_or_what_show_lists(beat, index) -> None:
    assert find_beat(NAMES, beat, "S") == index


def test_numbers_and_names_are_listed() -> None:
    with pytest.raises(UsageError, match="Valid: 1 the start, 2 at node x"):
        find_beat(NAMES, "9", "S")
    with pytest.raises(UsageError, match="several beats .*\n.*\nValid: 2 at node x, 3 at node y"):
        find_beat(NAMES, "at node {...}", "S")
