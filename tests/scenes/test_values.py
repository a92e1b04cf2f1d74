"""Every scene of the lecture shows the numbers on file, at a readable pace."""

import pytest

from gradreel import catalog, golden
from tests.scenes.run_scene import manifest_of


@pytest.mark.parametrize("name", [entry.name for entry in catalog.lecture()])
def test_a_scene_shows_the_numbers_on_file_and_keeps_its_time(name: str) -> None:
    played = manifest_of(name)
    # After a change that is meant, `make golden` writes the files anew.
    assert golden.check(name, golden.values_of(played)) == []
    beats = played["beats"]
    assert 15 <= beats[-1]["end"] <= 90
    assert all(a["end"] == b["start"] for a, b in zip(beats, beats[1:], strict=False))
