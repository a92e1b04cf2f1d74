"""The card of one op: what was computed, its value, and the name of its autograd node."""

from __future__ import annotations

from manim import DOWN, RIGHT, VGroup

from gradreel.draw.numbers import Readout
from gradreel.draw.rounded_box import RoundedBox
from gradreel.draw.text import math, text
from gradreel.draw.text import variable_name as set_name
from gradreel.errors import ExpressionError
from gradreel.expression import parse
from gradreel.expression.typst_printer import name_markup
from gradreel.tape import Op, Quantity
from gradreel.tape.quantity import SIGNIFICANT_BITS
from gradreel.theme import FontSize, StrokeWidth, colors

LEAST_WIDTH = 1.5


class OpCard(VGroup):
    """A rounded box with an op's title, its value, and its grad_fn (`detail`) or a `note`.

    `value` is a number or, for a tensor, a mobject. `aside` is a text beside the title. The parts
    are stacked if the card is `upright`, else side by side, with `aside` below the title. Leaves
    have a green frame, tracked results a blue one, untracked values a thinner gray one; the last
    line says the same in words, for viewers with a color vision deficiency.
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
            self.title = VGroup(self.title, words).arrange(RIGHT if upright else DOWN, buff=0.18)
        self.value = (
            Readout(value, font_size=FontSize.body, color=colors.value)
            if isinstance(value, Quantity)
            else VGroup()
            if value is None
            else value
        )
        self.note: VGroup = VGroup()
        if note:
            self.note = text(note, font_size=FontSize.label, color=colors.muted)
        elif detail:
            self.note = text(_note(op), font_size=FontSize.small, color=_tone(op), mono=True)
        content = [
            part
            for part in (self.title, self.value, self.note)
            if len(part.family_members_with_points())
        ]
        self.lines = VGroup(*content).arrange(DOWN if upright else RIGHT, buff=0.16)
        self._add_box()

    def _add_box(self, padding: float = 0.36) -> None:
        self.box = RoundedBox(
            corner_radius=0.16,
            width=max(self.lines.width + padding + 0.04, LEAST_WIDTH),
            height=self.lines.height + padding,
            stroke_width=0,
            fill_color=colors.panel,
            fill_opacity=1,
        )
        # The frame is a separate mobject: animating the box would draw it over the letters.
        self.frame = self.box.copy().set_fill(opacity=0)
        self.frame.set_stroke(
            _tone(self.op), StrokeWidth.frame if self.op.requires_grad else StrokeWidth.frame / 2
        )
        self.lines.move_to(self.box)
        self.add(self.box, self.frame, self.lines)

    @property
    def shell(self) -> VGroup:
        """The card without its value and node, as it is before the op is computed."""
        return VGroup(self.box, self.frame, self.title)


def _title(op: Op, font_size: float) -> VGroup:
    """The name and, for a result, the call that computed it: a = x y."""
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
        return f"{op.grad_fn} {op.dtype}" if op.dtype in SIGNIFICANT_BITS else op.grad_fn
    return "leaf" if op.is_leaf and op.requires_grad else "no grad"


def _tone(op: Op) -> str:
    """The color of the kind of op."""
    if not op.requires_grad:
        return str(colors.detached)
    return str(colors.leaf if op.is_leaf else colors.value)
