"""The card of one op: what was computed, its value, autograd's name of the node."""

from __future__ import annotations

from manim import DOWN, RIGHT, RoundedRectangle, VGroup

from gradreel.draw.numbers import Readout
from gradreel.draw.text import math, text
from gradreel.draw.text import variable_name as set_name
from gradreel.errors import ExpressionError
from gradreel.expression import parse
from gradreel.expression.typst_printer import name_markup
from gradreel.tape import Op, Quantity
from gradreel.theme import FontSize, StrokeWidth, colors

LEAST_WIDTH = 1.5


class OpCard(VGroup):
    """A rounded box with the op's name, its value and (with `detail`) its grad_fn, or a `note`;
    `aside` stands beside the title. If the card is not `upright`, all but `aside` is side by side.

    `value` is a number or, for a tensor, a picture of it. Leaves have a green frame, tracked
    results a blue one, untracked values a grey, thinner one: frame and last line say the same, for
    those who do not tell the colours apart.
    """

    def __init__(
        self, op: Op, value: Quantity | VGroup | None, *, detail: bool = True, note: str = "",
        title_size: float = FontSize.body, aside: str = "", upright: bool = True,
    ) -> None:  # fmt: skip
        super().__init__()
        self.op = op
        self.title = _title(op, title_size)
        if aside:
            words = text(aside, font_size=FontSize.small, color=colors.muted)
            beside = RIGHT if upright else DOWN
            self.title = VGroup(self.title, words).arrange(beside, buff=0.18)
        self.value = (
            Readout(value, font_size=FontSize.body, color=colors.value)
            if isinstance(value, Quantity)
            else value or VGroup()
        )
        self.note: VGroup = VGroup()
        if note:
            self.note = text(note, font_size=FontSize.label, color=colors.muted)
        elif detail:
            self.note = text(_note(op), font_size=FontSize.small, color=_tone(op), mono=True)
        inside = [
            part
            for part in (self.title, self.value, self.note)
            if len(part.family_members_with_points())
        ]
        self.lines = VGroup(*inside).arrange(DOWN if upright else RIGHT, buff=0.16)
        self.box = RoundedRectangle(
            corner_radius=0.16,
            width=max(self.lines.width + 0.4, LEAST_WIDTH),
            height=self.lines.height + 0.36,
            stroke_width=0,
            fill_color=colors.panel,
            fill_opacity=1,
        )
        # The frame is a thing of its own: lighting it up must not lay the box over the letters.
        self.frame = self.box.copy().set_fill(opacity=0)
        self.frame.set_stroke(
            _tone(op), StrokeWidth.frame if op.requires_grad else StrokeWidth.frame / 2
        )
        self.lines.move_to(self.box)
        self.add(self.box, self.frame, self.lines)

    @property
    def shell(self) -> VGroup:
        """The card without its value: what is known before anything is computed."""
        return VGroup(self.box, self.frame, self.title, self.note)


def _title(op: Op, font_size: float) -> VGroup:
    """The name and, for a result, the call that made it: a = x y."""
    if op.is_leaf or not op.call:
        return VGroup(set_name(op.name or op.id, font_size=font_size))
    formula = _call_in_math(op)
    if formula is None:
        return VGroup(
            text(
                f"{op.name} = {op.call}" if op.name else op.call,
                font_size=FontSize.small,
                mono=True,
            )
        )
    return VGroup(
        math(f"{name_markup(op.name)} = {formula}" if op.name else formula, font_size=FontSize.body)
    )


def _call_in_math(op: Op) -> str | None:
    """The call in Typst math if it is arithmetic, None if it can only be shown as code."""
    operands = [name for name in op.inputs if name.isidentifier()]
    try:
        return parse(op.call, variables=operands).typst()
    except ExpressionError:
        return None


def _note(op: Op) -> str:
    if op.grad_fn:
        return op.grad_fn
    return "leaf" if op.is_leaf and op.requires_grad else "no grad"


def _tone(op: Op) -> str:
    if not op.requires_grad:
        return str(colors.detached)
    return str(colors.leaf if op.is_leaf else colors.value)
