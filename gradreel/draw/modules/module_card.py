"""The card of a module or of a call: its name and class, shape, parameters, and two heat maps."""

from __future__ import annotations

from manim import DOWN, LEFT, RIGHT, UP, VGroup

from gradreel.draw.baseline import baseline_row
from gradreel.draw.folded.fold_card import NARROWER, OFFSET, SHEETS
from gradreel.draw.graph.op_card import OpCard
from gradreel.draw.text import text
from gradreel.tape import Op
from gradreel.theme import FontSize, StrokeWidth, colors

NAME_SIZE = 34.0  # of the monospaced font
PADDING = 0.22


class ModuleCard(OpCard):
    """A card with `name` and what it is, `about`; below these `lines`, at their right `picture`.

    With `stack`, sheets behind the card say that it can be opened.
    """

    def __init__(
        self, op: Op, name: str, about: str, lines: tuple[str, ...], picture: VGroup,
        *, stack: bool,
    ) -> None:  # fmt: skip
        VGroup.__init__(self)
        self.op = op
        words = text(name, font_size=NAME_SIZE, mono=True)
        heading = VGroup(words)
        if about:
            kind = text(about, font_size=FontSize.small, color=colors.muted)
            heading = baseline_row(words, kind, gap=0.14)
        self.title = heading
        self.value = picture
        self.note = VGroup(
            *(text(line, font_size=FontSize.small, color=colors.muted) for line in lines if line)
        ).arrange(DOWN, buff=0.08, aligned_edge=LEFT)
        body = VGroup(*(m for m in (self.note, picture) if len(m.family_members_with_points())))
        body.arrange(RIGHT, buff=0.16)
        self.lines = VGroup(heading, *([body] if len(body) else []))
        self.lines.arrange(DOWN, buff=0.08, aligned_edge=LEFT)
        self._add_box(PADDING)
        self.sheets = VGroup()
        if stack:
            self._add_sheets()

    def _add_sheets(self) -> None:
        for k in reversed(range(1, SHEETS + 1)):
            sheet = self.box.copy().stretch(1 - k * NARROWER, 0).shift(k * OFFSET * 0.5 * UP)
            sheet.set_stroke(colors.muted, StrokeWidth.frame / 2)
            self.sheets.add(sheet)
        self.add_to_back(self.sheets)

    @property
    def shell(self) -> VGroup:
        """The card without its values, as it is before it is computed."""
        return VGroup(self.sheets, self.box, self.frame, self.title)
