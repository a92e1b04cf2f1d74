"""The message of an exception, and in its place what the mended program gives."""

from __future__ import annotations

from typing import Protocol

from manim import DOWN, RoundedRectangle, VGroup, VMobject

from gradreel.draw.layout import Rect
from gradreel.draw.text import paragraph, text
from gradreel.theme import FontSize, StrokeWidth, colors


class Message(Protocol):
    """The type of an exception, what matters of its message, and the words that matter most."""

    @property
    def error(self) -> str: ...
    @property
    def quote(self) -> str: ...
    @property
    def key(self) -> str: ...


class ErrorMessage(VGroup):
    """The type of an exception, and of its message what matters, in a frame that fills `area`.

    The rest of the message is details that nobody reads while a film runs.
    """

    def __init__(self, case: Message, area: Rect) -> None:
        super().__init__()
        self.kind = text(case.error, font_size=FontSize.code, color=colors.warning, mono=True)
        self.body = paragraph(
            case.quote, font_size=FontSize.body, color=colors.text, width=area.width - 0.5,
            key=case.key, key_color=colors.warning,
        )  # fmt: skip
        inside = VGroup(self.kind, self.body).arrange(DOWN, buff=0.22)
        self.box = RoundedRectangle(
            corner_radius=0.14, width=area.width, height=area.height, stroke_color=colors.warning,
            stroke_width=StrokeWidth.frame, fill_color=colors.panel, fill_opacity=1,
        )  # fmt: skip
        self.add(self.box, inside)
        self.move_to(area.center)

    def replaced_by(self, result: VMobject) -> VGroup:
        """What a program that runs gives, in the place of the message."""
        box = self.box.copy().set_stroke(colors.leaf)
        return VGroup(box, result.move_to(box))
