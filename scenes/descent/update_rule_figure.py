"""The update rule of gradient descent: in letters, and with the numbers of the current step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np
from manim import VGroup, VMobject

from gradreel.draw.formula import Formula, when
from gradreel.draw.layout import Rect
from gradreel.draw.numbers import Numbered
from gradreel.draw.text import Letters
from gradreel.scenes.descent.step_clock import landed, whole
from gradreel.tape import Quantity
from gradreel.theme import FontSize, colors


class DescentState(Protocol):
    """The state of a descent in one variable after some step."""

    @property
    def step(self) -> Quantity: ...
    @property
    def inputs(self) -> Sequence[Quantity]: ...
    @property
    def gradient(self) -> Sequence[Quantity]: ...


class DescentStates(Protocol):
    """A descent: its learning rate and its states."""

    @property
    def lr(self) -> Quantity: ...
    def __len__(self) -> int: ...
    def __getitem__(self, step: int) -> DescentState: ...


def update_rule(variable: str = "x", derivative: str = "dif") -> Formula:
    """The rule in letters, with the slots `old`, `lr` and `slope`: x <- x - lr dL/dx.

    `derivative` is the d of the derivative in Typst math: dif, or partial.
    """
    return Formula(
        f"{variable} <- {{old}} - {{lr}} dot {{slope}}",
        old=variable, lr='"lr"', slope=f"({derivative} L) / ({derivative} {variable})",
        roles={"old": "leaf", "lr": "leaf", "slope": "gradient"}, font_size=FontSize.body,
    )  # fmt: skip


def slope_label(*, times_lr: bool) -> Formula:
    """What an arrow against the slope is called: -dL/dx, or with the learning rate before it."""
    slots = {"slope": "(dif L) / (dif x)"}
    roles = {"slope": "gradient", "lr": "leaf"}
    if times_lr:
        return Formula(
            "-{lr} dot {slope}", lr='"lr"', **slots, roles=roles, font_size=FontSize.body
        )
    return Formula("-{slope}", **slots, roles=roles, font_size=FontSize.body)


def step_difference(formula: Formula) -> tuple[VGroup, VGroup]:
    """The letters of a step's formula that say old value minus lr times slope, and the others."""
    letters = list(formula)
    first, result = (letters.index(formula.part(slot)[0]) for slot in ("old", "new"))
    last = result - 1  # the sign before the result
    return VGroup(*letters[first:last]), VGroup(*letters[:first], *letters[last:])


def step_formula(descent: DescentStates, step: int) -> Formula:
    """Step number `step` in numbers: the new value is the old one minus lr times slope.

    Step 0 is the start, x_0 alone.
    """
    after = descent[step]
    if not step:
        return Formula(
            "x_({n}) = {new}", n=after.step, new=after.inputs[0], font_size=FontSize.body,
            roles={"n": "muted", "new": "leaf"},
        )  # fmt: skip
    before = descent[step - 1]
    return Formula(
        "x_({n}) = {old} - {lr} times lr(({slope})) {eq} {new}",
        n=after.step, old=before.inputs[0], lr=descent.lr, slope=before.gradient[0],
        new=after.inputs[0], eq=when(lambda old, lr, slope: old - lr * slope, "new"),
        font_size=FontSize.body,
        roles={"n": "muted", "old": "leaf", "lr": "leaf", "slope": "gradient", "new": "leaf"},
    )  # fmt: skip


class LiveUpdate(Letters, Numbered):
    """The formula of the step that was taken last at `clock()`: that of the x where the ball is.

    It has one submobject for each color of its letters, whose points are replaced. The learning
    rate stays in its place.
    """

    def __init__(self, descent: DescentStates, clock: Callable[[], float], area: Rect) -> None:
        self._descent, self._clock, self._area = descent, clock, area
        self._step = -1
        last = len(descent) - 1
        widest = max(
            step_formula(descent, step).width
            for step in {1, (last + 1) // 2, max(last - 1, 1), last}
        )
        self._scale = min(area.width / widest, 1.0)
        tones = (colors.text, colors.muted, colors.leaf, colors.gradient)
        parts = [VMobject(stroke_width=0, fill_opacity=1, fill_color=tone) for tone in tones]
        super().__init__(*parts, font_size=FontSize.body * self._scale)
        self.add_updater(_follow, call_updater=True)
        self._initial_height = self.height

    def formula_of(self, step: int) -> Formula:
        """The formula of one step: the learning rate, or else its x, is where it always is."""
        formula = step_formula(self._descent, step).scale(self._scale)
        first = step_formula(self._descent, 1).scale(self._scale).move_to(self._area.center)
        if step:
            way = first.part("lr").get_center() - formula.part("lr").get_center()
        else:
            way = first[0].get_center() - formula[0].get_center()
        return formula.shift(way)

    def follow(self) -> None:
        """Write the formula of the step that is over now."""
        step = min(whole(landed(self._clock())), len(self._descent) - 1)
        if step == self._step:
            return
        self._step = step
        formula = self.formula_of(step)
        self.shown_numbers = formula.shown_numbers
        for part in self.submobjects:
            assert isinstance(part, VMobject)
            letters = [
                letter.points
                for letter in formula.family_members_with_points()
                if letter.get_fill_color() == part.get_fill_color()
            ]
            part.points = np.concatenate(letters) if letters else np.zeros((0, 3))


def _follow(update: Any) -> None:
    # Of the mobject that it is given: animations update the copies that they start from.
    update.follow()
