"""What backward needs is kept in memory.

The memory that a network holds for backward, tracked and under no_grad; and, by powers of ten, what
is quoted of a large model's.
"""

from __future__ import annotations

from typing import get_args

from manim import LEFT, RIGHT, UP, FadeIn, FadeOut, VMobject

from gradreel.draw.layout import content_area
from gradreel.draw.text import math
from gradreel.lecture.lecture_scene import LectureScene
from gradreel.params import Literal, SceneParams, param
from gradreel.scenes.control.joins import NODE_JOIN
from gradreel.scenes.control.memory_run_figure import TimedRun
from gradreel.scenes.control.memory_scale_figure import MemoryScale
from gradreel.scenes.control.memory_shelf_figure import MemoryShelf, PeakBars
from gradreel.scenes.control.saved_tensor_memory_experiment import (
    QUOTED_GIGABYTES,
    QUOTED_PERCENT_SAVED,
    GradMode,
    NetworkSpec,
    saved_tensor_memory,
)
from gradreel.theme import FontSize

LAYER_TIME = 0.42  # seconds for each layer
LEAST_TIME, MOST_TIME = 2.4, 4.0  # seconds for a run through all of them
BRISK = 0.6  # of the time of a run in which nothing is kept
MODES: tuple[GradMode, ...] = get_args(GradMode)
TRACKED, UNTRACKED = range(2)
SLOPES = {"tanh": "h = tanh z quad => quad h' = 1 - h^2", "relu": "h > 0 quad => quad h' = 1"}
"""Of the activations whose slope follows from their value."""


class SavedTensors(LectureScene):
    begins_with = NODE_JOIN

    class Params(SceneParams):
        depth: int = param(8, "layers of the network", ge=2, le=16)
        rows: int = param(250, "examples that the network sees at once", ge=1, le=1024)
        width: int = param(250, "units in each layer", ge=1, le=1024)
        activation: Literal["tanh", "relu", "gelu"] = param("tanh", "what those units do")
        dtype: Literal["float32", "float64"] = param("float32", "the type of its numbers")

    def construct(self) -> None:
        self.build_layout()
        self.play_tracked()
        self.play_untracked()
        self.play_scale()

    def play_tracked(self) -> None:
        """The values go onto the shelf, and backward takes them from it."""
        shelf, bars, seconds = self.shelf, self.bars, self.seconds
        with self.beat("what backward needs", KEEPS):
            start = shelf.wire.get_left() + 0.2 * UP
            if node := self.leave_first_picture(target_position=start, scale=0.3):
                self.play(*node, shelf.appears(), bars.appears(TRACKED), run_time=0.8)
            else:
                self.play(shelf.appears(), bars.appears(TRACKED), run_time=0.8)
            self.play(shelf.runs_until(TRACKED, shelf.layer_count), run_time=seconds)
        frees = FREES.replace("UNIT", self.unit)
        with self.beat("freed layer by layer", frees, most=self.peak):
            if self.slope is not None:
                self.play(FadeIn(self.slope, shift=0.2 * LEFT), run_time=0.3)
            self.play(shelf.runs_until(TRACKED, 2 * shelf.layer_count), run_time=seconds)

    def play_untracked(self) -> None:
        """The same network under no_grad."""
        shelf, bars, seconds = self.shelf, self.bars, self.seconds
        with self.beat("nothing is kept", NOTHING):
            gone = [FadeOut(self.slope)] if self.slope is not None else []
            self.play(*gone, bars.appears(UNTRACKED), run_time=0.5)
            self.play(shelf.runs_until(UNTRACKED, shelf.layer_count), run_time=BRISK * seconds)

    def play_scale(self) -> None:
        """What a large model is said to keep, and what no_grad saves of it."""
        low, high = QUOTED_GIGABYTES
        least, most = QUOTED_PERCENT_SAVED
        with self.beat("powers of ten", "", GPT, SAVES, low=low, high=high, least=least,
                       most=most) as said:  # fmt: skip
            said.length = 0.0  # the numbers come before they are said
            bar = self.bars.bar(TRACKED).clear_updaters()
            self.play(*self.fade_out_all(*self.bars.rows), *self.bars.goes(bar), run_time=0.4)
            self.play(self.scale.appears(bar), self.scale.arrives(), run_time=1.0)
            said.next()
            self.play(self.scale.hops_on())
            said.next()
            self.play(self.scale.makes_room(), self.scale.shows_memory(), run_time=0.8)
            self.play(self.scale.saves(), run_time=1.2)

    def build_layout(self) -> None:
        """The memory of a network in two modes, and the scale of a large one's."""
        p = self.params
        network = NetworkSpec(p.depth, p.rows, p.width, p.activation, p.dtype)
        runs = [saved_tensor_memory(network, mode) for mode in MODES]
        self.unit, self.peak = runs[0].unit, runs[0].peak
        self.seconds = min(max(LAYER_TIME * p.depth, LEAST_TIME), MOST_TIME)
        upper, lower = content_area().rows(2.6, 1, gap=0.35)
        timed = [TimedRun(run) for run in runs]
        self.shelf = MemoryShelf(timed, self.unit, p.activation, upper)
        self.bars = PeakBars(self.shelf, MODES, self.unit, lower)
        self.slope: VMobject | None = None
        if p.activation in SLOPES:
            self.slope = math(SLOPES[p.activation], font_size=FontSize.body)
            self.slope.align_to(self.shelf.wire, RIGHT).set_y(self.shelf.label.get_y())
        self.scale = MemoryScale(
            self.peak, self.unit, runs[0].peak_bytes, QUOTED_GIGABYTES, QUOTED_PERCENT_SAVED,
            content_area(),
        )  # fmt: skip


KEEPS = "Forward, each layer keeps its result for backward."
FREES = "Backward needs these {most} UNIT for its slopes, and frees them."
NOTHING = "Under no_grad, nothing is kept."
GPT = "GPT-sized graphs hold {low} to {high} gigabytes."
SAVES = "The weights stay, but no_grad saves {least} to {most} percent."
