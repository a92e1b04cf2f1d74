"""Every scene of the lecture shows the numbers on file, at a readable pace."""

import pytest

from gradreel import catalog, golden
from tests.scenes.run_scene import score


@pytest.mark.parametrize("name", [entry.name for entry in catalog.syllabus_scenes()])
def test_a_scene_shows_the_numbers_on_file_and_keeps_its_time(name: str) -> None:
    played = score(name)
    # After a change that is meant, `make golden` writes the files anew.
    assert golden.find_differences(name, golden.extract_values(played)) == []
    beats = played["beats"]
    assert 15 <= beats[-1]["end"] <= 90
    assert all(a["end"] == b["start"] for a, b in zip(beats, beats[1:], strict=False))
