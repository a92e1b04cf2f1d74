"""Monospaced text: characters that no font has, and those that take two columns."""

from __future__ import annotations

import numpy as np

from gradreel.draw.walkthrough.code_pane import wrapped_lines
from gradreel.draw.walkthrough.mono_text import (
    MonoText,
    char_width,
    missing_characters,
    with_wide_cells,
)

NOWHERE = "\U000e0fff\U0010fffc"  # unassigned, and so in no font


def test_a_character_that_no_font_has_is_a_box_and_is_named() -> None:
    box = MonoText(NOWHERE)
    assert len(box.family_members_with_points()) == 1
    assert missing_characters([f"a{NOWHERE}é", "b"]) == "".join(sorted(NOWHERE))
    MonoText("é → ✓")
    assert missing_characters(["é → ✓"]) == ""


def test_a_wide_character_takes_two_columns() -> None:
    assert len(with_wide_cells("a你b🎉")) == 6
    assert with_wide_cells("naïve") == "naïve"
    wide, narrow = MonoText(with_wide_cells("你H")), MonoText("xxH")
    assert np.isclose(wide.get_right()[0], narrow.get_right()[0])
    assert np.isclose(MonoText(with_wide_cells("你")).get_center()[0], char_width(), atol=0.02)


def test_the_roles_of_code_keep_to_their_columns_after_a_wide_character() -> None:
    (row,) = wrapped_lines(['print("你", 3)'], 40)
    roles = {row.text[start:stop].strip(): role for start, stop, role in row.spans}
    assert roles["3"] == "value"
    assert roles["print"] == "falling"
