"""Every scene of the lecture shows the numbers on file; `make golden` writes them anew."""

import pytest

from gradreel import catalog, golden
from tests.scenes.rehearse import score


@pytest.mark.parametrize("name", [entry.name for entry in catalog.lecture()])
def test_the_numbers_are_those_on_file(name: str) -> None:
    assert golden.check(name, golden.values_of(score(name))) == []


@pytest.mark.parametrize("name", [entry.name for entry in catalog.lecture()])
def test_beats_are_paced_and_the_scene_is_neither_short_nor_long(name: str) -> None:
    beats = score(name)["beats"]
    assert 15 <= beats[-1]["end"] <= 90
    assert all(
        before["end"] == after["start"] for before, after in zip(beats, beats[1:], strict=False)
    )
