"""Joins: two scenes share a picture, the first ends with it and the second begins with it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from manim import DOWN, LEFT, RIGHT, UP, Dot, FadeIn, Line, Square, VGroup, tempconfig

from gradreel.errors import UsageError
from gradreel.lecture import LectureScene
from gradreel.lecture.formula_shelf import FORMULAS, shelf_formulas
from gradreel.lecture.join import Join
from gradreel.params import SceneParams, param

SHARED = Join("dot and line", lambda: {"line": Line(LEFT, RIGHT), "dot": Dot(LEFT)})


class Ends(LectureScene):
    """A claim."""

    class Params(SceneParams):
        x: float = param(1.0, "a number")

    ends_with = SHARED

    def construct(self) -> None:
        dot = Dot(UP)
        with self.beat("one", "A dot."):
            self.play(FadeIn(VGroup(dot, Square())))
        self.close(dot=dot)


class Begins(LectureScene):
    """A claim."""

    class Params(SceneParams):
        x: float = param(1.0, "a number")

    begins_with = SHARED
    part = "dot"

    def construct(self) -> None:
        self.dot = Dot(DOWN)
        with self.beat("one", "A dot."):
            self.play(self.carry(self.part, self.dot))
            self.shown_in_beat = list(self.mobjects)


def played(kind: Any, **params: str) -> Any:
    with tempconfig({"quality": "low_quality", "disable_caching": True}):
        scene = kind.with_params(params)(skip_animations=True)
        scene.setup()
        scene.first_picture = list(scene.mobjects)
        scene.first_outlines = outlines(scene.mobjects)
        scene.construct()
    return scene


def outlines(mobjects: list[Any]) -> list[np.ndarray]:
    return [m.points.copy() for m in mobjects if m.has_points()]


def test_the_last_picture_is_the_first_one_of_the_next_scene() -> None:
    last, first = outlines(played(Ends).mobjects), played(Begins).first_outlines
    assert len(last) == len(first) == 2
    for a, b in zip(last, first, strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_carried_part_becomes_the_scenes_own_and_the_others_leave() -> None:
    scene = played(Begins)
    assert scene.dot in scene.mobjects and scene.header in scene.mobjects
    lines = [[isinstance(m, Line) for m in ms] for ms in (scene.shown_in_beat, scene.mobjects)]
    assert [any(found) for found in lines] == [True, False]


def test_with_other_parameters_scenes_begin_and_end_plainly() -> None:
    ends, begins = played(Ends, x="2"), played(Begins, x="2")
    assert begins.first_picture == [begins.header] and begins.dot in begins.mobjects
    assert ends.header in ends.mobjects and ends.time == ends.beats[-1].end
    assert played(Ends).time > played(Ends).beats[-1].end


def test_an_unknown_part_is_refused_with_the_valid_names() -> None:
    class Wrong(Begins):
        part = "point"

    class AlsoWrong(Ends):
        def construct(self) -> None:
            self.close(point=Dot())

    for kind in (Wrong, AlsoWrong):
        with pytest.raises(UsageError, match="point") as caught:
            played(kind)
        assert "dot" in str(caught.value.valid)
    with pytest.raises(UsageError, match="ends_with"):

        class Endless(AlsoWrong):
            ends_with = None

        played(Endless)


class Parks(LectureScene):
    """A claim so long that hardly anything has room beside it, or so one would think at least"""

    def construct(self) -> None:
        for name, formula in shelf_formulas().items():
            with self.beat(name, "A formula."):
                self.play(self.park(name, formula))


def test_formulas_are_parked_beside_the_header_and_inside_the_frame() -> None:
    def check(scene: Any, beat: Any) -> None:
        assert scene.parked.get_left()[0] > scene.header.get_right()[0]
        assert scene.parked.get_right()[0] < 7.1 and scene.parked.get_top()[1] < 4
        seen.append(beat.name)

    seen: list[str] = []
    with tempconfig({"quality": "low_quality", "disable_caching": True}):
        scene = Parks(skip_animations=True)
        scene.beat_observers.append(check)
        scene.setup()
        scene.construct()
        with pytest.raises(UsageError, match="limits"):
            scene.park("limits", Dot())
    assert seen == list(FORMULAS)
