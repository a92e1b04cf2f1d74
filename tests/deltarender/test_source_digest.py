"""Sources are compared by what they do, as far as the scene can reach it."""

from __future__ import annotations

import pytest

from deltarender.source_digest import digest, mentions_lines, mentions_place

FILM = """
from manim import *
from helper import tool
SIZE = 2
def shape(): return Circle(SIZE)
def unused(): return 1
class Base(Scene):
    def add_shape(self): self.add(shape())
class Main(Base):
    def construct(self): self.add_shape()
class Other(Scene):
    \"\"\"Another scene.\"\"\"
    speed = 1
    def construct(self, n=1): self.wait(1)
"""


def changed(before: str, after: str, scene: str = "Main", film: str = FILM) -> bool:
    assert before in film
    return digest(film.encode(), scene) != digest(film.replace(before, after).encode(), scene)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("SIZE = 2", "SIZE = 2  # larger"),
        ("SIZE = 2", "\n\n# larger\nSIZE = (2)"),
        ("self.wait(1)", "self.wait(2)"),
        ("Another", "One more"),
        ("speed = 1", "speed = 2"),
        ("unused(): return 1", "unused(): return 2"),
        ("class Other(Scene)", "class Renamed(Scene)"),
    ],
)
def test_what_a_scene_cannot_reach_does_not_count(before: str, after: str) -> None:
    assert not changed(before, after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("SIZE = 2", "SIZE = 3"),
        ("Circle(SIZE)", "Square(SIZE)"),
        ("self.add(shape())", "self.add(shape(), shape())"),
        ("import tool", "import tools"),
        ("self.add_shape()", "pass"),
        ("class Base(Scene)", "class Base(ThreeDScene)"),
        ("class Other(Scene)", "@register\nclass Other(Scene)"),
        ("def unused(): return 1", "def unused(n=print(1)): return 1"),
        ("def unused(): return 1", "unused = print()"),
        ("    speed = 1", "    speed = print(1)"),
        ("class Other(Scene)", "class Other(Scene, metaclass=M)"),
    ],
)
def test_what_a_scene_reaches_or_runs_counts(before: str, after: str) -> None:
    assert changed(before, after)


@pytest.mark.parametrize(
    "code", ["globals()['Other']", "Scene.__subclasses__()", "eval('Oth' + 'er')", "'uses Other'"]
)
def test_where_any_class_may_be_reached_all_count(code: str) -> None:
    film = FILM.replace("self.add_shape()", f"self.add_shape(); {code}")
    assert changed("self.wait(1)", "self.wait(2)", film=film)
    assert not changed("self.wait(1)", "self.wait(1)  # a comment", film=film)


def test_without_a_scene_every_definition_counts() -> None:
    assert changed("self.wait(1)", "self.wait(2)", scene="")
    assert not changed("SIZE = 2", "SIZE = 2  # larger", scene="")


def test_code_that_inspects_itself_is_found() -> None:
    assert mentions_lines(b"import inspect") and mentions_lines(b"frame.f_lineno")
    assert not mentions_lines(b"respected = linear")
    assert mentions_place(b"Path(__file__).parent") and not mentions_place(b"profile")


def test_a_source_with_errors_has_no_digest() -> None:
    assert digest(b"class :") == ""
