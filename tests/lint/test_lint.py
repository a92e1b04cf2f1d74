"""Every fault class is caught on a scene that is broken on purpose, and good scenes pass."""

import numpy as np
import pytest
from manim import RIGHT, Line, Rectangle, VGroup

from gradreel import catalog
from gradreel.draw.text import text
from gradreel.lecture.lecture_scene import LectureScene
from gradreel.lint import FAULT_KINDS, layout_faults
from gradreel.theme import colors
from tests.scenes.run_scene import manifest_of


class Broken(LectureScene):
    fault = ""

    def construct(self) -> None:
        with self.beat("a beat", "Short.") as beat:
            self.add(*getattr(self, self.fault.replace(" ", "_"))())
        if self.fault == "dead time":
            beat.still = 9.0
        if self.fault == "too short":
            beat.say = "A caption " * 20

    def outside(self):
        return [text("far away").move_to(7.2 * RIGHT)]

    def overlap(self):
        return [text("one word"), text("another").shift(0.2 * RIGHT)]

    def covered(self):
        words = text("struck out")
        return [words, Line(words.get_left(), words.get_right(), color=colors.accent)]

    def too_small(self):
        return [text("fine print", font_size=18)]

    def contrast(self):
        return [text("pale", color=colors.faint)]

    def empty(self):
        words = text("gone")
        words.submobjects = []
        words.points = np.zeros((0, 3))
        return [words]

    def nothing(self):
        return [text("all is well")]

    too_short = dead_time = nothing


def found(fault: str) -> set[str]:
    scene = type("Broken", (Broken,), {"fault": fault})(skip_animations=True)
    scene.setup()
    scene.construct()
    return {row["kind"] for row in layout_faults(scene, scene.beats[0])}


@pytest.mark.parametrize("kind", FAULT_KINDS)
def test_each_fault_is_caught_and_only_that(kind: str) -> None:
    assert found(kind) == {kind}


def test_a_clean_beat_has_no_faults() -> None:
    assert found("nothing") == set()


def test_a_patch_behind_letters_lets_a_line_pass() -> None:
    words = text("label")
    patch = Rectangle(
        width=2, height=1, stroke_width=0, fill_color=colors.background, fill_opacity=1
    )
    line = Line(3 * RIGHT, -3 * RIGHT)

    class Patched(Broken):
        def nothing(self):
            return [line, VGroup(patch, words)]

    scene = type("Patched", (Patched,), {"fault": "nothing"})(skip_animations=True)
    scene.setup()
    scene.construct()
    assert layout_faults(scene, scene.beats[0]) == []


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("name", [entry.name for entry in catalog.syllabus_scenes()])
def test_every_scene_of_the_lecture_can_be_read(
    name: str, theme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADREEL_THEME", theme)
    rows: list[dict] = []
    manifest_of(name, watch=lambda scene, beat: rows.extend(layout_faults(scene, beat)))
    assert rows == []
