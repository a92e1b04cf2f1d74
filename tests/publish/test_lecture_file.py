"""A lecture file is read as written, and a wrong one is told by line and key."""

from __future__ import annotations

import pytest

from gradreel.errors import UsageError
from gradreel.publish.lecture_file import built_in, read

GOOD = """title = "An hour"
theme = "light"
quality = "l"

[[chapter]]
title = "Slopes"
scenes = ["TangentLine", { scene = "ChainRule", params = { x = 1.5 }, title = "At 1.5" }]
"""


@pytest.fixture
def written(tmp_path):
    def write(text: str):
        path = tmp_path / "lecture.toml"
        path.write_text(text)
        return path

    return write


def test_a_good_file(written):
    lecture = read(written(GOOD))
    assert lecture.title == "An hour"
    assert lecture.settings == {"theme": "light", "quality": "l"}
    assert [part.name for part in lecture.parts] == ["TangentLine", "ChainRule"]
    assert lecture.parts[1].params == (("x", "1.5"),)
    assert lecture.parts[1].title == "At 1.5"


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ('"TangentLine"', '"TangentLin"', 7, "TangentLine"),
        ("theme =", "teme =", 2, "theme"),
        ('"light"', '"pink"', 2, "dark, light"),
        ("x = 1.5", 'x = "abc"', 7, "number, not 'abc'"),
        ("x = 1.5", "z = 1", 7, "no parameter is called 'z'"),
        ('title = "Slopes"', "title = 3", 6, "a text in quotes"),
        ('quality = "l"', 'quality = "l', 3, "line 3"),
        ('"TangentLine"', "7", 7, "is no scene"),
    ],
)
def test_a_fault_is_told_by_its_line(written, old, new, line, words):
    with pytest.raises(UsageError) as caught:
        read(written(GOOD.replace(old, new)))
    assert f"line {line}" in str(caught.value)
    assert words in str(caught.value)


def test_a_missing_file_and_an_empty_lecture(written, tmp_path):
    with pytest.raises(UsageError, match="there is no file"):
        read(tmp_path / "none.toml")
    with pytest.raises(UsageError, match="no scenes"):
        read(written('title = "x"'))


def test_the_built_in_lecture_is_the_syllabus():
    from scenes import SYLLABUS

    told = [(chapter.title, chapter.scenes) for chapter in SYLLABUS]
    made = [(c.title, tuple(part.name for part in c.parts)) for c in built_in().chapters]
    assert made == told
