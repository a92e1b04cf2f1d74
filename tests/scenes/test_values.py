"""Every scene of the lecture: its golden values and its pace."""

import pytest

from gradreel import catalog, golden
from tests.scenes.run_scene import dry_run


@pytest.mark.parametrize("name", [entry.name for entry in catalog.syllabus_scenes()])
def test_a_scene_has_its_golden_values_and_a_readable_pace(name: str) -> None:
    scene = dry_run(name)
    played = scene.manifest()
    # After an intended change, `make golden` rewrites the files.
    assert golden.find_differences(name, golden.extract_values(played)) == []
    beats = played["beats"]
    assert 15 <= beats[-1]["end"] <= 90
    assert all(a["end"] == b["start"] for a, b in zip(beats, beats[1:], strict=False))
