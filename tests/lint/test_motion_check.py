"""Each check of motion finds its fault in a scene built to have it, at its second."""

from __future__ import annotations

from typing import Any

import pytest
from manim import (
    DOWN,
    LEFT,
    RIGHT,
    UP,
    Dot,
    FadeIn,
    FadeOut,
    Line,
    ReplacementTransform,
    Square,
    ValueTracker,
    VGroup,
    linear,
    tempconfig,
)  # fmt: skip

from deltarender.engine.frame_by_frame import frame_by_frame_scene, play_frames
from gradreel import catalog
from gradreel.draw.labelled_number import LabelledNumber
from gradreel.draw.text import text
from gradreel.lecture.lecture_scene import LectureScene
from gradreel.lint import ADVICE, MOTION_KINDS, motion_check
from gradreel.lint.known_faults import KNOWN_FAULTS
from gradreel.lint.motion_check import silences
from gradreel.tape import Quantity


class MotionScene(LectureScene):
    """One beat with the animations of the method that is named after `fault`."""

    fault = ""

    def construct(self) -> None:
        self.x = ValueTracker(1.0)
        unseen = self.fault == "number not shown"
        numbers = {"n": Quantity(3.0, "input")} if unseen else {}
        with self.beat("a beat", "It is {n}." if unseen else "Short.", **numbers):
            self.wait(0.5)
            getattr(self, self.fault.replace(" ", "_"))()
        if self.fault != "still":
            self.beats[0].hold = 0.0

    def overlap(self) -> None:
        """A cross-fade of two texts at one place."""
        old, new = text("one word"), text("another")
        self.play(FadeIn(old), run_time=0.3)
        self.play(FadeOut(old), FadeIn(new), run_time=0.9)

    def covered(self) -> None:
        """A line that moves through a text."""
        words, line = text("struck out"), Line(2 * LEFT, 2 * RIGHT).shift(0.5 * UP)
        self.play(FadeIn(words, line), run_time=0.3)
        self.play(line.animate.shift(DOWN), run_time=2.0)

    def outside(self) -> None:
        """A text that leaves the frame while it is visible."""
        words = text("away")
        self.play(FadeIn(words), run_time=0.3)
        self.play(words.animate.shift(9 * RIGHT), run_time=0.6)

    def stale_number(self) -> None:
        """A number that no longer follows its value."""
        number = self.number()
        self.play(FadeIn(number), run_time=0.3)
        number.suspend_updating()
        self.play(self.x.animate.set_value(9.0), run_time=1.0)

    def sudden(self) -> None:
        self.add(Square())
        self.wait(0.3)

    def still(self) -> None:
        self.wait(3.2)

    def number_not_shown(self) -> None:
        """The number comes a second after the caption that says it."""
        self.wait(0.8)
        self.x.set_value(3.0)
        self.play(FadeIn(self.number()), run_time=0.3)

    def no_fault(self) -> None:
        """A number off stage while its value changes, and faded out while it changes."""
        number = self.number()
        self.x.set_value(5.0)
        first, second = Dot(), Square().shift(2 * UP)
        self.play(FadeIn(number.shift(2 * DOWN)), FadeIn(first), run_time=0.5)
        self.play(ReplacementTransform(first, second), run_time=0.5, rate_func=linear)
        self.play(FadeOut(second, number), self.x.animate.set_value(7.0), run_time=0.5)

    def number(self) -> VGroup:
        return LabelledNumber("x", lambda: Quantity(self.x.get_value(), "input"))


def faults_of(fault: str) -> list[dict[str, Any]]:
    scene_class = type("Faulty", (MotionScene,), {"fault": fault})
    settings = {"quality": "low_quality", "disable_caching": True, "progress_bar": "none"}
    with tempconfig(settings):
        scene: Any = frame_by_frame_scene(scene_class)
        check = motion_check(scene)
        play_frames(scene, check)
        return check.result()


@pytest.mark.parametrize("kind", MOTION_KINDS)
def test_each_fault_is_found_and_no_other(kind: str) -> None:
    faults = faults_of(kind)
    assert {fault["kind"] for fault in faults} == {kind}
    for fault in faults:
        assert fault["scene"] == "Faulty"
        assert fault["beat"] == "a beat"
        assert fault["advice"] == ADVICE[kind]
        assert fault["end"] > fault["start"] >= 0.0


def test_a_scene_without_faults_has_no_rows() -> None:
    assert faults_of("no fault") == []


def test_a_double_exposure_has_its_second_and_its_opacity() -> None:
    (fault,) = faults_of("overlap")
    assert 0.8 < fault["start"] < 1.2
    assert 1.2 < fault["end"] < 1.7
    assert "%" in fault["detail"]


def test_a_stale_number_says_what_it_should_be() -> None:
    (fault,) = faults_of("stale number")
    assert fault["culprit"] == "number '1.00'"
    assert fault["detail"].startswith("its source is at ")


def test_silence_is_time_in_which_nobody_speaks() -> None:
    assert list(silences(1.0, 9.0, [(2.0, 4.0), (3.0, 5.0), (20.0, 30.0)])) == [(1, 2), (5, 9)]
    assert list(silences(1.0, 9.0, [(0.0, 10.0)])) == []
    assert list(silences(1.0, 9.0, [])) == [(1, 9)]


def test_the_list_of_known_faults_names_scenes_and_kinds_that_exist() -> None:
    names = {entry.name for entry in catalog.syllabus_scenes()}
    for scene, kinds in KNOWN_FAULTS.items():
        assert scene in names
        assert set(kinds) <= set(MOTION_KINDS)
        assert "stale number" not in kinds  # a false number is mended, not listed
