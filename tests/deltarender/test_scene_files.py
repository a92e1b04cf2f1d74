"""Scene classes are found by parsing a file, whatever names it imports its bases by."""

from __future__ import annotations

from pathlib import Path

import pytest

from deltarender.errors import UsageError
from deltarender.scene_files import find_scenes, scene_classes


def classes_of(folder: Path, source: str) -> list[str]:
    (folder / "film.py").write_text(source)
    return scene_classes(folder / "film.py")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("from manim import Scene as Base\nclass A(Base): pass\n", ["A"]),
        ("import manim as m\nclass A(m.ThreeDScene): pass\n", ["A"]),
        ("class Helper: pass\nclass A(Helper): pass\n", []),
        ("import other\nclass A(other.Thing):\n    def construct(self): pass\n", ["A"]),
        ("class B(Scene): pass\nclass A(B):\n    def construct(self): pass\n", ["A"]),
        ("class B(Scene): pass\n", ["B"]),
        ("class B(Scene): count = 1\nclass A(B): pass\n", ["B", "A"]),
        ("if True:\n    class A(Scene): pass\n", ["A"]),
        ("try:\n    class A(Scene): pass\nexcept ImportError: pass\n", ["A"]),
        ("raise SystemExit  # never run\nclass A(Scene): pass\n", ["A"]),
    ],
)
def test_classes_of_a_file(source: str, expected: list[str], tmp_path: Path) -> None:
    assert classes_of(tmp_path, source) == expected


@pytest.mark.parametrize(
    "statement", ["from base import Mine", "from base import *", "from base import Mine as Mine"]
)
def test_bases_from_files_beside_it_are_followed(statement: str, tmp_path: Path) -> None:
    (tmp_path / "base.py").write_text("from film import A\nclass Mine(Scene): pass\n")
    assert classes_of(tmp_path, f"{statement}\nclass A(Mine): pass\n") == ["A"]


def test_a_name_of_an_own_abstract_base_can_be_added(tmp_path: Path) -> None:
    source = "class A(LectureScene): pass\nclass B(A):\n    def construct(self): pass\n"
    (tmp_path / "film.py").write_text(source)
    assert scene_classes(tmp_path / "film.py") == ["A", "B"]
    assert scene_classes(tmp_path / "film.py", frozenset({"LectureScene"})) == ["B"]


def test_scenes_are_named_by_file_or_by_class(tmp_path: Path) -> None:
    path = tmp_path / "film.py"
    path.write_text("class A(Scene): pass\nclass B(Scene): pass\n")
    assert [(ref.file, ref.cls) for ref in find_scenes(str(path))] == [(path, "A"), (path, "B")]
    assert [ref.name for ref in find_scenes(f"{path}:B")] == ["B"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("film.py:C", b"class A(Scene): pass\n", r"no scene is called 'C'.*\n.*A"),
        ("film.py", b"x = 1\n", "defines no scene"),
        ("film.py", b"class (:\n", "film.py, line 1"),
        ("film.py", b"\xff\xfe", "can't decode byte"),
        ("film.py", b"x = '\0'\n", "film.py"),
        ("other.py", b"", "no file .*other.py"),
    ],
)
def test_what_cannot_be_found_is_an_error(
    name: str, content: bytes, message: str, tmp_path: Path
) -> None:
    (tmp_path / "film.py").write_bytes(content)
    with pytest.raises(UsageError, match=message):
        find_scenes(str(tmp_path / name))


LIBRARY = {
    "kit/__init__.py": "from kit.bases import Base\n",
    "kit/bases.py": "from manim import Scene\nclass Base(Scene):\n    seconds = 1\n",
    "outro.py": "from manim import Scene\nclass Outro(Scene):\n    def construct(self): pass\n",
}
MADE = """
from manim import *
import outro
from kit import Base

class OnlyABase(Scene): pass
class Known(OnlyABase):
    def construct(self): pass
class Exported(Base):
    seconds = 2
class Ends(outro.Outro): pass
def make(name):
    return type(name, (Scene,), {"__module__": __name__})
Made = make("Made")
for count in range(2):
    globals()[f"Numbered{count}"] = make(f"Numbered{count}")
"""


def test_classes_that_the_text_does_not_show_are_found_by_importing_the_file(
    tmp_path: Path,
) -> None:
    (tmp_path / "kit").mkdir()
    for name, source in {**LIBRARY, "film.py": MADE}.items():
        (tmp_path / name).write_text(source)
    found = [ref.name for ref in find_scenes(str(tmp_path / "film.py"))]
    assert found == ["Known", "Exported", "Ends", "Made", "Numbered0", "Numbered1"]
    assert [ref.cls for ref in find_scenes(f"{tmp_path}/film.py:Made")] == ["Made"]


def test_a_file_is_imported_only_in_doubt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(path: Path) -> list[str]:
        raise UsageError("no import", where=str(path))

    monkeypatch.setattr("deltarender.workers.scene_probe.imported_scene_classes", asked)
    sure = "BLUE = ManimColor('#00f')\nclass A(Scene): pass\nclass Dots(VGroup): pass\n"
    (tmp_path / "film.py").write_text(sure)
    assert len(find_scenes(str(tmp_path / "film.py"))) == 1
    # A file that cannot be imported has the scenes of its text.
    (tmp_path / "film.py").write_text(sure + "Made = make()\n")
    assert len(find_scenes(str(tmp_path / "film.py"))) == 1
    (tmp_path / "film.py").write_text("Made = make()\n")
    with pytest.raises(UsageError, match="no import"):
        find_scenes(str(tmp_path / "film.py"))


def test_a_file_whose_import_fails_is_an_error_with_its_message(tmp_path: Path) -> None:
    (tmp_path / "film.py").write_text("print('[]')\nMade = make()\n")
    with pytest.raises(UsageError, match="NameError: name 'make' is not defined"):
        find_scenes(str(tmp_path / "film.py"))
