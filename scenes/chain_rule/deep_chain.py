"""Products vanish or explode.

The gradient along chains of many links, on a logarithmic axis: factors below one make it vanish,
factors above one make it explode. A last chain consists of activations. All chains are recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from manim import LEFT, FadeIn, ValueTracker, VGroup, linear

from gradreel.draw.contours import MapTrail
from gradreel.draw.formula import Formula
from gradreel.draw.layout import Rect, content_area, fit_into, point
from gradreel.draw.log_plane import LogPlane, log10_or_nan
from gradreel.draw.numbers import Readout
from gradreel.draw.plane import padded_range
from gradreel.draw.text import text
from gradreel.lecture.lecture_scene import LectureScene
from gradreel.params import Literal, SceneParams, param
from gradreel.scenes.chain_rule.deep_chain_experiment import (
    DeepChainRun,
    activation_chain,
    scaled_chain,
)
from gradreel.tape import Quantity
from gradreel.theme import FontSize, colors


class DeepChain(LectureScene):
    class Params(SceneParams):
        links: int = param(100, "links of each chain", ge=5, le=300)
        under: float = param(0.9, "a factor under one", gt=0, lt=1)
        over: float = param(1.1, "a factor over one", gt=1, le=3)
        activation: Literal["sigmoid", "tanh", "relu", "leaky_relu"] = param(
            "sigmoid", "what the last chain is made of"
        )
        depth: int = param(10, "how many of them", ge=2, le=40)
        x: float = param(1.0, "the input of that chain", ge=-10, le=10)

    def construct(self) -> None:
        p = self.params
        scaled = [scaled_chain(p.links, factor) for factor in (p.under, 1.0, p.over)]
        deep = activation_chain(p.depth, p.activation, p.x)
        self.chains = [*scaled, deep]
        self.tape = scaled[0].tape
        self.link_trackers = [ValueTracker(0) for _ in self.chains]
        self.build_layout()

        with self.beat("a long chain", OPENING, plays=2, links=scaled[0].link_count):
            self.play(FadeIn(self.plane))
            self.play(FadeIn(self.head))
        for k, chain in enumerate(scaled):
            with self.beat(NAMES[k], CAPTIONS[k], w=chain.factor, left=chain.result):
                self.play(FadeIn(self.rows[k]), run_time=0.6)
                self.add(self.trails[k])
                self.play(self.link_trackers[k].animate.set_value(p.links), rate_func=linear)
        with self.beat(p.activation, SLOPE[p.activation], plays=2, slope=max(deep.locals)):
            self.play(FadeIn(self.rows[3]))
            self.add(self.trails[3])
            self.play(self.link_trackers[3].animate.set_value(1))
        say = REMAINDER if deep.result else NOTHING
        with self.beat("all of them", say, depth=deep.factor, left=deep.result):
            self.play(self.link_trackers[3].animate.set_value(p.depth), rate_func=linear)
        with self.beat("near one", NEAR_ONE, plays=2):
            self.play(*(tracker.animate.set_value(0) for tracker in self.link_trackers))
            ends = [len(chain.running) - 1 for chain in self.chains]
            self.play(*(tracker.animate.set_value(end)
                        for tracker, end in zip(self.link_trackers, ends, strict=True)),
                      rate_func=linear)  # fmt: skip

    def build_layout(self) -> None:
        """The gradients on a logarithmic axis; beside it a row for each chain."""
        picture, side = content_area().columns(1.7, 1, gap=0.4)
        logs = [log10_or_nan([float(g) for g in chain.running]) for chain in self.chains]
        self.plane = LogPlane(
            (0, self.params.links), padded_range(np.concatenate(logs), 0.06), picture,
            linear_x=True, x_name="k", y_name='"gradient"', tick_count=(5, 7),
        )  # fmt: skip
        tones = (colors.falling, colors.text, colors.rising, colors.local)
        points = [np.column_stack([np.arange(len(log)), log]) for log in logs]
        clocks = [tracker.get_value for tracker in self.link_trackers]
        self.trails = [
            MapTrail(self.plane, curve[np.isfinite(curve[:, 1])], clock, color=tone)
            for curve, clock, tone in zip(points, clocks, tones, strict=True)
        ]
        head, *areas = side.rows(0.7, 1, 1, 1, 1)
        self.head = fit_into(text("what is left of it", font_size=FontSize.label), head)
        self.head.set_color(colors.muted)
        labels = [
            Formula("{w}^{n}", w=chain.factor, n=chain.link_count, font_size=FontSize.body)
            for chain in self.chains[:3]
        ]
        name = f'upright("{self.params.activation.replace("_", " ")}")'
        count = self.chains[3].link_count
        labels.append(Formula("{n} times " + name, n=count, font_size=FontSize.body))
        self.rows = [
            ChainRow(label, chain, clock, tone, area)
            for label, chain, clock, tone, area in zip(
                labels, self.chains, clocks, tones, areas, strict=True
            )
        ]


class ChainRow(VGroup):
    """The label of a chain and its gradient after `clock()` links on the way back."""

    def __init__(
        self, label: Formula, chain: DeepChainRun, clock: Callable[[], float], color: str,
        area: Rect,
    ) -> None:  # fmt: skip
        super().__init__()
        left, right = area.columns(1, 1.25, gap=0.2)
        fit_into(label.set_color(color), left).align_to(point(left.left, 0), LEFT)
        self.gradient = Readout(
            lambda: running_gradient(chain.running, clock()), color=color,
            font_size=FontSize.formula, align="left",
        )  # fmt: skip
        self.gradient.move_to(right.center).align_to(point(right.left, 0), LEFT)
        self.add(label, self.gradient)


def running_gradient(running: Sequence[Quantity], links: float) -> Quantity:
    """The gradient after the last whole link of `links`."""
    return running[min(int(links + 1e-9), len(running) - 1)]


NAMES = ("under one", "exactly one", "over one")
OPENING = "A chain of {links} links, recorded. Backward multiplies one factor a link: what is left?"
CAPTIONS = (
    "Each link passes on {w} of what it gets. At the input {left} is left: it vanished.",
    "With {w} at every link, the gradient arrives as it set out: {left}.",
    "With {w} at every link it grows and grows: {left} at the input. It exploded.",
)
SLOPE = {
    "sigmoid": "And a sigmoid? Its slope is never above a quarter; here at best {slope}.",
    "tanh": "And a tanh? Its slope is one only at zero; here it is {slope} at best.",
    "relu": "And a ReLU? Its slope is one above zero and nothing elsewhere; here it is {slope}.",
    "leaky_relu": "And a leaky ReLU? Above zero all passes, below a little; here {slope} at best.",
}
REMAINDER = "{depth} of them in a row, and {left} of the gradient is left."
NOTHING = "{depth} of them in a row, and {left} is left. A log axis has no place for that."
NEAR_ONE = "So deep networks keep their factors near one: by good starts, scaling and shortcuts."
