"""The project that `gradreel new` writes: it works at once and replaces nothing."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from gradreel import __version__, catalog
from gradreel.cli import group
from gradreel.errors import UsageError
from gradreel.lecture_settings import LectureSettings
from gradreel.project import create_project, find_project
from gradreel.project.new_project import template_files
from gradreel.publish.lecture_file import default_lecture
from gradreel.publish.rendered_scenes import job_for_part
from tests.scenes.run_scene import manifest_of

pytest_plugins = ["pytester"]


ROOT = Path(__file__).parents[2]


@pytest.fixture
def talk(tmp_path, monkeypatch):
    """A new project, in whose folder the test runs."""
    folder = tmp_path / "my-first_talk"
    create_project(folder)
    monkeypatch.chdir(folder)
    return folder


def test_every_file_is_filled_in(talk) -> None:
    names = template_files(talk)
    texts = {name: (talk / name).read_text() for name in names if not name.endswith(".webp")}
    assert not [name for name, text in texts.items() if "{{name" in text or "{{title" in text]
    assert tomllib.loads(texts["lecture.toml"])["title"] == "My first talk"
    assert f"gradreel[lecture]=={__version__}" in texts["requirements.txt"]
    assert texts["docs/scenes.md"] == (ROOT / "docs" / "scenes.md").read_text()
    pictures = re.findall(r"!\[[^]]*\]\((.+?)\)", texts["docs/scenes.md"])
    assert pictures and all(f"docs/{picture}" in names for picture in pictures)
    assert {".gitignore", ".github/workflows/lecture.yml", "Makefile", "README.md"} <= texts.keys()


def test_it_installs_the_torch_of_this_package(talk) -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    (torch,) = (r for r in extras["optional-dependencies"]["lecture"] if r.startswith("torch"))
    for file in ("Makefile", ".github/workflows/lecture.yml"):
        assert f" {torch}\n" in (talk / file).read_text()


def test_the_project_is_found_from_its_folders(talk, monkeypatch) -> None:
    monkeypatch.chdir(talk / "scenes")
    project = find_project()
    assert project is not None
    assert project.root == talk
    assert [entry.name for entry in catalog.lecture_scenes()] == [
        "SoftmaxGradient", "CodeWalk", "ChainRule",
    ]  # fmt: skip


def test_scenes_are_found_by_name_and_the_built_in_lecture_stays_in_reach(talk) -> None:
    (own,) = catalog.find_entries("SoftmaxGradient")
    assert str(own.file) == "scenes/softmax_gradient.py"
    (built_in,) = catalog.find_entries("autograd:TangentLine")
    assert built_in == catalog.find_entries("TangentLine")[0]
    with pytest.raises(UsageError):
        catalog.find_entries("autograd:SoftmaxGradient")
    (talk / "scenes" / "tangent_line.py").write_text(
        "from manim import Scene\nclass TangentLine(Scene):\n    def construct(self): ...\n"
    )
    assert catalog.find_entries("TangentLine")[0].file.name == "tangent_line.py"
    assert catalog.find_entries("autograd:TangentLine") == [built_in]


def test_the_lists_are_those_of_the_project_and_of_the_built_in_lecture(talk) -> None:
    listed = json.loads(CliRunner().invoke(group, ["list", "--json"]).stdout)
    assert [(row["chapter"], row["name"]) for row in listed][0] == (
        "Classification", "SoftmaxGradient",
    )  # fmt: skip
    builtin = json.loads(CliRunner().invoke(group, ["list", "--autograd", "--json"]).stdout)
    assert builtin[0]["name"] == "TangentLine"


def test_the_lecture_has_relative_paths_and_golden_values(talk) -> None:
    """A path of one machine in the name of a golden file would be missing on another."""
    settings = LectureSettings.of("l")
    for part in default_lecture().parts:
        stem = job_for_part(part, settings, talk).stem
        document = json.loads((talk / "tests" / "golden" / f"{stem}.json").read_text())
        assert document["scene"] == part.cls


@pytest.mark.parametrize("cls", ["CodeWalk", "ChainRule"])
def test_the_golden_values_of_built_in_scenes_are_those_of_this_version(talk, cls) -> None:
    """`make golden` writes them; the project's own scene is checked by its tests, below."""
    from gradreel.golden import extract_values, find_differences

    (part,) = (part for part in default_lecture().parts if part.cls == cls)
    job = job_for_part(part, LectureSettings.of("l"), talk / "media")
    found = find_differences(
        job.stem, extract_values(manifest_of(cls, **dict(part.params))), talk / "tests" / "golden"
    )
    assert found == []


def test_without_a_lecture_file_the_lecture_is_all_scenes(talk) -> None:
    (talk / "lecture.toml").unlink()
    settings = talk / "pyproject.toml"
    settings.write_text(re.sub(r"lecture = .*", "", settings.read_text()))
    assert [part.name for part in default_lecture().parts] == ["SoftmaxGradient"]


@pytest.mark.parametrize("taken", ["README.md", "scenes", "tests/golden"])
def test_nothing_is_written_where_something_is_in_the_way(tmp_path, taken) -> None:
    path = tmp_path / "talk" / taken
    path.parent.mkdir(parents=True)
    path.write_text("mine")
    with pytest.raises(UsageError, match="Nothing was written"):
        create_project(tmp_path / "talk")
    files = [p for p in (tmp_path / "talk").rglob("*") if p.is_file()]
    assert files == [path]
    assert path.read_text() == "mine"


def test_other_files_of_a_folder_stay(tmp_path) -> None:
    (tmp_path / "notes.md").write_text("mine")
    create_project(tmp_path)
    assert (tmp_path / "notes.md").read_text() == "mine"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ("golden = 3", "a text in quotes"),
        ('scenes = "scenes/*.py"', "a list of patterns"),
        ('scenes = ["/scenes"]', "patterns below this folder"),
        ('tolerances = { "x*" = "little" }', "not a number"),
        ('lecture = "none.toml"', "none.toml"),
        ('sceens = ["x"]', "Did you mean scenes"),
    ],
)
def test_wrong_settings_are_refused(tmp_path, settings, message) -> None:
    (tmp_path / "pyproject.toml").write_text(f"[tool.gradreel]\n{settings}\n")
    with pytest.raises(UsageError) as error:
        find_project(tmp_path)
    assert message in str(error.value)


def test_a_lecture_toml_of_another_program_is_no_project(tmp_path) -> None:
    (tmp_path / "lecture.toml").write_text('title = "something else"\n')
    assert find_project(tmp_path) is None


@pytest.mark.slow
def test_its_tests_hold(pytester, monkeypatch) -> None:
    create_project(pytester.path)
    plugin = ("-p", "no:gradreel", "-p", "gradreel.testing.pytest_plugin", "-p", "no:cacheprovider")
    pytester.runpytest_inprocess(*plugin).assert_outcomes(passed=5)
