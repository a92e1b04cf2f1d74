"""Every scene of the lecture: its golden values, its layout and its pace."""

import re
from pathlib import Path
from typing import Any

import pytest

from gradreel import catalog, golden, scenes
from gradreel.lecture_environment import LANGUAGE_VARIABLE, VOICE_VARIABLE
from gradreel.narrate import piper
from gradreel.publish.script import PART, script_of_scene
from gradreel.translate.catalogue import find_catalogue
from gradreel.translate.po_file import parse_po
from gradreel.translate.scene_texts import scene_texts, untranslated
from tests.scenes.run_scene import dry_run

GERMAN = find_catalogue("de")
assert GERMAN is not None
MESSAGES = parse_po(GERMAN.read_text(encoding="utf-8"), str(GERMAN))[1]
SCRIPT = Path(__file__).parents[2] / "docs" / "script.md"


@pytest.mark.parametrize("name", [entry.name for entry in catalog.syllabus_scenes()])
def test_a_scene_has_its_golden_values_no_faults_and_a_readable_pace(name: str) -> None:
    scene = dry_run(name)
    assert scene.faults == []
    played = scene.manifest()
    # After an intended change, `make golden` rewrites the files and the script.
    assert golden.find_differences(name, golden.extract_values(played)) == []
    (section,) = re.findall(rf"^### {name}: .*?(?=^#|\Z)", SCRIPT.read_text("utf-8"), re.M | re.S)
    written, now = split_times(section), split_times(script_of_scene(played))
    assert written[0] == now[0]
    # Played here without frames, a scene has no times that are rounded to frames.
    assert written[1] == pytest.approx(now[1], abs=1)
    # `make golden` lists it in the catalogue, where it then has to be translated.
    assert unlisted(played) == []
    assert untranslated([played], str(GERMAN)) == []
    beats = played["beats"]
    shortest, longest = (8, 17) if name.startswith("Walk") else (15, 90)
    assert shortest <= beats[-1]["end"] <= longest
    assert all(a["end"] == b["start"] for a, b in zip(beats, beats[1:], strict=False))


def unlisted(played: dict[str, Any]) -> list[str]:
    """What a scene says and the German catalogue does not list, and the other way round."""
    now = dict(scene_texts(played))
    prefixes = tuple(f"{played['scene']}{sign}" for sign in ":,")
    listed = {m.text for m in MESSAGES if any(c.startswith(prefixes) for c in m.comments)}
    new = [f"new, at {now[text]}: {text}" for text in now if text not in listed]
    return new + [f"no longer said: {text}" for text in sorted(listed - now.keys())]


def test_the_titles_are_translated() -> None:
    titles = [text for chapter in scenes.SYLLABUS for text in (chapter.title, chapter.says)]
    texts = [scenes.TITLE, PART, *titles]
    known = {message.text for message in MESSAGES if message.translation and not message.fuzzy}
    assert [text for text in texts if text not in known] == []


@pytest.mark.parametrize("name", ["HowSmallIsSmall", "BackwardFlow", "ThreePillars"])
def test_a_translated_scene_can_be_read(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(LANGUAGE_VARIABLE, str(GERMAN))
    assert dry_run(name).faults == []


def split_times(section: str) -> tuple[str, list[int]]:
    """A section of the script without its times, and its times in seconds."""
    times = [60 * int(m) + int(s) for m, s in re.findall(r"^- (\d+):(\d\d) ", section, re.M)]
    return re.sub(r"^- \d+:\d\d ", "- ", section, flags=re.M).strip(), times


def test_the_script_has_the_scenes_in_the_order_of_the_lecture() -> None:
    titles = re.findall(r"^### (\w+): ", SCRIPT.read_text(encoding="utf-8"), re.M)
    assert titles == [entry.name for entry in catalog.syllabus_scenes()]


@pytest.mark.parametrize("voice", ["", "piper"])
def test_the_nine_programs_share_two_minutes(voice: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if voice and not piper.is_installed():
        pytest.skip("Piper is not installed")
    monkeypatch.setenv(VOICE_VARIABLE, voice)
    names = [entry.name for entry in catalog.syllabus_scenes() if entry.name.startswith("Walk")]
    assert len(names) == 9
    assert sum(dry_run(name).time for name in names) <= 120
