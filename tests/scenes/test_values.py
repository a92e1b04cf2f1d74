"""Every scene of the lecture: its golden values, its pace, and the numbers in its captions."""

import re
from pathlib import Path

import pytest

from gradreel import catalog, golden
from gradreel.draw.caption import Caption
from gradreel.publish.script import script_of_scene
from gradreel.record import record
from gradreel.tape import Quantity
from tests.scenes.run_scene import dry_run, unsourced_numbers

SCRIPT = Path(__file__).parents[2] / "docs" / "script.md"

# The notes of three scripts name constants of the formulas in their source, and a format's bits.
CONSTANTS_OF_SCRIPTS = {
    "WalkNumerical": {"64", "2", "3"},
    "WalkChainByHand": {"3", "1", "2"},
    "WalkDescent": {"3", "0"},
}


@pytest.mark.parametrize("name", [entry.name for entry in catalog.syllabus_scenes()])
def test_a_scene_has_its_golden_values_a_readable_pace_and_only_numbers_with_a_source(
    name: str,
) -> None:
    scene = dry_run(name)
    played = scene.manifest()
    # After an intended change, `make golden` rewrites the files and the script.
    assert golden.find_differences(name, golden.extract_values(played)) == []
    (section,) = re.findall(rf"^### {name}: .*?(?=^#|\Z)", SCRIPT.read_text("utf-8"), re.M | re.S)
    written, now = split_times(section), split_times(script_of_scene(played))
    assert written[0] == now[0]
    # Played here without frames, a scene has no times that are rounded to frames.
    assert written[1] == pytest.approx(now[1], abs=1)
    beats = played["beats"]
    assert 15 <= beats[-1]["end"] <= 90
    assert all(a["end"] == b["start"] for a, b in zip(beats, beats[1:], strict=False))
    assert set(scene.unsourced) == CONSTANTS_OF_SCRIPTS.get(name, set())


def split_times(section: str) -> tuple[str, list[int]]:
    """A section of the script without its times, and its times in seconds."""
    times = [60 * int(m) + int(s) for m, s in re.findall(r"^- (\d+):(\d\d) ", section, re.M)]
    return re.sub(r"^- \d+:\d\d ", "- ", section, flags=re.M).strip(), times


def test_the_script_has_the_scenes_in_the_order_of_the_lecture() -> None:
    titles = re.findall(r"^### (\w+): ", SCRIPT.read_text(encoding="utf-8"), re.M)
    assert titles == [entry.name for entry in catalog.syllabus_scenes()]


class SceneSaying:
    """A scene as far as its caption and its tape matter."""

    def __init__(self, words: str, **quantities: Quantity) -> None:
        self._caption = Caption(words, quantities)
        self.tape = record(lambda x: x * 2, x=1.5)


@pytest.mark.parametrize(
    ("words", "unsourced"),
    [
        ("The slope is {slope}, and {tiny} is left.", []),
        ("The slope is −0.25.", ["−0.25"]),
        ("The slope is {slope}, not 0.25 or 2.", ["0.25", "2"]),
        ("The slope is {slope}5.", ["−0.255"]),
        ("Its grad_fn is MulBackward0.", []),
        ("Its grad_fn is AddBackward0.", ["AddBackward0"]),
        ("It is 2x + 3.", ["2", "3"]),
    ],
)
def test_a_number_without_a_quantity_is_found(words: str, unsourced: list[str]) -> None:
    numbers = {"slope": Quantity(-0.25, "test"), "tiny": Quantity(3e-8, "test")}
    assert list(unsourced_numbers(SceneSaying(words, **numbers))) == unsourced
