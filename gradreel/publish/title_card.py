"""The Manim scene of a title card: the title of the film or of a chapter.

Between two chapters a card begins with the picture that the scene before it ended with, and ends
with the one that the scene after it begins with: the picture is dimmed while the title stands.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Self

from manim import (
    DOWN,
    LEFT,
    RIGHT,
    Animation,
    FadeIn,
    FadeOut,
    Line,
    Mobject,
    Rectangle,
    Scene,
    VGroup,
    config,
)

from gradreel import catalog
from gradreel.draw.text import em, escape_markup, markup_text
from gradreel.narrate.timed_sentences import timed_sentences
from gradreel.publish.script import PART
from gradreel.theme import colors
from gradreel.translate.catalogue import current_catalogue

CARD_WIDTH = 0.8  # of the frame width
HEADING_SIZE, SENTENCE_SIZE, BENEATH_SIZE, RULE_LENGTH = 66.0, 38.0, 32.0, 1.6
COMES, STANDS, GOES = 0.6, 1.9, 0.5  # seconds
DIMMED = 0.86  # the opacity of the curtain between the picture and the title


class TitleCard(Scene):
    """Shows `heading` large and `beneath`, or the `number` of a part, small, for three seconds.

    `says` is a sentence that is shown too, and said where there is a voice; it takes its time.
    `before` and `after` are the names of the neighbouring scenes of the lecture, "" for none.
    """

    texts: ClassVar[dict[str, str]] = {
        "heading": "", "beneath": "", "number": "", "says": "", "before": "", "after": "",
    }  # fmt: skip

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

    @property
    def sentence(self) -> str:
        """What is said, in the words of the catalogue in use."""
        return current_catalogue().sentence(self.texts["says"])

    def construct(self) -> None:
        """Dim the picture and fade in the title, wait, and do the reverse."""
        camera: Any = self.camera
        camera.background_color = colors.background
        first = shared_picture(self.texts["before"], "ends_with")
        last = shared_picture(self.texts["after"], "begins_with")
        curtain = _curtain()
        card = self._card()
        self.add(*first)
        stands = self._say_sentence()
        dims = [FadeIn(curtain)] if first else []
        self.play(*dims, FadeIn(card, shift=0.15 * DOWN), run_time=COMES)
        if self._is_one_picture:
            self.wait(stands)
        else:
            self._exchange(first, last, curtain, card, stands)
        undims: list[Animation] = [FadeOut(curtain)] if last else []
        self.play(*undims, FadeOut(card), run_time=GOES)
        if last:
            # The last frame of an animation is not quite its end.
            self.wait(1 / config.frame_rate)

    def _say_sentence(self) -> float:
        """Say the sentence as soon as the card has come; returns how long the card then stands."""
        if not self.sentence:
            return STANDS
        media = Path(config.media_dir)
        timed = timed_sentences([self.sentence], [self.texts["says"]], media)
        for sound, start in timed.sounds:
            self.add_sound(sound, time_offset=COMES + start)
        self.add_subcaption(self.sentence, duration=timed.length, offset=COMES)
        return max(STANDS, timed.length + max(timed.pause - GOES, 0.0))

    @property
    def _is_one_picture(self) -> bool:
        """Whether the picture before the card is the one after it."""
        before, after = (
            join_of(self.texts[name], side)
            for name, side in (("before", "ends_with"), ("after", "begins_with"))
        )
        return before is after

    def _exchange(
        self,
        first: list[Mobject],
        last: list[Mobject],
        curtain: Rectangle,
        card: VGroup,
        seconds: float,
    ) -> None:
        """Close the curtain over the first picture, and open it a little over the last one."""
        half = STANDS / 4
        if first:
            self.play(curtain.animate.set_fill(opacity=1), run_time=half)
        else:
            self.wait(half)
            curtain.set_fill(opacity=1)
        self.remove(*first, curtain, card)
        self.add(*last, curtain, card)
        self.wait(seconds - 2 * half)
        self.play(curtain.animate.set_fill(opacity=DIMMED if last else 1), run_time=half)

    def _card(self) -> VGroup:
        """The heading, a rule, and the text beneath it; above it, if a sentence is beneath."""
        rule = Line(LEFT, RIGHT).set_length(RULE_LENGTH).set_stroke(colors.accent, 4)
        card = VGroup(_lines(self.heading, HEADING_SIZE), rule)
        if self.sentence:
            card.add(_lines(self.sentence, SENTENCE_SIZE))
        if self.beneath:
            small = markup_text(
                escape_markup(self.beneath), font_size=BENEATH_SIZE, color=colors.muted
            )
            card.submobjects.insert(0 if self.sentence else 2, small)
        card.arrange(DOWN, buff=0.35).move_to((0, 0.15, 0))
        return card.scale(min(1.0, config.frame_width * CARD_WIDTH / card.width))

    def manifest(self) -> dict[str, Any]:
        """The card as data, without beats: it belongs to the chapter of the scene after it."""
        inputs = {name: self.texts[name] for name in ("heading", "beneath", "number", "says")}
        labels = [inputs["heading"], PART if inputs["number"] else inputs["beneath"]]
        labels += [inputs["says"]]
        return {
            "scene": "TitleCard", "claim": self.heading, "inputs": inputs, "labels": labels,
            "language": current_catalogue().language_tag, "beats": [], "tape": None,
        }  # fmt: skip


def _lines(words: str, font_size: float) -> Any:
    """Words that are broken into lines where they are wider than a card."""
    width = config.frame_width * CARD_WIDTH / em(font_size)
    return markup_text(
        f"#block(width: {width:.2f}em)[#align(center)[{escape_markup(words)}]]",
        font_size=font_size,
    )


def join_of(name: str, side: str) -> Any:
    """What the scene `name` of the lecture begins with or ends with (`side`); None without it."""
    entry = next((e for e in catalog.syllabus_scenes() if e.name == name), None)
    if entry is None:
        return None
    module = importlib.import_module(f"gradreel.scenes.{entry.file.parent.name}.{entry.file.stem}")
    return getattr(getattr(module, entry.cls), side, None)


def shared_picture(name: str, side: str) -> list[Mobject]:
    """The mobjects of that picture, from back to front; none without it."""
    join = join_of(name, side)
    return list(join.build().values()) if join is not None else []


def _curtain() -> Rectangle:
    """A sheet in the color of the background that covers the frame."""
    return Rectangle(
        width=config.frame_width + 1, height=config.frame_height + 1, stroke_width=0,
        fill_color=colors.background, fill_opacity=DIMMED,
    )  # fmt: skip
