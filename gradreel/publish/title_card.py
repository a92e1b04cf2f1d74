"""The Manim scene of a title card: the title of the film or of a chapter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from manim import DOWN, LEFT, RIGHT, FadeIn, FadeOut, Line, Scene, VGroup, config

from gradreel.draw.text import em, escape_markup, markup_text, text
from gradreel.publish.script import PART
from gradreel.theme import colors
from gradreel.translate.catalogue import current_catalogue

CARD_WIDTH = 0.8  # of the frame width
HEADING_SIZE, BENEATH_SIZE, RULE_LENGTH = 66.0, 32.0, 1.6


class TitleCard(Scene):
    """Shows `heading` large and `beneath`, or the `number` of a part, small, for three seconds."""

    texts: ClassVar[dict[str, str]] = {"heading": "", "beneath": "", "number": ""}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A part of the protocol by which the renderer asks for `manifest`; a card has no beats.
        self.beat_observers: list[Any] = []

    @classmethod
    def with_params(cls, raw: Mapping[str, str]) -> type[Self]:
        """A subclass with these texts."""
        return type(cls.__name__, (cls,), {"texts": {**cls.texts, **raw}})

    @property
    def heading(self) -> str:
        """The heading, in the words of the catalogue in use."""
        return current_catalogue().sentence(self.texts["heading"])

    @property
    def beneath(self) -> str:
        """The text beneath, or the number of the part, in the words of the catalogue in use."""
        if self.texts["number"]:
            return current_catalogue().sentence(PART).replace("{number}", self.texts["number"])
        return current_catalogue().sentence(self.texts["beneath"])

    def construct(self) -> None:
        """Fade in the heading, a rule and the text beneath it, wait, and fade out."""
        camera: Any = self.camera
        camera.background_color = colors.background
        rule = Line(LEFT, RIGHT).set_length(RULE_LENGTH).set_stroke(colors.accent, 4)
        card = VGroup(_heading(self.heading), rule)
        if self.texts["beneath"] or self.texts["number"]:
            card.add(text(self.beneath, font_size=BENEATH_SIZE, color=colors.muted))
        card.arrange(DOWN, buff=0.35).move_to((0, 0.15, 0))
        card.scale(min(1.0, config.frame_width * CARD_WIDTH / card.width))
        self.play(FadeIn(card, shift=0.15 * DOWN), run_time=0.6)
        self.wait(1.9)
        self.play(FadeOut(card), run_time=0.5)

    def manifest(self) -> dict[str, Any]:
        """The card as data, without beats: it belongs to the chapter of the scene after it."""
        return {
            "scene": "TitleCard", "claim": self.heading, "inputs": dict(self.texts),
            "beats": [], "tape": None,
        }  # fmt: skip


def _heading(words: str) -> Any:
    width = config.frame_width * CARD_WIDTH / em(HEADING_SIZE)
    return markup_text(
        f"#block(width: {width:.2f}em)[#align(center)[{escape_markup(words)}]]",
        font_size=HEADING_SIZE,
    )
