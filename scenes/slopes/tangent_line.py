"""The slope says which way is down.

A hill in the dark, two feet on the ground: a secant. Seen from the side the hill is a curve, and a
point moves along it with its tangent; autograd gives the slope at every x. A negative slope means
that the function falls to the right, a positive one that it falls to the left. The point pauses
where the slope is zero.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from manim import (
    DOWN,
    LEFT,
    ApplyMethod,
    Create,
    FadeIn,
    FadeOut,
    GrowFromCenter,
    Indicate,
    Line,
    ReplacementTransform,
    ShowPassingFlash,
    Succession,
    ValueTracker,
    VGroup,
    VMobject,
    there_and_back,
)

from gradreel.draw.formula import Formula
from gradreel.draw.frame_around import frame_around
from gradreel.draw.hill import Feet, Ground, HillCurve, HillView
from gradreel.draw.labelled_number import LabelledNumber, panel
from gradreel.draw.layout import content_area
from gradreel.draw.tangent import DownhillArrow, SlidingPoint, Tangent
from gradreel.draw.text import math as math_text
from gradreel.draw.text import text
from gradreel.functions.function import Function, Point, Samples
from gradreel.functions.require_finite import finite_point_at
from gradreel.functions.scrub_track import ScrubTrack
from gradreel.functions.stationary_points import stationary_points
from gradreel.functions.user_functions import load_function
from gradreel.lecture.controls import Drag
from gradreel.lecture.lecture_scene import LectureScene
from gradreel.params import SceneParams, UserFunction, ValidationInfo, field_validator, param
from gradreel.scenes.slopes import tangent_captions as say
from gradreel.scenes.slopes.curve_planes_figure import tangent_areas, tangent_plane
from gradreel.scenes.slopes.joins import CURVE
from gradreel.scenes.slopes.nudge_figure import Height, Nudge
from gradreel.theme import FontSize, StrokeWidth, colors

LENGTH = 3.6  # of the tangent and of the secant through the feet, in frame units
CUT = 0.26  # of the curve's length: how far it runs at first over the lit ground
WALK = 0.3  # how far the viewer walks around the hill, in radians
SMALL_NUDGE = 0.4  # of the first one, at the end
STEP = 0.07  # the distance between the feet, as a share of the way from start to stop


class TangentLine(LectureScene):
    class Params(SceneParams):
        function: UserFunction = param("0.5*(x-3)**2", "a function of x, such as x*sin(x)")
        start: float = param(-1.0, "where the point starts", ge=-1e6, le=1e6)
        stop: float = param(7.0, "where the point ends", ge=-1e6, le=1e6)
        opening: bool = param(True, "whether the scene begins on a hill in the dark")

        @field_validator("stop")
        def differs_from_start(cls, stop: float, info: ValidationInfo) -> float:  # noqa: N805
            if stop == info.data.get("start"):
                raise ValueError("The point has to move: start and stop are the same place.")
            return stop

    ends_with = CURVE
    touch = (Drag("x", "x_tracker", lambda p: p.start, lambda p: p.stop, plane="plane"),)

    def construct(self) -> None:
        p = self.params
        f = load_function(p.function)
        for end in (p.start, p.stop):
            finite_point_at(f, end)
        self.x_tracker = ValueTracker(p.start)

        def current() -> Point:
            return f.point_at(self.x_tracker.get_value())

        on_hill = self.build_layout(f, current)
        self.sweep = ScrubTrack(current, {"x": "x", "value": "f(x)", "slope": "f'(x)"})
        self.stationary = [float(s.x) for s in stationary_points(f, *sorted((p.start, p.stop)))]
        if on_hill:
            self.walk_in_the_dark(f)
        else:
            self.begin_with_the_curve()
        with self.beat("a nudge", say.WEIGHT, say.NUDGE) as said:
            self.play(FadeIn(*self.names[:2]), Create(self.height))
            said.next()
            move = self.x_tracker.set_value, self.nudged()
            self.play(ApplyMethod(*move, rate_func=there_and_back))
        with self.beat("the tangent", say.TOGETHER if on_hill else say.TOUCHES,
                       say.DERIVATIVE) as said:  # fmt: skip
            self.draw_tangent(on_hill)
            said.next()
            self.play(FadeIn(self.names[2], self.slope))
        caption, slope = say.caption_slope(f, p.start, self.stationary)
        with self.beat("the slope answers", *caption, slope=slope) as said:
            self.play(Indicate(self.slope, scale_factor=1.1, color=colors.accent))
            said.next()
            self.play(FadeIn(self.arrow))
        for k, stop in enumerate(self.stops(f)):
            caption, slope = say.caption_slope(f, stop, self.stationary)
            name = f"the slope at {f.point_at(stop).x.text}"
            with self.beat(name, say.ON if k else say.SLIDE, *caption, slope=slope) as said:
                self.play(self.x_tracker.animate.set_value(stop))
                said.next()
                self.play(Indicate(self.slope, scale_factor=1.1, color=colors.accent))
                said.next()
                self.play(ShowPassingFlash(self.highlight(), time_width=0.6))
        self.write_the_formula()
        self.close(curve=self.curve, point=self.point)

    def highlight(self) -> VMobject:
        """A copy of the tangent, for a flash along it in the direction in which it falls."""
        line = Line(*self.tangent.get_start_and_end(), stroke_color=colors.accent)
        line.set_stroke(width=1.6 * StrokeWidth.curve)
        return line.reverse_points() if line.get_start()[1] < line.get_end()[1] else line

    def walk_in_the_dark(self, f: Function) -> None:
        """Two feet feel the ground; then the viewer comes down, and the hill becomes a curve."""
        ground, feet, view = self.ground, self.feet, self.view
        with self.beat("on a hill", *say.HILL) as said:
            self.add(ground)
            light = ground.light.animate.set_value(1.0)
            self.play(GrowFromCenter(self.point), light, run_time=1.8)
            said.next()
            self.play(view.turn.animate.set_value(self.walk_round()))
        ahead = float(f.point_at(self.nudged()).value - f.point_at(self.params.start).value)
        with self.beat("two feet", say.FEET, say.AHEAD[int(np.sign(ahead))]) as said:
            self.add(feet, self.point)
            step = self.nudged() - self.params.start
            self.play(feet.step.animate.set_value(step), feet.extent.animate.set_value(1.0))
            said.next()
            self.play(
                Indicate(feet.foot, scale_factor=1.7, color=colors.sign(ahead)),
                view.turn.animate.set_value(0.0),
            )
        with self.beat("from the side", *say.SIDE) as said:
            self.cut_along_the_curve()
            said.next()
            reach = self.hill.reach.animate.set_value(1.0)
            self.play(view.elevation.animate.set_value(0.0), reach, run_time=2.6)
            dark = (light.animate.set_value(0.0) for light in (ground.light, self.hill.shade))
            self.play(*dark, run_time=0.6)
            self.play(FadeIn(self.plane), FadeIn(self.formula, self.x, self.value), run_time=0.7)
            self.remove(ground, self.hill.face)
            self.curve.clear_updaters()

    def cut_along_the_curve(self) -> None:
        """The line through both feet runs on over the ground, and what is in front of it goes."""
        hill, ground = self.hill, self.ground
        self.add(hill.face, self.curve, self.feet, self.point)
        self.play(hill.reach.animate.set_value(CUT), run_time=0.8)
        self.play(
            ground.cut.animate.set_value(1.0), hill.shade.animate.set_value(1.0), run_time=1.0
        )

    def begin_with_the_curve(self) -> None:
        """The plane, the curve and the point, without the hill."""
        with self.beat("a curve", *say.PLAIN, plays=2) as said:
            self.play(FadeIn(self.plane), FadeIn(self.formula))
            self.play(Create(self.curve))
            said.next()
            self.play(GrowFromCenter(self.point), FadeIn(self.x, self.value))

    def draw_tangent(self, on_hill: bool) -> None:
        """The feet come together, and their secant becomes the tangent."""
        if not on_hill:
            self.play(Create(self.tangent))
            self.add(self.point)
            return
        self.play(self.feet.step.animate.set_value(0.0), run_time=2.5)
        self.remove(self.feet)
        self.play(ReplacementTransform(self.feet.line, self.tangent), run_time=0.5)
        self.add(self.point)

    def write_the_formula(self) -> None:
        """A triangle of the nudge and of the answer; the formula is assembled from its labels."""
        self.nudge.update()
        nudge, idea = self.nudge, self.idea
        with self.beat("the central idea", say.IDEA, say.ANSWER, say.SMALLER, say.THEME,
                       plays=2) as said:  # fmt: skip
            self.play(Create(nudge.run), FadeIn(nudge.run_label),
                      FadeOut(self.arrow, self.height))  # fmt: skip
            self.play(Create(nudge.rise), FadeIn(nudge.rise_label))
            said.next()
            sources = (nudge.rise_label, self.slope.label, nudge.run_label)
            flashes = (Indicate(source, color=colors.accent) for source in sources)
            drawn = Succession(Create(nudge.slant), Create(nudge.gap))
            self.play(FadeIn(idea, lag_ratio=0.7), Succession(*flashes), drawn, run_time=2.4)
            self.add(nudge, self.slope, self.point)  # whole, so that they follow x
            said.next()
            self.play(nudge.size.animate.set_value(SMALL_NUDGE))
            said.next()
            self.play(Create(frame_around(idea, buff=0.14)))

    def build_layout(self, f: Function, current: Callable[[], Point]) -> bool:
        """The curve on the left, the numbers on the right; returns whether there is a hill.

        A hill needs a curve without gaps that stays on the plane.
        """
        p = self.params
        values_at_stops = [f.point_at(x).value for x in self.stops(f)]
        self.plane, curve = tangent_plane(f, p.start, p.stop, values_at_stops)
        self.plane.set_z_index(-1)
        self.curve: VMobject = curve
        samples = f.sample(min(p.start, p.stop), max(p.start, p.stop), 401)
        start = f.point_at(p.start)
        on_hill = p.opening and all(map(self.plane.contains, samples.values))
        self.view = HillView(self.plane, content_area(), (start.x, start.value), start.slope)
        self.view.elevation.set_value(float(on_hill))
        here, values = self.x_tracker.get_value, lambda xs: f.sample_at(xs).values
        if on_hill:
            self.curve = self.hill = HillCurve(self.view, samples.xs, samples.values, here)
            self.hill.face.set_z_index(-2)
            self.ground = Ground(self.view, values).set_z_index(-2)
            self.feet = Feet(self.view, values, here, LENGTH)
        self.point = SlidingPoint(self.view, current)
        self.tangent = Tangent(self.plane, current, length=LENGTH)
        self.arrow = DownhillArrow(self.plane, current, steepest=steepest_slope(samples))
        self.height = Height(self.plane, current)
        self.nudge = Nudge(self.plane, current, f.point_at)
        self.build_numbers(f, current)
        return on_hill

    def build_numbers(self, f: Function, current: Callable[[], Point]) -> None:
        """The formula, the three numbers with their names, and the formula of the idea."""
        self.formula = math_text(f"f(x) = {f.typst()}")
        self.x = LabelledNumber("x", lambda: current().x)
        self.value = LabelledNumber("f(x)", lambda: current().value, color=colors.value)
        self.slope = LabelledNumber("f'(x)", lambda: current().slope, color=colors.sign)
        self.names = [
            text(name, font_size=FontSize.label, color=colors.muted)
            for name in ("weight", "error", "derivative")
        ]
        self.idea = Formula(
            "{rise} approx {slope} dot {run}", rise="Delta f", slope="f'(x)", run="Delta x",
            roles={"rise": "local", "run": "leaf"},
        )  # fmt: skip
        numbers = zip(self.names, (self.x, self.value, self.slope), strict=True)
        rows = [VGroup(*row).arrange(DOWN, buff=0.1, aligned_edge=LEFT) for row in numbers]
        panel(tangent_areas()[1], self.formula, *rows, self.idea, gap=0.38)

    def stops(self, f: Function) -> list[float]:
        """Where the point pauses: up to four stationary points on its way, then the end."""
        p = self.params
        stationary = [float(point.x) for point in stationary_points(f, p.start, p.stop)]
        return [*(x for x in stationary[:4] if x not in (p.start, p.stop)), p.stop]

    def walk_round(self) -> float:
        """How far the viewer walks around the hill, in radians: to the foot of the slope."""
        return WALK * float(np.sign(self.view.yaw))

    def nudged(self) -> float:
        """The x to which the point is nudged from the start."""
        p = self.params
        return float(p.start + STEP * (p.stop - p.start))


def steepest_slope(samples: Samples) -> float:
    """The largest finite absolute slope; 1 where there is none or all are zero."""
    sizes = np.abs(samples.slopes[np.isfinite(samples.slopes)])
    return float(sizes.max(initial=0.0)) or 1.0
