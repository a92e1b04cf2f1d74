"""Products vanish or explode.

The gradient along chains of many links, on a logarithmic axis: factors below one make it vanish,
factors above one make it explode. A last chain consists of activations; it is then run again with
each of four cures, and what arrives is measured.
"""

from __future__ import annotations

from manim import Create, FadeIn, FadeOut, Indicate, ReplacementTransform, ValueTracker, VGroup

from gradreel.draw.baseline import align_baselines
from gradreel.draw.layout import content_area
from gradreel.functions.function import Function
from gradreel.lecture.lecture_scene import LectureScene
from gradreel.params import Literal, SceneParams, param
from gradreel.scenes.chain_rule.deep_chain_cures_experiment import (
    initialized_chain,
    normalized_chain,
    residual_chain,
)
from gradreel.scenes.chain_rule.deep_chain_experiment import (
    DeepChainRun,
    GradientRun,
    activation_chain,
    scaled_chain,
)
from gradreel.scenes.chain_rule.deep_chain_figure import (
    DIGITS,
    ChainPicture,
    named_result,
    power,
    results_in_row,
)
from gradreel.scenes.chain_rule.joins import LENS, LINK
from gradreel.scenes.chain_rule.lens_row_figure import shortcuts
from gradreel.scenes.chain_rule.steepest_tangent_figure import SteepestTangent
from gradreel.theme import colors


class DeepChain(LectureScene):
    begins_with, ends_with = LENS, LINK

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
        cured = [
            activation_chain(p.depth, "relu", p.x),
            initialized_chain(p.depth, p.activation, p.x),
            normalized_chain(p.depth, p.activation, p.x),
            residual_chain(p.depth, p.activation, p.x),
        ]
        self.tape = scaled[0].tape
        self.build_layout(scaled, [deep, *cured])
        self.play_long_chain(scaled[0])
        for k, chain in enumerate(scaled):
            self.play_factor(k, chain)
        self.play_activations(deep)
        self.play_cures(cured[-1])
        self.close(node=self.link)

    def play_long_chain(self, chain: DeepChainRun) -> None:
        """One lens becomes a row of them, at the height of one on the plane of the gradient."""
        long = self.long
        with self.beat("a long chain", LONG, LEFT_OVER, links=chain.link_count) as said:
            first = long.lenses.first()
            self.play(self.carry("lens", first), FadeIn(long.ends), run_time=0.7)
            self.remove(first)
            self.add(long.lenses)
            self.play(long.lenses.spread.animate.set_value(1), run_time=1.6)
            said.next()
            self.play(FadeIn(long.plane), run_time=0.8)

    def play_factor(self, k: int, chain: DeepChainRun) -> None:
        """The gradient passes the row, whose lenses all have factor number `k`."""
        long = self.long
        with self.beat(NAMES[k], *CAPTIONS[k], w=chain.factor,
                       left=chain.result.rounded(DIGITS)) as said:  # fmt: skip
            self.play(*long.brings(k), run_time=0.4)
            self.play(*long.passes(k), run_time=PASS_TIMES[k])
            if len(CAPTIONS[k]) > 1:
                said.next()
            self.play(FadeIn(self.powers[k], scale=0.7), run_time=0.8)
            self.play(FadeOut(long.factors[k]), run_time=0.4)

    def play_activations(self, deep: DeepChainRun) -> None:
        """The slopes of an activation in the place of the factors."""
        short, name = self.short, self.params.activation
        with self.beat(name, SLOPE[name]):
            row, first = self.long.lenses, short.lenses.first()
            self.play(*self.fade_out_all(row), row.spread.animate.set_value(0), run_time=0.6)
            self.remove(row)
            comes = FadeIn(short.plane, short.ends, self.steepest)
            self.play(ReplacementTransform(row.first(), first), comes, run_time=0.5)
            self.remove(first)
            self.add(short.lenses)
            self.play(short.lenses.spread.animate.set_value(1), run_time=0.7)
            self.play(*short.brings(0), run_time=0.3)
            self.play(*short.passes(0), run_time=PASS_TIMES[0])
        say = REMAINDER if deep.result else NOTHING
        with self.beat("all of them", say, left=deep.result.rounded(DIGITS)):
            self.play(FadeIn(self.results[0], scale=0.7), run_time=0.5)
            self.play(Indicate(self.results[0][1], 1.2, colors.local))

    def play_cures(self, rescued: GradientRun) -> None:
        """What helps: the gradient passes again, and more arrives with each cure."""
        with self.beat("cures", CURE, *CURES) as said:
            gone = FadeOut(self.steepest, self.short.factors[0])
            self.play(gone, self.short.fades(0), run_time=0.5)
            for k in range(1, len(CURES) + 1):
                said.next()
                self.play_cure(k)
        with self.beat(
            "a shortcut", SHORTCUT, RESCUED, left=rescued.result.rounded(DIGITS)
        ) as said:
            last = len(CURES) + 1
            self.play(FadeIn(self.link), Create(self.arcs, lag_ratio=0.3), run_time=0.8)
            self.play_cure(last)
            said.next()
            self.play(Indicate(self.results[last][1], 1.25, colors.leaf))

    def play_cure(self, k: int) -> None:
        """The curve of a cure goes back along the row, in the place of that of the cure before."""
        short = self.short
        gone = [FadeOut(short.curves[k - 1])] if k > 1 else []
        old = [FadeOut(short.factors[k - 1])] if k > 1 else []
        self.play(FadeIn(short.curves[k], self.results[k][0]), *gone, *old, run_time=0.4)
        self.play(*short.passes(k), run_time=CURE_TIME)
        self.play(FadeIn(self.results[k][1], scale=0.7), run_time=0.4)

    def build_layout(self, scaled: list[DeepChainRun], deep: list[GradientRun]) -> None:
        """A picture of the chains of one factor, then one of the activations, in its place."""
        p, area = self.params, content_area()
        tones = (colors.falling, colors.text, colors.rising)
        head, body = area.rows(0.7, area.height - 0.85, gap=0.15)
        clocks = [ValueTracker(0) for _ in scaled]
        self.long = ChainPicture(scaled, clocks, tones, body)
        powers = [power(chain, tone) for chain, tone in zip(scaled, tones, strict=True)]
        self.powers = results_in_row(powers, head)
        hues = (colors.local, colors.value, colors.accent, colors.text, colors.leaf)
        head, body = area.rows(1.3, area.height - 1.45, gap=0.15)
        clocks = [ValueTracker(0) for _ in deep]
        self.short = ChainPicture(deep, clocks, hues, body, ROOM_ABOVE)
        names = (p.activation.replace("_", " "), *CURED)
        results = [named_result(*row) for row in zip(names, deep, hues, strict=True)]
        self.results = results_in_row(results, head)
        for part in (0, 1):
            align_baselines(*(result[part] for result in self.results))
        self.arcs = shortcuts(self.short.lenses)
        # One lens becomes the node of the next scene: all of them would fly across the picture.
        self.link = self.short.lenses.first()
        self.steepest = VGroup()
        if p.activation in STEEPEST_AT_ZERO:
            _, foot = head.columns(1, 3, gap=0.3)
            self.steepest = SteepestTangent(Function.parse(f"{p.activation}(x)"), foot)


PASS_TIMES = (2.4, 1.6, 2.2)  # seconds for the way back through the chains of one factor
CURE_TIME = 1.4  # the same for each chain with a cure
ROOM_ABOVE = 2.6  # powers of ten above one, for the factors above the lenses
STEEPEST_AT_ZERO = ("sigmoid", "tanh")
NAMES = ("under one", "exactly one", "over one")
CURED = ("ReLU", "initialization", "normalization", "shortcut")
LONG = "A deep network is such a chain, here of {links} factors."
LEFT_OVER = "We send a one backward."
CAPTIONS = (
    ("Let every factor be {w}.", "Only {left} arrives: a vanishing gradient."),
    ("With exactly one, all of it arrives.",),
    ("Now {w}.", "{left} arrives: an exploding gradient."),
)
SLOPE = {
    "sigmoid": "Now a chain of sigmoids: their slope is never above a quarter.",
    "tanh": "Now a chain of tanh: its slope is one only at zero.",
    "relu": "Now a chain of ReLUs: their slope is one above zero, and zero below.",
    "leaky_relu": "Now leaky ReLUs: their slope is one above zero, and small below.",
}
REMAINDER = "Only {left} is left."
NOTHING = "Only {left} is left. A log axis has no place for that."
CURE = "The cure: keep each factor near one."
CURES = (
    "ReLU helps: above zero, its slope is one.",
    "Careful initialization: weights make up for small slopes.",
    "Normalization spreads the values out again.",
)
SHORTCUT = "A residual shortcut adds one to every slope."
RESCUED = "None is below one now: {left} arrives."
