"""What backward needs is kept in memory.

The memory that a network holds for backward, tracked, under no_grad, and detached in the middle;
and, by powers of ten, what is quoted of a large model's.
"""

from __future__ import annotations

from typing import get_args

from manim import UP, FadeIn

from gradreel.draw.layout import content_area
from gradreel.errors import UsageError
from gradreel.lecture.lecture_scene import LectureScene
from gradreel.params import Literal, SceneParams, param
from gradreel.scenes.control.joins import NODE_JOIN
from gradreel.scenes.control.memory_lane_figure import MemoryLane, numbers_width
from gradreel.scenes.control.memory_scale_figure import MemoryScale
from gradreel.scenes.control.saved_tensor_memory_experiment import (
    QUOTED_GIGABYTES,
    QUOTED_PERCENT_SAVED,
    GradMode,
    NetworkSpec,
    saved_tensor_memory,
)

MANY, LAYER_TIME = 10, 0.3  # layers; seconds for each, where there are more
MODES: tuple[GradMode, ...] = get_args(GradMode)


class SavedTensors(LectureScene):
    begins_with = NODE_JOIN

    class Params(SceneParams):
        depth: int = param(8, "layers of the network", ge=2, le=16)
        cut: int = param(4, "the layer after which it is detached", ge=1, le=15)
        rows: int = param(250, "examples that the network sees at once", ge=1, le=1024)
        width: int = param(250, "units in each layer", ge=1, le=1024)
        activation: Literal["tanh", "relu", "gelu"] = param("tanh", "what those units do")
        dtype: Literal["float32", "float64"] = param("float32", "the type of its numbers")

    def construct(self) -> None:
        self.build_layout()
        self.play_networks()
        self.play_scale()

    def play_networks(self) -> None:
        """What the network keeps in each of the three modes."""
        tracked, untracked, detached = self.networks
        with self.beat("what backward needs", KEEPS, MOST.replace("UNIT", self.unit),
                       most=self.peak) as said:  # fmt: skip
            start = tracked.line.get_start() + 0.2 * UP
            node = self.leave_first_picture(target_position=start, scale=0.3)
            lanes = (lane.appears() for lane in self.networks)
            self.play(*node, *lanes, FadeIn(self.legend), run_time=1)
            self.play(tracked.runs_forward())
            said.next()
            self.play(untracked.runs_forward())
        with self.beat("kept only behind the cut", DROPS):
            # A column that grows faster seems to appear at once.
            slow = {"run_time": LAYER_TIME * self.params.depth} if self.params.depth > MANY else {}
            self.play(detached.runs_forward(), **slow)

    def play_scale(self) -> None:
        """What a large model is said to keep, and what no_grad saves of it."""
        low, high = QUOTED_GIGABYTES
        least, most = QUOTED_PERCENT_SAVED
        with self.beat("powers of ten", POWERS, GPT, SAVES, low=low, high=high, least=least,
                       most=most) as said:  # fmt: skip
            self.play(*self.fade_out_all(), run_time=0.6)
            self.play(self.scale.appears())
            said.next(plays=2)
            self.play(self.scale.arrives(), run_time=0.6)
            self.play(self.scale.hops_on())
            said.next()
            self.play(self.scale.makes_room(), self.scale.shows_memory(), run_time=0.6)
            self.play(self.scale.saves())

    def build_layout(self) -> None:
        """The memory of a network in three modes, and the scale of a large one's."""
        p = self.params
        if p.cut >= p.depth:
            raise UsageError(
                f"a network of {p.depth} layers has none after the cut at layer {p.cut}.",
                where="-P cut",
                hint="Choose a smaller cut or a greater depth.",
            )
        network = NetworkSpec(p.depth, p.rows, p.width, p.activation, p.dtype)
        runs = [saved_tensor_memory(network, mode, p.cut) for mode in MODES]
        scale = max(max(sample.layers) for sample in runs[0].samples)
        self.unit, self.peak = runs[0].unit, runs[0].peak
        side = numbers_width((s.total for run in runs for s in run.samples), self.unit)
        areas = content_area().rows(1, 1, 1, gap=0.2)
        self.networks = [
            MemoryLane(
                mode, run.samples, self.unit, scale, area, side=side, cut=p.cut * (mode == "detach")
            )
            for mode, run, area in zip(MODES, runs, areas, strict=True)
        ]
        self.legend = self.networks[0].legend()
        self.scale = MemoryScale(
            self.peak, self.unit, runs[0].peak_bytes, QUOTED_GIGABYTES, QUOTED_PERCENT_SAVED,
            content_area(),
        )  # fmt: skip


KEEPS = "For backward, a network keeps the value that each layer hands on."
MOST = "Tracked, these are {most} UNIT. Under no_grad, none is kept."
DROPS = "With detach, what came before the cut is freed."
POWERS = "Now by powers of ten, up to a large model."
GPT = "GPT-sized graphs hold {low} to {high} gigabytes."
SAVES = "The weights stay: of all memory, no_grad saves {least} to {most} percent."
