"""A bucket under a pipe through which backward passes pour, with its content as a sum below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from manim import (
    LEFT,
    RIGHT,
    UP,
    Animation,
    AnimationGroup,
    ApplyMethod,
    FadeIn,
    FadeOut,
    Polygon,
    RoundedRectangle,
    VGroup,
    VMobject,
    smooth,
)

from gradreel.draw.bucket import Bucket
from gradreel.draw.exchange import WHILE_ONE_GOES, comes, exchange, first_part
from gradreel.draw.formula import Formula, is_sum
from gradreel.draw.formula_assembly import FormulaAssembly, opacities, set_opacity
from gradreel.draw.layout import Rect, point
from gradreel.draw.numbers import Readout
from gradreel.draw.plane import Floats
from gradreel.draw.text import math, text
from gradreel.tape import Quantity
from gradreel.theme import FontSize, StrokeWidth, colors

BUCKET_WIDTH, BUCKET_HEIGHT = 2.5, 1.9  # frame units
PIPE_HEIGHT = 0.46
FALL = 0.9  # from the pipe to the rim: a bucket that is tipped over turns below the pipe
LEAST_BAND = 0.16  # height of a band from which its number is written beside it
GAP = 0.2
SIZE = FontSize.body * 1.1
NOTES_GONE = 0.15  # share of the time in which a bucket is tipped out
ARRIVED = 0.72  # share of the time: from then on the new sum is completed
REST_GONE = WHILE_ONE_GOES / ARRIVED  # of that: when the old sum is gone
ROLES: Mapping[str, str] = {"before": "muted", "sent": "gradient", "after": "gradient"}


class Addition(Protocol):
    """One addition: `before` plus `contribution` is `after`; `before` may be None."""

    @property
    def before(self) -> Quantity | None: ...
    @property
    def contribution(self) -> Quantity: ...
    @property
    def after(self) -> Quantity: ...


class BucketLane(VGroup):
    """From above: a pipe, the bucket, `label = number`, and a title once it is given one.

    `label` is Typst math. A bucket that holds `capacity` is full. `passes` are all that may be
    poured: where their sums are too long for `area`, their results are written alone.
    """

    def __init__(self, label: str, capacity: float, passes: Sequence[Addition], area: Rect) -> None:
        super().__init__()
        middle = area.center[0]
        rim = area.top - PIPE_HEIGHT - FALL
        self.pipe = _pipe().move_to(point(middle, area.top), aligned_edge=UP)
        self.capacity = abs(capacity)
        self.bucket = Bucket(capacity, width=BUCKET_WIDTH, height=BUCKET_HEIGHT)
        self.bucket.shift(point(middle, rim) - self.bucket.mouth)
        self.label = math(f"{label} =", font_size=SIZE, color=colors.muted)
        free = area.width - self.label.width - GAP
        self.with_sums = all(_sum(row).width <= free for row in passes)
        widest = max(self._content(row).width for row in passes)
        left = middle - (self.label.width + GAP + widest) / 2
        row = rim - BUCKET_HEIGHT - 0.82  # below the corner of a bucket that is tipped over
        self.label.shift(point(left - self.label.get_left()[0], row - self._equals_y()))
        self.content: VMobject = self._content(None)
        self.title: VMobject = VGroup()
        self.notes: list[tuple[int, Readout]] = []  # each with the number of its band
        self.aged = 0  # so many bands are marked as old
        self.add(self.pipe, self.bucket, self.label, self.content)

    @property
    def nozzle(self) -> Floats:
        """Where the stream leaves the pipe."""
        end: Floats = self.pipe.get_bottom()
        return end

    def appears(self) -> Animation:
        """Pipe, bucket and number."""
        return FadeIn(*self.parts())

    def fill(self, addition: Addition) -> None:
        """Put the result of a pass into the bucket before it appears."""
        self.bucket.level.set_value(float(addition.after))
        self.content = self._content(addition)

    def holds(self, passes: Sequence[Addition], left: Quantity | None = None) -> None:
        """Show at once what these passes leave in an empty bucket; without any, `left`."""
        self.bucket.empty()
        self.notes = []
        self.bucket.capacity = max([self.capacity, *(abs(float(p.after)) for p in passes)])
        for addition in passes:
            now = self.bucket.level.get_value()
            self.bucket.holds(float(addition.after))
            self._note(addition, now)
        self.bucket.redraw()
        self.content = self._content(passes[-1] if passes else left)

    def pours(self, addition: Addition, color: str = "") -> Animation:
        """The contribution of a pass falls into the bucket, and the sum below is continued."""
        now = self.bucket.level.get_value()
        stream = self.bucket.receives(float(addition.after), self.nozzle, color)
        return AnimationGroup(stream, self._writes(addition), *self._note(addition, now))

    def zeroed(self, number: Quantity | None) -> Animation:
        """The bucket is tipped out; `number` is what zero_grad leaves, None or zero."""
        notes, self.notes, self.aged = self.notes, [], 0
        gone = [_vanishes(note) for _, note in notes]
        old, self.content = self.content, self._content(number)
        return AnimationGroup(self.bucket.tips_out(NOTES_GONE), exchange(old, self.content), *gone)

    def ages(self, count: int) -> Animation:
        """What the first `count` passes left inside is marked as old."""
        old = [note for k, note in self.notes if self.aged <= k < count]
        notes = (note.animate.set_fill(colors.warning).scale(1.2).build() for note in old)
        self.aged = count
        return AnimationGroup(self.bucket.recolors(colors.warning_fill, count), *notes)

    def takes_title(self, words: str, color: str, *, mono: bool = False) -> Animation:
        """The title below the number, in place of the one before."""
        return self.shows_below(text(words, font_size=FontSize.body, color=color, mono=mono))

    def shows_below(self, words: VMobject) -> Animation:
        """What stands below the number, in place of the title."""
        old, self.title = self.title, words
        self.title.move_to(point(self.bucket.base.get_x(), self._equals_y() - 0.64))
        return exchange(old, self.title) if len(old) else FadeIn(self.title)

    def loses_title(self) -> Animation:
        """The title fades out."""
        old, self.title = self.title, VGroup()
        return _vanishes(old)

    def moves_to(self, x: float) -> Animation:
        """All of it moves sideways, the bucket's middle to `x`."""
        way = (x - self.bucket.base.get_x()) * RIGHT
        return AnimationGroup(*(ApplyMethod(part.shift, way) for part in self.parts()))

    def parts(self) -> list[VMobject]:
        """All that is on stage."""
        return [
            self.pipe,
            self.bucket,
            self.label,
            self.content,
            self.title,
            *(n for _, n in self.notes),
        ]

    def _writes(self, addition: Addition) -> Animation:
        """The new sum begins with the old result, where there was one."""
        old, new = self.content, self._content(addition)
        self.content = new
        if not (isinstance(old, Formula) and isinstance(new, Formula) and "before" in new.slots):
            return exchange(old, new)
        result = old.part("after")
        assembly = FormulaAssembly(
            new, {"before": result}, arrives_at=ARRIVED, rate_func=_after_rest
        )
        return AnimationGroup(_RestGoes(old, result), assembly)

    def _note(self, addition: Addition, now: float) -> list[Animation]:
        """The contribution beside its band, if the band is thick enough.

        Where it took something away, no number beside a band is true any more.
        """
        after = float(addition.after)
        if now and (abs(after) < abs(now) or now * after < 0):
            old, self.notes = self.notes, []
            return [_vanishes(note) for _, note in old]
        low, high = (self.bucket.at_level(level, 1.0) for level in (now, float(addition.after)))
        if high[1] - low[1] < LEAST_BAND:
            return []
        note = _note(addition)
        note.move_to((low + high) / 2 + 0.2 * RIGHT, aligned_edge=LEFT)
        self.notes.append((len(self.bucket.bounds), note))
        return [comes(note)]

    def _content(self, number: Addition | Quantity | None) -> VMobject:
        """What stands to the right of the label."""
        if number is None:
            content: VMobject = text("None", font_size=FontSize.body, color=colors.muted, mono=True)
            level = content
        else:
            content = formula = self._formula(number)
            level = formula.part("after")
        content.next_to(self.label, RIGHT, buff=GAP)
        content.shift((self._equals_y() - level.get_y()) * UP)
        return content

    def _formula(self, number: Addition | Quantity) -> Formula:
        if isinstance(number, Quantity):
            return _result(number)
        return _sum(number) if self.with_sums else _result(number.after)

    def _equals_y(self) -> float:
        """The height of the equals sign, which is at half the height of digits."""
        return float(self.label[-1].get_y())


class _RestGoes(Animation):
    """An old sum fades out, as a whole; its result is gone from the first frame on.

    The new sum has the result at the same place by then.
    """

    def __init__(self, old: Formula, result: VMobject) -> None:
        self.result = result
        self.rest = opacities(VGroup(old), without=list(result.get_family()))
        super().__init__(old, remover=True, rate_func=first_part)

    def interpolate_mobject(self, alpha: float) -> None:
        """Fade what is not the result."""
        self.result.set_opacity(0)
        for piece, fill, stroke in self.rest:
            set_opacity(piece, fill, stroke, 1 - self.rate_func(alpha))


def _sum(addition: Addition) -> Formula:
    """before + contribution = after; only the result where there was nothing before."""
    sent, before = addition.contribution, addition.before
    if before is None:
        return _result(addition.after)
    addend = "{sent}" if sent >= 0 else "lr(({sent}))"
    return Formula(
        f"{{before}} + {addend} {{eq}} {{after}}",
        before=before, sent=sent, after=addition.after, roles=ROLES, font_size=SIZE,
        eq=is_sum(("before", "sent"), "after"),
    )  # fmt: skip


def _after_rest(share: float) -> float:
    """The old result moves once the rest of the old sum is gone."""
    return float(smooth(max(share - REST_GONE, 0.0) / (1 - REST_GONE)))


def _result(number: Quantity) -> Formula:
    return Formula("{after}", after=number, roles={"after": "gradient"}, font_size=SIZE)


def note_width(passes: Sequence[Addition]) -> float:
    """The width of the longest number beside a band, with its distance from the wall."""
    return 0.2 + max(_note(addition).width for addition in passes) * 1.2


def _note(addition: Addition) -> Readout:
    return Readout(addition.contribution, font_size=FontSize.label, color=colors.gradient)


def _vanishes(mobject: VMobject) -> Animation:
    """Fades out before a bucket begins to tip, which would run over it."""
    return FadeOut(mobject, rate_func=lambda share: min(share / NOTES_GONE, 1.0))


def _pipe() -> VGroup:
    """A pipe with a nozzle, and the word backward in it."""
    words = text("backward()", font_size=FontSize.code, color=colors.text, mono=True)
    box = RoundedRectangle(
        corner_radius=0.12, width=words.width + 0.5, height=PIPE_HEIGHT, fill_opacity=1,
        fill_color=colors.panel, stroke_color=colors.muted, stroke_width=StrokeWidth.axis,
    )  # fmt: skip
    half, deep, foot = 0.26, 0.13, box.get_bottom()
    corners = [(-half, 0.0), (half, 0.0), (half * 0.7, -deep), (-half * 0.7, -deep)]
    nozzle = Polygon(
        *(foot + point(x, y) for x, y in corners),
        stroke_width=0, fill_color=colors.muted, fill_opacity=1,
    )  # fmt: skip
    return VGroup(nozzle, box, words.move_to(box))
