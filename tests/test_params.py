"""Parameters of scenes from the texts of the command line."""

from __future__ import annotations

import pytest

from gradreel.errors import UsageError
from gradreel.params import SceneParams, param


class Params(SceneParams):
    logits: tuple[float, ...] = param((2.0, 1.0), "the logits", min_length=2)
    names: list[str] = param(["apple", "pear"], "their names")


@pytest.mark.parametrize("text", ["1, 2,3", "(1, 2, 3)", "[1,2,3,]", str((1.0, 2.0, 3.0))])
def test_several_numbers_stand_between_commas(text: str) -> None:
    assert Params.from_text({"logits": text}).logits == (1, 2, 3)


def test_several_texts_too() -> None:
    assert Params.from_text({"names": "plum, fig"}).names == ["plum", "fig"]


@pytest.mark.parametrize("text", ["1, two", "", "1", "inf, 2"])
def test_what_is_wrong_says_what_is_wanted(text: str) -> None:
    with pytest.raises(UsageError, match="logits wants numbers with commas between them"):
        Params.from_text({"logits": text})


def test_the_types_are_described() -> None:
    types = [row["type"] for row in Params.describe()]
    assert types == ["numbers with commas between them", "texts with commas between them"]
