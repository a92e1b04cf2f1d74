"""Generated lecture files: what they say is read, and damaged ones are one error of our own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradreel.errors import GradreelError
from gradreel.publish.lecture_file import Lecture, read_lecture
from tests.fuzz.generated import examples, no_hang

SCENES = {  # the parameters of some scenes, with values that they take
    "TangentLine": {"start": -1.5, "stop": 2, "function": "x**2"},
    "ChainRule": {"x": 1.5, "nudge": 0.5, "function": "sin(x)"},
    "CodeWalk": {},
    "TensorGraph": {"batch": 3, "activation": "relu", "inside": "# no comment"},
}
TITLES = st.sampled_from(["One", "a # b", "[[chapter]]", 'quotes " and \\ signs', "θ − 1", "", "="])


def text_of(value: Any) -> str:
    """A value as TOML, whose texts, numbers and lists are written as in JSON."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(k)} = {text_of(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(text_of, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def document_of(data: dict[str, Any]) -> str:
    """A lecture as a TOML document."""
    lines = [f"{key} = {text_of(value)}" for key, value in data.items() if key != "chapter"]
    for chapter in data.get("chapter", ()):
        lines += ["[[chapter]]", *(f"{key} = {text_of(value)}" for key, value in chapter.items())]
    return "\n".join(lines) + "\n"


@st.composite
def rows(draw: st.DrawFn) -> Any:
    """One entry of `scenes`."""
    name = draw(st.sampled_from(sorted(SCENES)))
    if draw(st.booleans()):
        return name
    row: dict[str, Any] = {"scene": name}
    known = SCENES[name]
    if known and draw(st.booleans()):
        chosen = draw(st.lists(st.sampled_from(sorted(known)), unique=True, max_size=2))
        row["params"] = {key: known[key] for key in chosen}
    if draw(st.booleans()):
        row["title"] = draw(TITLES)
    return row


@st.composite
def lectures(draw: st.DrawFn) -> dict[str, Any]:
    """The data of a valid lecture file."""
    data: dict[str, Any] = {"title": draw(TITLES)}
    if draw(st.booleans()):
        data["theme"] = draw(st.sampled_from(["dark", "light"]))
    scenes = st.lists(rows(), min_size=1, max_size=2)
    if draw(st.booleans()):
        return {**data, "scenes": draw(scenes)}
    data["chapter"] = [{"title": draw(TITLES), "scenes": draw(scenes)} for _ in range(2)]
    return data


def read(folder: Path, text: str) -> Lecture:
    path = folder / "lecture.toml"
    path.write_text(text, encoding="utf-8", errors="surrogateescape", newline="")
    with no_hang():
        return read_lecture(path)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("lectures")


@examples(15)
@given(data=lectures())
def test_what_a_lecture_file_says_is_read(folder: Path, data: dict[str, Any]) -> None:
    lecture = read(folder, document_of(data))
    assert lecture.title == data["title"]
    assert lecture.settings.get("theme") == data.get("theme")
    chapters = data.get("chapter") or [{"title": "", "scenes": data["scenes"]}]
    assert [chapter.title for chapter in lecture.chapters] == [c["title"] for c in chapters]
    written = [row if isinstance(row, dict) else {"scene": row}
               for chapter in chapters for row in chapter["scenes"]]  # fmt: skip
    for part, row in zip(lecture.parts, written, strict=True):
        params = tuple((key, str(value)) for key, value in row.get("params", {}).items())
        assert (part.name, part.params, part.title) == (row["scene"], params, row.get("title", ""))


ODD = st.sampled_from(
    [0, -1, 2.5, 10**30, True, "", "x", [], [[]], {}, {"scene": 3}, {"scene": []}, ["a" * 300],
     "nowhere.py", "../x.py:Y", "a" * 300 + ".py", "\x00", "~", ".", "lecture.toml",
     {"scene": "TangentLine", "params": 3}, {"scene": "TangentLine", "params": {"start": {}}},
     {"scene": "TangentLine", "params": {"": 1, "a.b": [1]}}, {"scene": "TangentLine", "title": 1},
     {"title": "T"}, [{"scenes": "TangentLine"}], [{"scenes": [1]}], [3]]
)  # fmt: skip
KEYS = st.sampled_from(["title", "theme", "scenes", "chapter", "voice", "quality", "captions",
                        "cards", "subtitle", "teme", "", "narrate", "resolution"])  # fmt: skip


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """The text of a lecture file with odd values, or with letters replaced."""
    data = draw(lectures())
    if draw(st.booleans()):
        data[draw(KEYS)] = draw(ODD)
        try:
            return document_of(data)
        except (TypeError, AttributeError):  # an odd "chapter" is written as a value
            chapter = data.pop("chapter")
            return f"chapter = {text_of(chapter)}\n{document_of(data)}"
    text = document_of(data)
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(text)))
        text = text[:at] + draw(st.text("[]{}=\"'#\n ,.x1\\\t\r\x00é", max_size=3)) + text[at + 2 :]
    return text


@examples(40)
@given(text=damaged())
def test_a_damaged_file_is_a_lecture_or_one_error_of_our_own(folder: Path, text: str) -> None:
    try:
        lecture = read(folder, text)
    except GradreelError as error:
        assert error.exit_code == 2 and "lecture.toml" in str(error), text
        return
    assert lecture.parts
