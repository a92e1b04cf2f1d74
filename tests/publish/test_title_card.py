"""Title cards between two scenes: they begin and end with the pictures of their neighbours."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from manim import tempconfig

from deltarender.engine.manim_patches import PATCHES
from deltarender.engine.patching import applied
from gradreel.publish.film import _film_items
from gradreel.publish.lecture_file import (
    Lecture,
    LectureChapter,
    LecturePart,
    builtin_lecture,
    read_lecture,
)
from gradreel.publish.title_card import TitleCard, shared_picture
from gradreel.scenes import SYLLABUS


def played(before: str, after: str) -> tuple[TitleCard, list[np.ndarray]]:
    """A card between two scenes, played to its end, and the points on its stage at first."""
    seen: list[list[np.ndarray]] = []

    class Watched(TitleCard):
        def play(self, *animations: object, **kwargs: object) -> None:
            seen.append(points(self.mobjects))
            super().play(*animations, **kwargs)

    settings = {"quality": "low_quality", "disable_caching": True}
    with tempconfig(settings), applied(*PATCHES):
        texts = {"heading": "A title", "number": "2", "before": before, "after": after}
        card = Watched.with_params(texts)(skip_animations=True)
        card.construct()
    return card, seen[0]


def points(mobjects: list) -> list[np.ndarray]:
    return [part.points for mobject in mobjects for part in mobject.family_members_with_points()]


def assert_same(one: list[np.ndarray], other: list[np.ndarray]) -> None:
    assert len(one) == len(other)
    assert all(np.allclose(a, b) for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize(
    ("before", "after"),
    [("TensorGraph", "Recap"), ("TensorGraph", "SecantToTangent"), ("", "Recap"),
     ("TensorGraph", ""), ("", "")],
)  # fmt: skip
def test_a_card_leads_from_one_picture_to_the_other(before: str, after: str) -> None:
    card, first = played(before, after)
    assert_same(first, points(shared_picture(before, "ends_with")))
    last = [m for m in card.mobjects if type(m).__name__ != "Rectangle"]
    if after:
        assert len(last) == len(card.mobjects)
    assert_same(points(last), points(shared_picture(after, "begins_with")))


def test_the_cards_of_the_lecture_know_both_neighbours() -> None:
    cards = [dict(i.part.params) for i in _film_items(builtin_lecture(), True) if i.is_card]
    for (earlier, later), card in zip(pairwise(SYLLABUS), cards[2:], strict=True):
        assert (card["before"], card["after"]) == (earlier.scenes[-1], later.scenes[0])


def test_scenes_with_parameters_and_scenes_of_ones_own_share_no_picture(tmp_path: Path) -> None:
    own = LecturePart(tmp_path / "own.py", "Recap", "Recap")
    (tmp_path / "l.toml").write_text(
        'title = "T"\nscenes = [{ scene = "Recap", params = { lr = 0.2 } }]\n'
    )
    (changed,) = read_lecture(tmp_path / "l.toml").parts
    chapters = tuple(LectureChapter(t, (p,)) for t, p in (("A", own), ("B", changed)))
    for item in _film_items(Lecture("T", chapters), True):
        assert not item.is_card or {"before", "after"}.isdisjoint(dict(item.part.params))
