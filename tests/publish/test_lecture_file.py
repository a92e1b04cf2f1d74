"""Lecture files: a valid one is parsed, errors in another name the line and the key."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from gradreel.cli.options import video_options
from gradreel.errors import UsageError
from gradreel.lecture_settings import LectureSettings
from gradreel.publish.lecture_file import builtin_lecture, lecture_of_scenes, read_lecture
from gradreel.publish.rendered_scenes import job_for_part

GOOD = """title = "An hour"
theme = "light"
quality = "l"

[[chapter]]
title = "Slopes"
scenes = ["TangentLine", { scene = "ChainRule", params = { x = 1.5 }, title = "At 1.5" }]
"""


@pytest.fixture
def write_lecture(tmp_path):
    def write(text: str):
        path = tmp_path / "lecture.toml"
        path.write_text(text)
        return path

    return write


def test_a_valid_file(write_lecture):
    lecture = read_lecture(write_lecture(GOOD))
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
        ('"TangentLine"', "7", 7, "is not a scene"),
    ],
)
def test_an_error_names_its_line(write_lecture, old, new, line, words):
    with pytest.raises(UsageError) as caught:
        read_lecture(write_lecture(GOOD.replace(old, new)))
    assert f"line {line}" in str(caught.value)
    assert words in str(caught.value)


TWICE = """# theme = "none"
title = "No cards, no theme = none"

[[ chapter ]]
title = "TangentLine"
scenes = [
    "TangentLine",  # functoin
    { scene = "TangentLine", params = { function = "x" } },
    'ChainRule',
]

[[chapter]]
title = "Again"
scenes = ["ChainRule"]
"""


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ('{ function = "x"', '{ functoin = "x"', 8, "functoin"),
        ("'ChainRule'", "'ChainRul'", 9, "ChainRule"),
        ('["ChainRule"]', '["ChainRule", { scen = "TangentLine" }]', 14, "is not a scene"),
        ('["ChainRule"]', "[{ scene = 5 }]", 14, "scene wants a text in quotes, not 5"),
        ('["ChainRule"]', '[{ scene = "ChainRule", parms = {} }]', 14, "params"),
        ('title = "Again"', 'titel = "Again"', 13, "title"),
        ('title = "No', 'cards = "no"\ntitle = "No', 2, "true or false, not 'no'"),
        ('title = "No', 'voice = "espeek"\ntitle = "No', 2, "espeak-ng"),
        ('title = "No', 'theme = "none"\ntitle = "No', 2, "dark, light"),
        ('title = "No', 'fps = "30"\ntitle = "No', 2, "fps wants a number, not '30'"),
        ('title = "No', 'resolution = [4, 3.5]\ntitle = "No', 2, "resolution = [1280, 960]"),
    ],
)
def test_the_line_is_not_that_of_another_key_of_the_same_name(write_lecture, old, new, line, words):
    read_lecture(write_lecture(TWICE))
    with pytest.raises(UsageError) as caught:
        read_lecture(write_lecture(TWICE.replace(old, new)))
    assert f", line {line}:" in str(caught.value)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            'scenes = ["TangentLine"]\n[chapter]\ntitle = "One"\n',
            r"line 2.*\n.*\[\[chapter\]\], not",
        ),
        ("title = Slopes\n", 'at line 1.*\nTexts are in quotes: title = "Slopes"'),
    ],
)
def test_what_is_often_written_instead_is_explained(write_lecture, text, words):
    with pytest.raises(UsageError, match=words):
        read_lecture(write_lecture(text))


def test_size_and_rate_of_a_lecture_are_settings_of_its_scenes(write_lecture):
    path = write_lecture('resolution = [640, 480]\nfps = 12\nscenes = ["TangentLine"]\n')
    shown = []

    @click.command()
    @video_options
    def render(picture):
        shown.append(picture.settings(read_lecture(path)))

    for arguments in ([], ["--fps", "24"]):
        CliRunner().invoke(render, arguments, catch_exceptions=False)
    sizes = [(settings.width, settings.height, settings.fps) for settings in shown]
    assert sizes == [(640, 480, 12), (640, 480, 24)]


def test_paths_are_relative_to_the_file(write_lecture, tmp_path, monkeypatch):
    lecture = 'voice = "mine.py:Mine"\nscenes = ["sub/own.py:Own"]'
    (tmp_path / "sub").mkdir()
    for name in ("sub/own.py", "mine.py"):
        (tmp_path / name).write_text("from manim import Scene\nclass Own(Scene): pass\n")
    path = write_lecture(lecture)
    parsed = read_lecture(path)
    assert parsed.parts[0].file.samefile(tmp_path / "sub" / "own.py")
    assert parsed.settings["voice"] == f"{tmp_path}/mine.py:Mine"
    monkeypatch.chdir(tmp_path)
    assert read_lecture(path).parts[0].cls == "Own"
    with pytest.raises(UsageError, match=r"line 2: there is no file .*other\.py"):
        read_lecture(write_lecture(lecture.replace("own.py", "other.py")))


def test_a_missing_file_and_an_empty_lecture(write_lecture, tmp_path):
    with pytest.raises(UsageError, match="there is no file"):
        read_lecture(tmp_path / "none.toml")
    with pytest.raises(UsageError, match="no scenes"):
        read_lecture(write_lecture('title = "x"'))


def test_the_built_in_lecture_is_the_syllabus():
    from gradreel.scenes import SYLLABUS

    expected = [(chapter.title, chapter.scenes) for chapter in SYLLABUS]
    built = [(c.title, tuple(part.name for part in c.parts)) for c in builtin_lecture().chapters]
    assert built == expected


def test_a_film_without_a_title_is_named_after_its_scenes():
    names = ("TangentLine", "ChainRule", "BackwardFlow", "Recap")
    titles = [lecture_of_scenes(names[:k]).title.replace("\u00a0", " ") for k in (1, 3, 4)]
    three = "Tangent Line · Chain Rule · Backward Flow"
    assert titles == ["Tangent Line", three, f"{three} …"]


def test_a_path_that_is_too_long_for_the_system_is_no_raw_error(write_lecture) -> None:
    lecture = f'voice = "{"a" * 300}.py"\nscenes = ["ChainRule"]'
    assert read_lecture(write_lecture(lecture)).settings["voice"].endswith("/" + "a" * 300 + ".py")


WITH_TEXTS = """scenes = [
  { scene = "ChainRule", notes = "Slowly.", captions = { "the product" = "Three." } },
  { scene = "ThreeWays", notes = { "the end" = "Ask!" }, captions = { one = ["A.", "B."] } },
]
"""


def test_captions_and_notes_of_a_scene_are_texts_by_beat(write_lecture):
    first, second = read_lecture(write_lecture(WITH_TEXTS)).parts
    assert first.captions == (("the product", ("Three.",)),)
    assert first.notes == (("", ("Slowly.",)),)
    assert second.captions == (("one", ("A.", "B.")),)
    assert second.notes == (("the end", ("Ask!",)),)
    said = [job_for_part(part, LectureSettings.of("l"), Path()) for part in (first, second)]
    assert json.loads(dict(said[1].profile.environment)["GRADREEL_CAPTION_TEXTS"]) == {
        "one": ["A.", "B."]
    }
    # Videos with other captions do not replace each other.
    assert said[0].stem.startswith("ChainRule_said-")
    assert job_for_part(first, LectureSettings.of("l"), Path()).stem == said[0].stem
    assert LectureSettings.of("l").suffix == ""


@pytest.mark.parametrize("old", ['"Three."', '"Slowly."'])
def test_a_text_that_is_none_is_an_error_at_its_line(write_lecture, old):
    with pytest.raises(UsageError, match="line 2: .* a text for each beat"):
        read_lecture(write_lecture(WITH_TEXTS.replace(old, "3")))
