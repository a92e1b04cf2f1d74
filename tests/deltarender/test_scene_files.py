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
