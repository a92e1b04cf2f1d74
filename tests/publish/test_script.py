"""The script of a lecture, and the catalogue made of it."""

from __future__ import annotations

from pathlib import Path

from gradreel.publish import script
from gradreel.publish.lecture_file import Lecture, LectureChapter, LecturePart
from gradreel.translate.po_file import Message, parse_po


def manifest(name: str, *sentences: str) -> dict[str, object]:
    rows = [
        {"text": s.replace("{x}", "7"), "template": s, "start": 61.2 * k, "end": 61.2 * (k + 1)}
        for k, s in enumerate(sentences)
    ]
    beats = [{"name": "first", "sentences": rows}, {"name": "silent", "sentences": []}]
    return {"scene": name, "summary": f"{name} claims", "claim": f"{name} claims", "beats": beats}


PARTS = [LecturePart(Path("a.py"), name, name) for name in ("One", "Two")]
LECTURE = Lecture(
    "A title", (LectureChapter("Begin", (PARTS[0],)), LectureChapter("End", (PARTS[1],)))
)
MANIFESTS = [manifest("One", "It is {x}.", "So it is."), manifest("Two", "So it is.")]


def test_the_script_has_every_sentence_with_its_scene_and_time():
    page = script.script_page(LECTURE, MANIFESTS)
    assert (
        "## Begin\n\n### One: One claims\n\n*first*\n\n- 0:00 It is 7.\n- 1:01 So it is.\n" in page
    )
    assert page.index("## End") < page.index("### Two: Two claims")
    assert "silent" not in page


def test_the_catalogue_has_every_text_once_with_all_its_places():
    header, messages = parse_po(script.catalogue_template(LECTURE, MANIFESTS), "")
    assert header["X-Decimal-Separator"] == "."
    assert [m.text for m in messages] == [
        "A title", "Part {number}", "Begin", "End", "One claims", "It is {x}.", "So it is.",
        "Two claims",
    ]  # fmt: skip
    raw = script.catalogue_template(LECTURE, MANIFESTS)
    assert '#. One, "first"\n#. Two, "first"\nmsgid "So it is."\nmsgstr ""\n' in raw


def test_translations_are_kept_and_those_of_reworded_sentences_are_fuzzy():
    known = [
        Message("It is {x}.", "Es ist {x}."),
        Message("So it was.", "So war es."),
        Message("Something else entirely", "Ganz anders"),
    ]
    raw = script.catalogue_template(LECTURE, MANIFESTS, {"Language": "de"}, known)
    header, messages = parse_po(raw, "")
    found = {m.text: (m.translation, m.fuzzy) for m in messages}
    assert header["Language"] == "de"
    assert found["It is {x}."] == ("Es ist {x}.", False)
    assert found["So it is."] == ("So war es.", True)
    assert "Ganz anders" not in raw
