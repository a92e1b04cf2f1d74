"""The claim above the stage and the caption below it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from manim import LEFT, UP, VGroup

from gradreel.draw.formula import in_words
from gradreel.draw.layout import CAPTION_HEIGHT, safe, spot
from gradreel.draw.numbers import Numbered, Shown, vouched
from gradreel.draw.text import paragraph, text
from gradreel.errors import NumberError
from gradreel.tape import Quantity
from gradreel.theme import captions_shown, ink, size

_SLOT = re.compile(r"\{(\w+)\}")


class Caption(VGroup, Numbered):
    """What is said at a beat, its numbers filled in from Quantities, on at most two lines.

    `words` is the text for subtitles; nothing is drawn when captions are off.
    """

    def __init__(self, template: str, quantities: Mapping[str, Quantity]) -> None:
        super().__init__()
        named = _SLOT.findall(template)
        missing = [name for name in named if name not in quantities]
        if missing:
            raise NumberError(f"the caption {template!r} has no value for {', '.join(missing)}.")
        checked = {name: vouched(quantities[name], f"caption {template!r}") for name in named}
        self.words = _SLOT.sub(lambda match: in_words(checked[match.group(1)]), template)
        self.shown_numbers = tuple(Shown(q.text, q) for q in checked.values())
        if self.words and captions_shown():
            self._set()

    def _set(self) -> None:
        area = safe()
        lines = paragraph(self.words, font_size=size.caption, color=ink.text, width=area.width)
        lines.move_to(spot(0, area.bottom + (CAPTION_HEIGHT - 0.15) / 2))
        self.add(lines)


class Header(VGroup):
    """The scene's claim in the upper left corner."""

    def __init__(self, claim: str) -> None:
        super().__init__()
        if not claim:
            return
        line = text(claim, font_size=size.label, color=ink.muted, whole=True)
        area = safe()
        if line.width > area.width:
            line.scale_to_fit_width(area.width)
        self.add(line.move_to(spot(area.left, area.top), aligned_edge=UP + LEFT))
