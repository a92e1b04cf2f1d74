"""A card that says what comes: the film's title, or a chapter's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from manim import DOWN, LEFT, RIGHT, FadeIn, FadeOut, Line, Scene, VGroup, config

from gradreel.draw.text import em, escape_markup, markup_text, text
from gradreel.theme import colors

WIDTH = 0.8  # of the frame's width
HEADING, BENEATH, RULE = 66.0, 32.0, 1.6


class TitleCard(Scene):
    """Shows `heading` large, `beneath` small, for about three seconds."""

    texts: ClassVar[dict[str, str]] = {"heading": "", "beneath": ""}

    @classmethod
    def with_params(cls, raw: Mapping[str, str]) -> type[Self]:
        """A card with these texts."""
        return type(cls.__name__, (cls,), {"texts": {**cls.texts, **raw}})

    def construct(self) -> None:
        """The heading, a rule under it, what stands beneath; then away."""
        camera: Any = self.camera
        camera.background_color = colors.background
        rule = Line(LEFT, RIGHT).set_length(RULE).set_stroke(colors.accent, 4)
        card = VGroup(_heading(self.texts["heading"]), rule)
        if self.texts["beneath"]:
            card.add(text(self.texts["beneath"], font_size=BENEATH, color=colors.muted))
        card.arrange(DOWN, buff=0.35).move_to((0, 0.15, 0))
        card.scale(min(1.0, config.frame_width * WIDTH / card.width))
        self.play(FadeIn(card, shift=0.15 * DOWN), run_time=0.6)
        self.wait(1.9)
        self.play(FadeOut(card), run_time=0.5)

    def score(self) -> dict[str, Any]:
        """A card has no beats: it belongs to what follows."""
        return {
            "scene": "TitleCard", "claim": self.texts["heading"], "inputs": dict(self.texts),
            "beats": [], "tape": None,
        }  # fmt: skip


def _heading(words: str) -> Any:
    width = config.frame_width * WIDTH / em(HEADING)
    return markup_text(
        f"#block(width: {width:.2f}em)[#align(center)[{escape_markup(words)}]]",
        font_size=HEADING,
    )
