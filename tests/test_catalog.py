"""The lecture as data, read without importing a scene."""

import importlib
from pathlib import Path

import pytest

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


def test_what_is_read_is_what_importing_gives() -> None:
    for entry in catalog.syllabus_scenes():
        module = importlib.import_module(
            f"gradreel.scenes.{entry.file.parent.name}.{entry.file.stem}"
        )
        real = getattr(module, entry.cls).Params
        assert entry.params.model_json_schema() == real.model_json_schema()
        assert entry.claim
    assert "the product" in catalog.find_scenes("ChainRule")[0].beats


def test_scenes_of_any_manim_file_are_found(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text(MANIM_FILE)
    assert [e.cls for e in catalog.find_scenes(str(path))] == ["First", "Second"]
    assert catalog.find_scenes(f"{path}:Second")[0].claim == "Moves"
    with pytest.raises(UsageError, match="First, Second"):
        catalog.find_scenes(f"{path}:Third")


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("TangentLin", "Did you mean TangentLine"),
        ("nowhere.py", "no file nowhere.py"),
        ("nowhere.py:A", "no file nowhere.py"),
    ],
)
def test_a_wrong_name_is_told(name: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        catalog.find_scenes(name)


def test_a_file_that_is_no_python_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "broken.py"
    path.write_text("x = 1\nclass :\n")
    with pytest.raises(UsageError, match="line 2"):
        catalog.find_scenes(str(path))


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        ({"start": "abc"}, "start wants a finite number from .*, not 'abc'"),
        ({"strat": "1"}, "Did you mean start"),
        ({"start": "nan"}, "finite"),
    ],
)
def test_a_wrong_parameter_is_told(raw: dict[str, str], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        catalog.check_params(catalog.find_scenes("TangentLine")[0], raw)


@pytest.mark.parametrize(
    "text",
    ["__import__('os').getcwd()", "x.real", "[x for x in 'ab']", "open('f')", "x if x else 1"],
)
def test_a_formula_that_is_more_than_arithmetic_is_refused(text: str) -> None:
    with pytest.raises((ExpressionError, UsageError)):
        catalog.check_params(catalog.find_scenes("TangentLine")[0], {"function": text})


FOREIGN = """
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


def test_scenes_are_known_by_bases_from_elsewhere(tmp_path):
    (tmp_path / "film.py").write_text(FOREIGN)
    (tmp_path / "helpers.py").write_text(
        "from manim import *\nclass Base(MovingCameraScene):\n    def setup(self): pass\n"
        "class Plain:\n    pass\n"
    )
    assert catalog.scene_classes(tmp_path / "film.py") == [
        "Imported", "ByModule", "Renamed", "Packaged", "Conditional",
    ]  # fmt: skip
