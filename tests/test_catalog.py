"""The catalogue of scenes, read without importing them."""

import importlib
from pathlib import Path

import pytest

from deltarender import scene_files
from gradreel import catalog
from gradreel.errors import ExpressionError, UsageError

MANIM_FILE = '''
from manim import *

class Base(Scene):
    pass

class First(Base):
    def construct(self):
        self.wait()

class Helper:
    pass

class Second(MovingCameraScene):
    """Moves."""
    def construct(self):
        self.wait()
'''


def test_parameters_agree_with_those_of_the_imported_scene() -> None:
    for entry in catalog.syllabus_scenes():
        module = importlib.import_module(
            f"gradreel.scenes.{entry.file.parent.name}.{entry.file.stem}"
        )
        imported = getattr(module, entry.cls).Params
        assert entry.params.model_json_schema() == imported.model_json_schema()
        assert entry.claim
    assert "the product" in catalog.find_entries("ChainRule")[0].beats


BEATS = """
from gradreel.lecture import LectureScene

class Mine(LectureScene):
    def later(self):
        with self.beat("third"):
            pass

    def construct(self):
        with self.beat("first"):
            self.play()
        for k in range(2):
            with self.beat(f"second {k}"):
                pass
        self.later()
        with self.beat("last"):
            pass
"""


def test_beats_are_listed_in_the_order_in_which_they_are_played(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text(BEATS)
    (entry,) = catalog.find_entries(str(path))
    assert entry.beats == ["first", "second {...}", "third", "last"]


def test_the_scenes_of_a_manim_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text(MANIM_FILE)
    assert [e.cls for e in catalog.find_entries(str(path))] == ["First", "Second"]
    assert catalog.find_entries(f"{path}:Second")[0].claim == "Moves"
    with pytest.raises(UsageError, match="First, Second"):
        catalog.find_entries(f"{path}:Third")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("TangentLin", "Did you mean TangentLine"),
        ("nowhere.py", "no file nowhere.py"),
        ("nowhere.py:A", "no file nowhere.py"),
        ("a" * 300, "no scene is called"),
    ],
)
def test_a_wrong_name_is_an_error(name: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        catalog.find_entries(name)


def test_a_syntax_error_is_reported_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "broken.py"
    path.write_text("x = 1\nclass :\n")
    with pytest.raises(UsageError, match="line 2"):
        catalog.find_entries(str(path))


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ({"start": "abc"}, "start wants a finite number from .*, not 'abc'"),
        ({"strat": "1"}, "Did you mean start"),
        ({"start": "nan"}, "finite"),
    ],
)
def test_a_wrong_parameter_is_an_error(raw: dict[str, str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        catalog.check_params(catalog.find_entries("TangentLine")[0], raw)


@pytest.mark.parametrize(
    "text",
    ["__import__('os').getcwd()", "x.real", "[x for x in 'ab']", "open('f')", "x if x else 1"],
)
def test_a_formula_with_more_than_arithmetic_is_rejected(text: str) -> None:
    with pytest.raises((ExpressionError, UsageError)):
        catalog.check_params(catalog.find_entries("TangentLine")[0], {"function": text})


DERIVED_SCENES = """
from manim import Scene as Film
import helpers
from helpers import Base, Plain
from some_package import Slide
class Ball:
    def construct(self): pass
class Imported(Base): colour = 1
class ByModule(helpers.Base): colour = 2
class Renamed(Film):
    def construct(self): pass
class Packaged(Slide):
    def construct(self): pass
class NoScene(Plain): colour = 3
try:
    class Conditional(Renamed): colour = 4
except ImportError:
    pass
"""


def test_scenes_are_recognized_by_imported_base_classes(tmp_path):
    (tmp_path / "film.py").write_text(DERIVED_SCENES)
    (tmp_path / "helpers.py").write_text(
        "from manim import *\nclass Base(MovingCameraScene):\n    def setup(self): pass\n"
        "class Plain:\n    pass\n"
    )
    assert scene_files.scene_classes(tmp_path / "film.py") == [
        "Imported", "ByModule", "Renamed", "Packaged", "Conditional",
    ]  # fmt: skip


USER_SCENES = """
from gradreel.lecture.lecture_scene import LectureScene
from gradreel.params import SceneParams, param

class Prints(LectureScene):
    class Params(SceneParams):
        print("printed by the body")
        x: float = param(1.0, "an x", ge=0)
    def construct(self): pass

class Divides(LectureScene):
    class Params(SceneParams):
        x: float = 1 / 0
    def construct(self): pass

class Exits(LectureScene):
    class Params(SceneParams):
        import os
        os._exit(3)
    def construct(self): pass
"""


@pytest.fixture
def user_scenes(tmp_path: Path) -> dict[str, catalog.SceneEntry]:
    path = tmp_path / "mine.py"
    path.write_text(USER_SCENES)
    return {entry.name: entry for entry in catalog.find_entries(str(path))}


def test_the_code_of_a_users_params_runs_in_another_process(
    user_scenes: dict[str, catalog.SceneEntry], capfd: pytest.CaptureFixture[str]
) -> None:
    row = {"name": "x", "type": "a finite number from 0", "default": 1.0, "help": "an x"}
    assert user_scenes["Prints"].to_dict()["parameters"] == [row]
    assert capfd.readouterr().out == ""
    with pytest.raises(UsageError, match="x wants a finite number from 0, not '-1'"):
        catalog.check_params(user_scenes["Prints"], {"x": "-1"})


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("Divides", "mine.py, line 13: Params fails: ZeroDivisionError: division by zero"),
        ("Exits", r"mine.py:Exits: .* ended its process \(exit code 3\)"),
    ],
)
def test_params_that_fail_are_an_error_with_their_place(
    user_scenes: dict[str, catalog.SceneEntry], name: str, message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        user_scenes[name].describe_params()


def test_a_file_and_class_names_are_joined_as_manim_takes_them(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text(MANIM_FILE)
    join = catalog.join_file_and_classes
    assert join([str(path), "First", "Second"]) == [f"{path}:First", f"{path}:Second"]
    assert join([str(path), "TangentLine"]) == [str(path), "TangentLine"]
    assert join([str(path), str(path)]) == [str(path), str(path)]
    with pytest.raises(UsageError, match="no scene is called 'Net'.\nValid: First, Second"):
        catalog.find_entries(join([str(path), "Net"])[0])


def test_a_lecture_file_is_pointed_to_its_option() -> None:
    with pytest.raises(UsageError, match="Write -l mine.toml"):
        catalog.find_entries("mine.toml")
