"""The drawings of docs/scenes.md, each in use."""

import numpy as np
from manim import Create, FadeIn

from gradreel.draw.bar_chart import BarChart
from gradreel.draw.bucket import Bucket
from gradreel.draw.code_listing import CodeListing
from gradreel.draw.formula import Formula, when
from gradreel.draw.graph import TapeGraph
from gradreel.draw.labelled_number import LabelledNumber
from gradreel.draw.layout import content_area, fit_into
from gradreel.draw.number_table import NumberTable
from gradreel.draw.plane import Curve, Plane
from gradreel.draw.tangent import SlidingPoint, Tangent
from gradreel.draw.text import math, text
from gradreel.functions.function import Function
from gradreel.lecture import LectureScene
from gradreel.record import record
from gradreel.theme import FontSize, colors


def program(x, y):
    a = x * y
    z = a + x
    return z


def product(x, y):
    z = x * y
    return z


def f_at():
    """The point of the curve that is shown; it may depend on a tracker."""
    return HALF_SQUARE.point_at(1.5)


HALF_SQUARE = Function.parse("x**2/2")
SOURCE = """z = x * y
z.backward()"""


class Drawings(LectureScene):
    """What a scene can show of a recording."""

    def construct(self):
        self.tape = tape = record(program, x=2.0, y=3.0)
        top, bottom = content_area().rows(3, 1, gap=0.6)
        chart, table, curve = top.columns(1, 1, 1, gap=0.8)
        number, formula = bottom.columns(1, 1)
        names, values = ["x", "y", "z"], [tape.value(name) for name in "xyz"]
        grads = [tape.grad("x"), tape.grad("y")]
        with self.beat("bars", "Bars for numbers."):
            bars = BarChart(names, values, chart, color=colors.value)
            self.play(bars.grows())  # names and axis too
        with self.beat("a table", "A table of rows.", plays=3):
            rows = [[tape.value("x"), grads[0]], [tape.value("y"), grads[1]]]
            numbers = NumberTable(
                ['"leaf"', '"its gradient"'], rows, table, roles=["leaf", "gradient"]
            )
            self.play(FadeIn(numbers))  # headings and rule
            self.play(numbers.row_appears(0))
            self.play(numbers.row_appears(1))
        with self.beat("a curve", "A curve, a point on it and its tangent.", plays=2):
            xs = np.linspace(-1, 3, 200)
            plane = Plane((-1, 3), (-0.5, 4.5), curve)
            line = Curve(plane, xs, xs**2 / 2, color=colors.value)
            self.play(FadeIn(plane), Create(line))
            self.play(FadeIn(Tangent(plane, f_at, length=2), SlidingPoint(plane, f_at)))
        with self.beat("a number", "A number with its label."):
            label = LabelledNumber('"x.grad"', grads[0], color=colors.gradient)
            self.play(FadeIn(fit_into(label, number)))
        with self.beat("a formula", "A formula whose numbers work out."):
            product = Formula(
                "x y = {x} times {y} {eq} {a}",
                eq=when(lambda x, y: x * y, "a"),
                x=tape.value("x"),
                y=tape.value("y"),
                a=tape.value("a"),
                roles={"a": "value"},
            )
            self.play(FadeIn(fit_into(product, formula)))


class MoreDrawings(LectureScene):
    """A graph, words, mathematics, code, and a bucket that adds up."""

    def construct(self):
        self.tape = tape = record(product, x=2.0, y=3.0)
        graph, side = content_area().columns(2, 1, gap=0.6)
        above, code, bucket = side.rows(1, 1, 1.4, gap=0.3)
        words, formula = above.columns(1, 1, gap=0.4)
        with self.beat("a graph", "The graph of a recording."):
            picture = TapeGraph(tape, area=graph)
            self.play(picture.unfolds())
        with self.beat("words", "Words in the lecture's type."):
            self.play(FadeIn(fit_into(text("a leaf", font_size=FontSize.body), words)))
        with self.beat("mathematics", "Typst mathematics, without numbers."):
            self.play(FadeIn(fit_into(math("(partial z) / (partial x)"), formula)))
        with self.beat("code", "Code, with the running line marked.", plays=2):
            listing = CodeListing(SOURCE, area=code)
            self.play(FadeIn(listing))
            self.play(listing.marks(2))
        with self.beat("a bucket", "A bucket keeps what is poured in.", plays=2):
            held = Bucket(8.0)
            held.move_to(bucket.center)
            self.play(FadeIn(held))
            self.play(held.receives(float(tape.grad("x"))))
