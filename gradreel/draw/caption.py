"""The caption of a beat at the bottom of the frame, and the header with the scene's claim."""

from __future__ import annotations

import re
from collections.abc import Mapping

from manim import LEFT, UP, VGroup

from gradreel.draw.formula import number_as_text
from gradreel.draw.layout import CAPTION_HEIGHT, point, safe_area
from gradreel.draw.numbers import Numbered, ShownNumber, require_quantity
from gradreel.draw.text import escape_markup, markup_text, paragraph
from gradreel.errors import NumberError
from gradreel.tape import Quantity
from gradreel.theme import FontSize, captions_shown, colors
from gradreel.translate.catalogue import current_catalogue

_SLOT = re.compile(r"\{(\w+)\}")
_FORMATTED_SLOT = re.compile(r"\{(\w+)\s*[:!=][^{}]*\}")
_SENTENCE_END = re.compile(
    r"(?:(?<=[^.\s][.?!])|(?<=[.?!][\"”’)]))"
    r"(?<!\be\.g\.)(?<!\bi\.e\.)(?<!\bvs\.)\s+"
)


class Caption(VGroup, Numbered):
    """The caption of a beat: `template` with each `{name}` replaced by the Quantity of that name.

    `words` is the text, also for subtitles, and `sentences` its sentences, which the catalogue in
    use may replace; `templates` are those that it was given. No text is drawn when captions are
    off. Raises NumberError for a name without a value or a value that is not a
    Quantity.
    """

    def __init__(self, template: str, quantities: Mapping[str, Quantity]) -> None:
        super().__init__()
        names = _SLOT.findall(template)
        for slot in _FORMATTED_SLOT.finditer(template):
            if slot[1] in quantities:
                raise NumberError(
                    f"the caption {template!r} has a format in {slot[0]}. Write {{{slot[1]}}}: "
                    "a caption chooses the digits of its numbers."
                )
        missing = [name for name in names if name not in quantities]
        if missing:
            raise NumberError(f"the caption {template!r} has no value for {', '.join(missing)}.")
        checked = {
            name: require_quantity(quantities[name], f"caption {template!r}") for name in names
        }
        catalogue = current_catalogue()
        numbers = {name: number_as_text(quantity) for name, quantity in checked.items()}
        self.templates = split_sentences(template)
        self.sentences = tuple(
            _SLOT.sub(lambda match: numbers[match.group(1)], catalogue.sentence(sentence))
            for sentence in self.templates
        )
        self.words = " ".join(self.sentences)
        self.shown_numbers = tuple(ShownNumber(q.text, q) for q in checked.values())
        if self.words and captions_shown():
            self._add_lines()

    def _add_lines(self) -> None:
        area = safe_area()
        lines = paragraph(
            self.words, font_size=FontSize.caption, color=colors.text, width=area.width
        )
        lines.move_to(point(0, area.bottom + (CAPTION_HEIGHT - 0.15) / 2))
        self.add(lines)


def split_sentences(text: str) -> tuple[str, ...]:
    """The sentences of `text`, in order; an ellipsis or an abbreviation ends none."""
    return tuple(filter(None, (part.strip() for part in _SENTENCE_END.split(text))))


class Header(VGroup):
    """The scene's claim, in the language in use, in the upper left corner."""

    def __init__(self, claim: str) -> None:
        super().__init__()
        if not claim:
            return
        line = markup_text(
            escape_markup(claim), font_size=FontSize.label, color=colors.muted, merged=True
        )
        area = safe_area()
        if line.width > area.width:
            line.scale_to_fit_width(area.width)
        self.add(line.move_to(point(area.left, area.top), aligned_edge=UP + LEFT))
