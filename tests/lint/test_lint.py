"""Each layout check finds its fault in a scene built to have it, and nothing in the lecture."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from manim import RIGHT, Line, Mobject, Rectangle, VGroup

from gradreel import catalog
from gradreel.draw.text import text
from gradreel.lecture.lecture_scene import LectureScene
from gradreel.lint import FAULT_KINDS, layout_faults
from gradreel.theme import colors
from tests.scenes.run_scene import dry_run


class FaultyScene(LectureScene):
    """One beat with the mobjects of the method that is named after `fault`."""

    fault = ""
    spoken_until: float | None = None  # seconds

    def construct(self) -> None:
        caption = "It is 7." if self.fault == "unsourced" else "Short."
        with self.beat("a beat", caption) as beat:
            self.add(*getattr(self, self.fault.replace(" ", "_"))())
        if self.fault == "dead time":
            beat.hold = 9.0
        if self.fault == "too short":
            beat.caption = "A caption " * 20
        if self.spoken_until is not None:
            sentence = replace(beat.sentences[0], end=self.spoken_until, audio=Path("speech.wav"))
            beat.sentences = [sentence]

    def outside(self) -> list[Mobject]:
        return [text("far away").move_to(7.2 * RIGHT)]

    def overlap(self) -> list[Mobject]:
        return [text("one word"), text("another").shift(0.2 * RIGHT)]

    def covered(self) -> list[Mobject]:
        words = text("struck out")
        return [words, Line(words.get_left(), words.get_right(), color=colors.accent)]

    def too_small(self) -> list[Mobject]:
        return [text("fine print", font_size=18)]

    def contrast(self) -> list[Mobject]:
        return [text("pale", color=colors.faint)]

    def empty(self) -> list[Mobject]:
        words = text("gone")
        words.submobjects = []
        words.points = np.zeros((0, 3))
        return [words]

    def no_fault(self) -> list[Mobject]:
        return [text("all is well")]

    too_short = dead_time = unsourced = no_fault


def fault_rows(scene_class: type[FaultyScene]) -> list[dict[str, Any]]:
    scene = scene_class(skip_animations=True)
    scene.setup()
    scene.construct()
    return layout_faults(scene, scene.beats[0])


def fault_kinds(fault: str) -> set[str]:
    rows = fault_rows(type("Faulty", (FaultyScene,), {"fault": fault}))
    return {row["kind"] for row in rows}


@pytest.mark.parametrize("kind", FAULT_KINDS)
def test_each_fault_is_found_and_no_other(kind: str) -> None:
    assert fault_kinds(kind) == {kind}


def test_a_beat_without_faults_has_no_rows() -> None:
    assert fault_kinds("no fault") == set()


def test_a_caption_that_is_spoken_needs_no_time_to_be_read() -> None:
    faulty = type("Faulty", (FaultyScene,), {"fault": "too short", "spoken_until": 1.0})
    assert fault_rows(faulty) == []


@pytest.mark.parametrize(("spoken_until", "kinds"), [(9.0, []), (1.0, ["dead time"])])
def test_a_picture_may_stand_while_somebody_speaks(spoken_until: float, kinds: list[str]) -> None:
    class Standing(FaultyScene):
        fault = "no fault"

        def construct(self) -> None:
            super().construct()
            (beat,) = self.beats
            beat.end, beat.hold = beat.start + 9.0, 9.0

    Standing.spoken_until = spoken_until
    assert [row["kind"] for row in fault_rows(Standing)] == kinds


def test_a_line_may_pass_behind_letters_with_a_background() -> None:
    words = text("label")
    background = Rectangle(
        width=2, height=1, stroke_width=0, fill_color=colors.background, fill_opacity=1
    )
    line = Line(3 * RIGHT, -3 * RIGHT)

    class LabelledLine(FaultyScene):
        fault = "no fault"

        def no_fault(self) -> list[Mobject]:
            return [line, VGroup(background, words)]

    assert fault_rows(LabelledLine) == []


@pytest.mark.parametrize("name", [entry.name for entry in catalog.syllabus_scenes()])
def test_no_scene_of_the_lecture_has_layout_faults_in_light(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # In the dark theme tests/scenes/test_values.py looks for them.
    monkeypatch.setenv("GRADREEL_THEME", "light")
    assert dry_run(name).faults == []


def test_the_fault_of_small_letters_names_the_limit() -> None:
    (row,) = fault_rows(type("Faulty", (FaultyScene,), {"fault": "too small"}))
    assert "px high" in row["detail"] and "at least 22 px" in row["detail"]
