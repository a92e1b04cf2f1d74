"""A short program listing with one line marked."""

from __future__ import annotations

import textwrap

from manim import LEFT, Animation, ApplyMethod, Rectangle, VGroup

from gradreel.draw.exchange import at_once
from gradreel.draw.layout import Rect, point
from gradreel.draw.text import MONO_ADVANCE, MONO_SCALE, Letters, em, escape_markup, markup_text
from gradreel.draw.typeset import Typeset, marker_color
from gradreel.theme import FontSize, colors

LINE_PITCH = 1.55  # em of the code's own size
_REFERENCE = "#0000FE"


class CodeListing(VGroup):
    """Source code centered in `area`, scaled down to its width; `marks(n)` marks line n, from 1."""

    places_itself = True  # within `area`; layout.fit_into refuses it

    def __init__(self, source: str, *, area: Rect, font_size: float = FontSize.label) -> None:
        super().__init__()
        self.source = textwrap.dedent(source).strip().splitlines()
        code = markup_text(self._markup(), font_size=font_size, mono=True)
        reference = next(p for p in code if p.get_fill_color().to_hex() == _REFERENCE)
        code.remove(reference)
        self.rows = [_row(code, k, font_size) for k in range(len(self.source))]
        self.pitch = em(font_size * MONO_SCALE) * LINE_PITCH
        first = reference.get_center()[1]
        self.mark = Rectangle(
            width=code.width + 0.3,
            height=self.pitch * 0.94,
            stroke_width=0,
            fill_color=colors.panel,
            fill_opacity=1,
        ).move_to(point(code.get_center()[0], first))
        self.add(self.mark, *self.rows)
        shrink = min(area.width / self.width, 1.0)
        self.scale(shrink)
        self.pitch *= shrink
        self.move_to(area.center).align_to(point(area.left, 0), LEFT)
        self._first_y = self.mark.get_y()

    def _markup(self) -> str:
        """All lines in one compilation, each in its own fill color, by which `_row` finds it.

        A digit before the first line shows where the middle of a line is; `__init__` removes it.
        """
        lines = [
            f"#h({_indent(line) * MONO_ADVANCE}em)"
            f'#text(fill: rgb("{marker_color(k)}"))[{escape_markup(line.strip())}]'
            for k, line in enumerate(self.source)
        ]
        reference = f'#text(fill: rgb("{_REFERENCE}"))[0]#h(-{MONO_ADVANCE}em)'
        settings = (
            f"#set text(top-edge: 0.8em, bottom-edge: -0.2em)\n"
            f"#set par(leading: {LINE_PITCH - 1:.2f}em)\n"
        )
        return settings + reference + " \\\n".join(lines)

    def line_of(self, variable: str) -> int:
        """The number of the line that assigns to `variable`; 1 if there is none."""
        for number, line in enumerate(self.source, start=1):
            if line.strip().startswith(f"{variable} ="):
                return number
        return 1

    def marks(self, number: int) -> Animation:
        """Move the mark to line `number`, at the beginning of the play."""
        target = point(self.mark.get_x(), self._first_y - (number - 1) * self.pitch)
        return ApplyMethod(self.mark.move_to, target, rate_func=at_once)


def _row(code: Typeset, index: int, font_size: float) -> Letters:
    letters = [p for p in code if p.get_fill_color().to_hex() == marker_color(index)]
    return Letters(*letters, font_size=font_size * MONO_SCALE).set_color(colors.text)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
