"""The curve of GradientDescent to touch: choose start, rate and optimizer, and call step()."""

from __future__ import annotations

import math

from manim import Mobject, ValueTracker, VGroup

from gradreel.draw.labelled_number import LabelledNumber
from gradreel.draw.layout import content_area, fit_into
from gradreel.draw.number_table import NumberTable
from gradreel.draw.plane import Curve, Plane
from gradreel.draw.tangent import Tangent
from gradreel.draw.text import math as typeset_math
from gradreel.functions.function import Function
from gradreel.lecture.board import Board
from gradreel.measure.gradient_descent import Descent, run_descent
from gradreel.measure.optimizers import OPTIMIZERS
from gradreel.scenes.descent.descent_marks_figure import DescentBall, DescentMarks
from gradreel.scenes.descent.joins import HILL_ROWS
from gradreel.scenes.descent.update_rule_figure import step_formula
from gradreel.theme import FontSize, colors

STEP = "optimizer.step()"
ROWS = 6  # of the table: with more, they would move closer together


class DescentBoard(Board):
    """The curve `f` on `plane`, the ball after as many steps as were pressed, and their table."""

    def __init__(self, f: Function, plane: Plane, curve: Curve, start: float, lr: float) -> None:
        super().__init__()
        self.f, self.plane, self.curve = f, plane, curve
        self.start, self.rate = ValueTracker(start), ValueTracker(math.log10(lr))
        self.optimizer = ValueTracker(0)
        left, right = content_area().columns(1.25, 1, gap=0.5)
        _, self.foot = left.rows(*HILL_ROWS, gap=0.1)
        head, self.below = right.rows(1, 8)
        self.lr_area, formula_area = head.columns(1, 1.7)
        formula = typeset_math(f'"loss" L = {f.typst()}', font_size=FontSize.body)
        self.formula = formula
        fit_into(formula, formula_area)

    def descent(self, steps: int) -> Descent:
        """The descent from the start that is set."""
        name = list(OPTIMIZERS)[round(self.optimizer.get_value())]
        lr = float(f"{10 ** self.rate.get_value():.3g}")  # what the page says
        return run_descent(self.f, [self.start.get_value()], steps, lr, name)

    def draw(self, pressed: tuple[str, ...]) -> None:
        """Take the steps that were pressed, and show where they lead."""
        steps = len(pressed)
        descent = self.descent(steps)
        now = float(steps)

        def height(x: float) -> float:
            return float(self.f.point_at(x).value)

        lr = LabelledNumber(
            '"lr"', descent.lr, color=colors.leaf, places=None, font_size=FontSize.body
        )
        fit_into(lr, self.lr_area)
        parts: list[Mobject] = [self.plane, self.curve, self.formula, lr]
        parts.append(DescentMarks(self.plane, descent.steps, lambda: now))
        if self.is_on_plane(descent):
            x = float(descent.last.inputs[0])
            parts.append(Tangent(self.plane, lambda: self.f.point_at(x), length=2.6))
        parts.append(DescentBall(self.plane, descent.steps, height, lambda: now))
        parts.append(self.table(descent))
        if steps and descent.optimizer == "SGD":
            formula = step_formula(descent, steps)
            fit_into(formula, self.foot)
            parts.append(formula)
        self.set_parts(*parts)

    def is_on_plane(self, descent: Descent) -> bool:
        """Whether the ball can be seen."""
        x, (low, high) = float(descent.last.inputs[0]), self.plane.x_range
        return low <= x <= high and self.plane.contains(float(descent.last.loss))

    def table(self, descent: Descent) -> VGroup:
        """The last states, one a row."""
        rows = [
            (state.step, state.inputs[0], state.loss, state.gradient[0])
            for state in descent.steps[-ROWS:]
        ]
        table = NumberTable(
            ('"step"', "x", '"loss"', '"slope"'), rows, self.below,
            roles=("muted", "leaf", "value", "gradient"), weights=(0.7, 1, 1, 1),
            font_size=FontSize.small,
        )  # fmt: skip
        return VGroup(table, *table.rows)
