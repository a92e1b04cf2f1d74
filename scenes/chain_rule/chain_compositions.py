"""Any chain, any length: the local slopes multiply.

Three compositions, each longer than the one before. The slope of each is the product of the local
slopes of its links at every x.
"""

from __future__ import annotations

from manim import ValueTracker

from gradreel.draw.chain_figure import ChainFigure
from gradreel.draw.layout import content_area
from gradreel.functions.function import Chain, Function
from gradreel.lecture.lecture_scene import LectureScene
from gradreel.params import FormulaParam, SceneParams, param


class ChainCompositions(LectureScene):
    class Params(SceneParams):
        first: FormulaParam = param("sin(x**2)", "a composition of x, such as sin(x**2)")
        second: FormulaParam = param("exp(-(x-1)**2)", "another composition")
        third: FormulaParam = param("tanh(sin(2*x)**2+1)", "a third, perhaps longer")
        x: float = param(0.8, "where to start", ge=-10, le=10)
        reach: float = param(0.6, "how far x moves to both sides", gt=0, le=5)

    def construct(self) -> None:
        p = self.params
        for count, text in enumerate((p.first, p.second, p.third)):
            f = Function.parse(text)
            self.tape = f.chain_tape(p.x)
            x_tracker, chain = ValueTracker(p.x), f.chain(p.x)
            figure = ChainFigure(f.chain, x_tracker.get_value, p.reach / 4, content_area())
            links = len(chain.links)
            with self.beat(f"chain {count + 1}", OPENING[count], plays=links + 1 + bool(count)):
                if count:
                    self.play(*self.fade_out_all(), run_time=0.6)
                self.play(figure.begins())
                for k in range(links):
                    self.play(figure.passes(k))
            with self.beat(
                f"slopes of chain {count + 1}", caption_product(chain), total=chain.slope
            ):
                for k in range(links):
                    self.play(figure.shows_slope(k), run_time=0.7)
                self.play(figure.factors_fly())
            with self.beat(f"chain {count + 1} at other x", MOVING[count], plays=3):
                self.play(figure.follows_input(p.reach), run_time=1.2)
                self.play(x_tracker.animate.set_value(p.x + p.reach), run_time=1.8)
                self.play(x_tracker.animate.set_value(p.x - p.reach), run_time=2.6)


def caption_product(chain: Chain) -> str:
    """The caption for the product of the local slopes."""
    count = len(chain.links)
    if count == 1:
        return "A single link: its slope is the slope of the whole, {total}."
    many = NUMBER_WORDS.get(count, "Many")
    return f"{many} links, {many.lower()} local slopes. Their product is {{total}}."


NUMBER_WORDS = {2: "Two", 3: "Three", 4: "Four", 5: "Five", 6: "Six"}
OPENING = (
    "A function inside a function: each line hands its number to the next.",
    "Another chain. Take it apart from the inside out: what happens to x first?",
    "However long the chain: one line for each link.",
)
MOVING = (
    "Move x: every factor changes, and the product with them.",
    "One factor near zero is enough, and the whole slope is near zero.",
    "This is all that backward does: multiply the local slopes, link by link.",
)
