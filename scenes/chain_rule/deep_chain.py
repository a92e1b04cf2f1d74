"""Products vanish or explode.

The gradient along chains of many links, on a logarithmic axis: factors below one make it vanish,
factors above one make it explode. A last chain consists of activations; it is then run again with
each of four cures, and what arrives is measured.
"""

from __future__ import annotations

from manim import (
    LEFT,
    Create,
    FadeIn,
    FadeOut,
    ValueTracker,
    VGroup,
    linear,
    there_and_back,
)

from gradreel.draw.layout import content_area, fit_into, point
from gradreel.draw.text import text
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
from gradreel.scenes.chain_rule.deep_chain_figure import DIGITS, ChainPicture, Power
from gradreel.scenes.chain_rule.joins import LENS, LINK
from gradreel.scenes.chain_rule.lens_row_figure import shortcuts
from gradreel.scenes.chain_rule.steepest_tangent_figure import SteepestTangent
from gradreel.theme import FontSize, colors


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
        """One lens becomes a row of them, with the plane of what they leave over."""
        long = self.long
        with self.beat("a long chain", LONG, LEFT_OVER, plays=1, links=chain.link_count) as said:
            first = long.lenses.first()
            self.play(self.carry("lens", first), FadeIn(long.count), run_time=0.8)
            self.remove(first)
            self.add(long.lenses)
            self.play(long.lenses.spread.animate.set_value(1), FadeIn(long.ends))
            said.next()
            self.play(FadeIn(long.plane), FadeIn(self.head))

    def play_factor(self, k: int, chain: DeepChainRun) -> None:
        """The light passes through the row, whose lenses all have factor number `k`."""
        long = self.long
        with self.beat(NAMES[k], *CAPTIONS[k], plays=1, w=chain.factor,
                       left=chain.result.rounded(DIGITS)) as said:  # fmt: skip
            self.play(*long.brings(k), run_time=0.6)
            self.play(*long.passes(k), rate_func=linear)
            said.next()
            self.play(long.points_at(k), rate_func=there_and_back)

    def play_activations(self, deep: DeepChainRun) -> None:
        """The slopes of an activation in the place of the factors."""
        short, name = self.short, self.params.activation
        with self.beat(name, INSTEAD, SLOPE[name], depth=deep.factor) as said:
            row = self.long.lenses
            leaving = self.fade_out_all(self.head, self.long.ends, row)
            self.play(*leaving, row.spread.animate.set_value(0), run_time=0.8)
            self.play(FadeOut(row), FadeIn(short.lenses, short.count), run_time=0.4)
            self.play(short.lenses.spread.animate.set_value(1), FadeIn(short.plane))
            said.next()
            self.play(*short.brings(0), FadeIn(self.steepest), run_time=0.6)
            self.play(*short.passes(0), rate_func=linear)
        say = REMAINDER if deep.result else NOTHING
        with self.beat("all of them", say, left=deep.result.rounded(DIGITS)):
            self.play(short.points_at(0), rate_func=there_and_back)

    def play_cures(self, rescued: GradientRun) -> None:
        """What helps: the light passes again, and more arrives with each cure."""
        short = self.short
        with self.beat("cures", *CURES, plays=1) as said:
            for k in range(1, len(CURES) + 1):
                if k > 1:
                    said.next()
                gone = [FadeOut(self.steepest)] if k == 1 and self.steepest.submobjects else []
                self.play(*short.brings(k), *gone, run_time=0.5)
                self.play(*short.passes(k), rate_func=linear)
        with self.beat(
            "a shortcut", SHORTCUT, RESCUED, left=rescued.result.rounded(DIGITS)
        ) as said:
            last = len(CURES) + 1
            arcs = Create(self.arcs, lag_ratio=0.3)
            self.play(*short.brings(last), FadeIn(self.link), arcs, run_time=1.0)
            self.play(*short.passes(last), rate_func=linear)
            said.next()
            self.play(short.points_at(last), rate_func=there_and_back)

    def build_layout(self, scaled: list[DeepChainRun], deep: list[GradientRun]) -> None:
        """A picture of the chains of one factor, then one of the activations, in its place."""
        p = self.params
        picture, side = content_area().columns(1.75, 1, gap=0.6)
        head, line, *rows = side.rows(0.9, 0.6, 1, 1, 1, gap=0.15)
        self.head = fit_into(text("what arrives", font_size=FontSize.label), line)
        self.head.set_color(colors.muted).align_to(point(side.left, 0), LEFT)
        tones = (colors.falling, colors.text, colors.rising)
        clocks = [ValueTracker(0) for _ in scaled]
        powers = [
            Power(chain, clock.get_value, tone)
            for chain, clock, tone in zip(scaled, clocks, tones, strict=True)
        ]
        self.long = ChainPicture(scaled, powers, clocks, tones, picture, rows)
        self.long.set_count("links", scaled[0].link_count, head)
        *rows, _ = side.rows(0.9, 0.6, *[0.64] * len(deep), 0.1, gap=0.1)[2:]
        name = p.activation.replace("_", " ")
        words = [text(word, font_size=FontSize.label) for word in (name, *CURED)]
        cures = (colors.value, colors.accent, colors.text, colors.leaf)
        clocks = [ValueTracker(0) for _ in deep]
        self.short = ChainPicture(deep, words, clocks, (colors.local, *cures), picture, rows)
        self.short.set_count("links", deep[0].factor, head)
        self.arcs = shortcuts(self.short.lenses)
        # One lens becomes the node of the next scene: all of them would fly across the picture.
        self.link = self.short.lenses.first()
        self.steepest = VGroup()
        if p.activation in STEEPEST_AT_ZERO:
            foot = side.rows(3.2, 2, gap=0.15)[1]
            self.steepest = SteepestTangent(Function.parse(f"{p.activation}(x)"), foot)


STEEPEST_AT_ZERO = ("sigmoid", "tanh")
NAMES = ("under one", "exactly one", "over one")
CURED = ("ReLU", "initialization", "normalization", "shortcut")
LONG = "A deep network is such a chain, here of {links} factors."
LEFT_OVER = "We send a one backward. What arrives?"
CAPTIONS = (
    ("Let every factor be {w}.", "Only {left} arrives: a vanishing gradient."),
    ("Now exactly one.", "All of it arrives."),
    ("Now {w}.", "{left} arrives: an exploding gradient."),
)
INSTEAD = "Now a shorter chain, of activations."
SLOPE = {
    "sigmoid": "{depth} sigmoids: the slope of each is never above a quarter.",
    "tanh": "{depth} times tanh: the slope of each is one only at zero.",
    "relu": "{depth} ReLUs: the slope of each is one above zero, and zero below.",
    "leaky_relu": "{depth} leaky ReLUs: the slope of each is one above zero, and small below.",
}
REMAINDER = "Only {left} is left."
NOTHING = "Only {left} is left. A log axis has no place for that."
CURES = (
    "ReLU helps: above zero, its slope is one.",
    "Careful initialization: weights make up for small slopes.",
    "Normalization spreads the values out again.",
)
SHORTCUT = "A residual shortcut adds one to every slope."
RESCUED = "None is below one now: {left} arrives."
