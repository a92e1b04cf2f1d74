"""What stands on stage during a backward pass on a graph, and what leaves with the graph."""

from __future__ import annotations

from typing import Any

import pytest
from manim import AnimationGroup, FadeOut, Square, VGroup

from gradreel.draw.graph import TapeGraph
from gradreel.draw.layout import Rect
from gradreel.draw.no_motion import NoMotion
from gradreel.lecture import LectureScene
from gradreel.record import record
from gradreel.tape import Tape
from tests.scenes.run_scene import play


def product(x: Any, y: Any) -> Any:
    return x * y


@pytest.fixture(scope="module")
def tape() -> Tape:
    return record(product, x=2.0, y=3.0)


def scene_after_pass(tape: Tape, ending: Any) -> LectureScene:
    """A scene that plays every step of the backward pass with both verbs, then `ending`."""

    class Pass(LectureScene):
        def construct(self) -> None:
            self.graph = TapeGraph(tape, area=Rect(-3.0, 3.0, -2.0, 2.0))
            self.play(self.graph.unfolds())
            for step in tape.backward():
                self.play(self.graph.receives(step))
                self.play(self.graph.sends(step))
            ending(self)

    scene: LectureScene = play(Pass)
    return scene


def shown(scene: LectureScene) -> set[int]:
    """What has points and is on stage, besides the header."""
    on_stage = [mobject for mobject in scene.mobjects if mobject is not scene.header]
    return {id(part) for mobject in on_stage for part in mobject.family_members_with_points()}


def points_of(mobject: Any) -> set[int]:
    return {id(part) for part in mobject.family_members_with_points()}


@pytest.mark.parametrize(
    "leaves",
    [
        lambda graph: FadeOut(graph),
        lambda graph: FadeOut(Square(), graph),
        lambda graph: AnimationGroup(FadeOut(VGroup(graph, Square()))),
    ],
    ids=["alone", "with another", "in a group"],
)
def test_streams_and_formulas_leave_with_the_graph(tape: Tape, leaves: Any) -> None:
    def ending(scene: Any) -> None:
        for companion in scene.graph.companions:
            assert points_of(companion) <= shown(scene)
        scene.play(leaves(scene.graph))

    scene: Any = scene_after_pass(tape, ending)
    kinds = {type(m).__name__ for m in scene.graph.companions}
    assert kinds >= {"GradientStream", "EdgeLabel", "Formula"}
    assert shown(scene) == set()


def test_streams_stay_above_the_arrows_while_they_leave(tape: Tape) -> None:
    seen: list[list[int]] = []

    class Leaves(FadeOut):
        def begin(self) -> None:
            super().begin()
            seen.append([id(part) for m in self.scene.mobjects for part in m.get_family()])

    def ending(scene: Any) -> None:
        Leaves.scene = scene
        scene.play(Leaves(scene.graph))

    scene: Any = scene_after_pass(tape, ending)
    lines = [seen[0].index(id(arrow.line)) for arrow in scene.graph.arrows.values()]
    streams = [seen[0].index(id(stream.line)) for stream in scene.graph.streams.values()]
    assert max(lines) < min(streams)


def test_what_moves_on_while_the_graph_fades_stays(tape: Tape) -> None:
    def ending(scene: Any) -> None:
        scene.kept = scene.graph.companions[-1]
        scene.play(FadeOut(scene.graph), scene.kept.animate.shift([1, 0, 0]))

    scene: Any = scene_after_pass(tape, ending)
    assert shown(scene) == points_of(scene.kept)


def test_a_leaf_sends_nothing(tape: Tape) -> None:
    graph = TapeGraph(tape, area=Rect(-3.0, 3.0, -2.0, 2.0))
    sent = {step.op: graph.sends(step) for step in tape.backward()}
    assert [isinstance(sent[op], NoMotion) for op in ("x", "y")] == [True, True]
    assert sum(isinstance(move, NoMotion) for move in sent.values()) == 2


def test_a_group_of_no_animations_takes_a_moment(tape: Tape) -> None:
    def ending(scene: Any) -> None:
        began = scene.time
        scene.play(AnimationGroup(), scene.graph.appears(), run_time=0.4)
        scene.seconds = scene.time - began

    scene: Any = scene_after_pass(tape, ending)
    assert scene.seconds == pytest.approx(0.4, abs=0.1)
