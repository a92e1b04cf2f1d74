"""Products vanish or explode.

A chain of many links multiplies many factors. A little less than one each time, and next to nothing
arrives; a little more, and it blows up. The chains are recorded for real and walked by autograd.
"""

from __future__ import annotations

import numpy as np
from manim import LEFT as TO_THE_LEFT
from manim import FadeIn, ValueTracker, VGroup

from gradreel.draw.contours import MapTrail
from gradreel.draw.formula import Formula
from gradreel.draw.layout import content_area, fit_into
from gradreel.draw.log_plane import LogPlane, log10_or_nan
from gradreel.draw.numbers import Readout
from gradreel.draw.plane import padded_range
from gradreel.draw.text import text
from gradreel.lecture.lecture_scene import LectureScene
from gradreel.params import Literal, SceneParams, param
from gradreel.scenes.chain_rule.deep_chain_experiment import activation_chain, scaled_chain
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

    def construct(self):
        p = self.params
        chains = [scaled_chain(p.links, w) for w in (p.under, 1.0, p.over)]
        deep = activation_chain(p.depth, p.activation, p.x)
        self.tape = chains[0].tape
        self.now = [ValueTracker(0) for _ in range(4)]
        self.set_the_stage([*chains, deep])

        with self.beat("a long chain", OPENING, plays=2, links=self.rows[0].links):
            self.play(FadeIn(self.plane))
            self.play(FadeIn(self.heads))
        for k, chain in enumerate(chains):
            with self.beat(NAMES[k], SAID[k], w=chain.factor, left=chain.left):
                self.play(FadeIn(self.rows[k]), run_time=0.6)
                self.add(self.trails[k])
                self.play(self.now[k].animate.set_value(p.links), rate_func=lambda t: t)
        with self.beat(p.activation, SLOPE[p.activation], plays=2, slope=max(deep.locals)):
            self.play(FadeIn(self.rows[3]))
            self.add(self.trails[3])
            self.play(self.now[3].animate.set_value(1))
        say = LEFT if deep.left else NOTHING
        with self.beat("all of them", say, depth=deep.factor, left=deep.left):
            self.play(self.now[3].animate.set_value(p.depth), rate_func=lambda t: t)
        with self.beat("near one", NEAR_ONE, plays=2):
            self.play(*(now.animate.set_value(0) for now in self.now))
            self.play(*(now.animate.set_value(len(chain.running) - 1)
                        for now, chain in zip(self.now, [*chains, deep], strict=True)),
                      rate_func=lambda t: t)  # fmt: skip

    def set_the_stage(self, chains):
        """The fall or rise of each chain on one log axis; beside it what is left."""
        picture, side = content_area().columns(1.7, 1, gap=0.4)
        logs = [log10_or_nan([float(g) for g in chain.running]) for chain in chains]
        low, high = padded_range(np.concatenate(logs), 0.06)
        self.plane = LogPlane(
            (0, self.params.links), (low, high), picture, linear_x=True,
            x_name="k", y_name='"gradient"', tick_count=(5, 7),
        )  # fmt: skip
        tones = (colors.falling, colors.text, colors.rising, colors.local)
        steps = [np.column_stack([np.arange(len(log)), log]) for log in logs]
        self.trails = [
            MapTrail(self.plane, places[np.isfinite(places[:, 1])], now.get_value, color=color)
            for places, now, color in zip(steps, self.now, tones, strict=True)
        ]
        head, *areas = side.rows(0.7, 1, 1, 1, 1)
        self.heads = fit_into(text("what is left of it", font_size=FontSize.label), head)
        self.heads.set_color(colors.muted)
        self.rows = [
            Row(chain, now.get_value, color, area, self.params if k == 3 else None)
            for k, (chain, now, color, area) in enumerate(
                zip(chains, self.now, tones, areas, strict=True)
            )
        ]


class Row(VGroup):
    """One chain: what its links are, and what is left of the gradient at this moment."""

    def __init__(self, chain, now, color, area, activation):
        super().__init__()
        self.links = many = chain.links
        if activation is None:
            self.label = Formula("{w}^{n}", w=chain.factor, n=many, font_size=FontSize.body)
        else:
            name = f'upright("{activation.activation.replace("_", " ")}")'
            self.label = Formula("{n} times " + name, n=many, font_size=FontSize.body)
        here = lambda: chain.running[min(int(now() + 1e-9), len(chain.running) - 1)]  # noqa: E731
        self.left = Readout(here, color=color, font_size=FontSize.formula, align="left")
        left, right = area.columns(1, 1.25, gap=0.2)
        fit_into(self.label.set_color(color), left).align_to([left.left, 0, 0], TO_THE_LEFT)
        self.left.move_to(right.center).align_to([right.left, 0, 0], TO_THE_LEFT)
        self.add(self.label, self.left)


NAMES = ("under one", "exactly one", "over one")
OPENING = "A chain of {links} links, recorded. Backward multiplies one factor a link: what is left?"
SAID = (
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
LEFT = "{depth} of them in a row, and {left} of the gradient is left."
NOTHING = "{depth} of them in a row, and {left} is left. A log axis has no place for that."
NEAR_ONE = "So deep networks keep their factors near one: by good starts, scaling and shortcuts."
