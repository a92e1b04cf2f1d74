"""The variables of a running script: value, leaf or grad_fn, requires_grad, and .grad filling in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from manim import Animation, Rectangle, VGroup, VMobject

from gradreel.draw.codewalk.mono import MonoText, char_width
from gradreel.draw.numbers import Shown
from gradreel.draw.stage import Area
from gradreel.tape import Quantity
from gradreel.theme import ink
from gradreel.trace.model import Moment, Variable, number_of
from gradreel.trace.words import ITEMS, places, value_words

PITCH = 0.385
GAP = 0.13  # between one variable and the next
_LONGEST_NAME = 14
_GRAD = "grad "


@dataclass(frozen=True, slots=True)
class Section:
    """The variables of one open call, under its title.

    `changed` are those that this step changed; `ages` when each was last changed, the later the
    higher: where room is short the oldest give way.
    """

    title: str
    variables: tuple[Variable, ...]
    changed: frozenset[str] = frozenset()
    ages: Mapping[str, int] = field(default_factory=dict)


class Panel(VGroup):
    """Rows of variables in an area; `becomes(...)` is the change from one step to the next."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[VGroup] = []

    def becomes(
        self, sections: Sequence[Section], area: Area, moment: Moment, *, at: float = 0.5
    ) -> Animation:
        """The panel at a moment; what is different fades over at `at` of the run time."""
        return _Becomes(self, list(_rows(sections, area, moment)), at)

    def shows(self, sections: Sequence[Section], area: Area, moment: Moment) -> None:
        """The same at once."""
        self.put(list(_rows(sections, area, moment)))

    def put(self, rows: list[VGroup]) -> None:
        """Replace the rows."""
        self.rows = rows
        self.submobjects = list(rows)


class _Becomes(Animation):
    """Old rows that are different go, new ones come; rows that stay are not touched."""

    def __init__(self, panel: Panel, rows: list[VGroup], at: float) -> None:
        self.panel, self.new, self.at = panel, rows, at
        kept = {row.key for row in panel.rows} & {row.key for row in rows}
        self.leaving = [row for row in panel.rows if row.key not in kept]
        self.coming = [row for row in rows if row.key not in kept]
        super().__init__(panel, rate_func=lambda t: t)

    def create_starting_mobject(self) -> Panel:
        # The rows are replaced in place: a copy of every letter would be thrown away at once.
        return self.panel

    def begin(self) -> None:
        """Both pictures are on stage while one fades into the other."""
        self.panel.submobjects = [*self.leaving, *self.new]
        super().begin()

    def interpolate_mobject(self, alpha: float) -> None:
        """Old rows are gone at `at`, new ones there soon after."""
        _fade(self.leaving, 1 - (alpha - self.at + 0.12) / 0.12)
        _fade(self.coming, (alpha - self.at) / 0.12)

    def finish(self) -> None:
        """Only the new rows stay."""
        super().finish()
        _fade(self.new, 1.0)
        self.panel.put(self.new)


def _fade(rows: Iterable[VGroup], opacity: float) -> None:
    for row in rows:
        for part in row:
            part.set_fill(opacity=min(max(opacity, 0.0), 1.0))


def _row(key: tuple[Any, ...], parts: Iterable[VMobject]) -> VGroup:
    row = VGroup(*(part for part in parts if len(part.points)))
    row.key = key
    return row


def _rows(sections: Sequence[Section], area: Area, moment: Moment) -> Iterator[VGroup]:
    """As many variables as there is room for; the changed ones first of all."""
    chosen, left_out = _chosen(sections, area.height)
    names = [len(v.name) for section in chosen for v in section.variables]
    name_width = min(max(names, default=1), _LONGEST_NAME) + 2
    y = area.top
    for section in chosen:
        if section.title:
            yield _row(
                (section.title, y), [_text(section.title, area.left, y, "local")]
            )
            y -= PITCH + GAP
        for variable in section.variables:
            changed = variable.name in section.changed
            tall = _height(variable)
            parts = _variable(variable, changed, area, y, name_width, moment)
            yield _row((variable, changed, round(y, 3), name_width), parts)
            y -= tall + GAP
    if left_out:
        words = f"and {left_out} more"
        yield _row((words, y), [_text(words, area.left, y, "muted")])


def _chosen(sections: Sequence[Section], height: float) -> tuple[list[Section], int]:
    """What fits into `height`: changed variables before others, inner calls before outer ones."""
    titles = sum(PITCH + GAP for section in sections if section.title)
    room = height - titles
    total = sum(_height(v) + GAP for section in sections for v in section.variables)
    if total - GAP > room:
        room -= PITCH  # for the line that says how many are left out
    order = [
        (v.name not in section.changed, depth, -section.ages.get(v.name, 0), (depth, v.name))
        for depth, section in enumerate(sections)
        for v in section.variables
    ]
    heights = {
        (d, v.name): _height(v) + GAP for d, s in enumerate(sections) for v in s.variables
    }
    kept: set[tuple[int, str]] = set()
    for _, _, _, key in sorted(order):
        if heights[key] <= room + GAP:
            kept.add(key)
            room -= heights[key]
    chosen = [
        replace(s, variables=tuple(v for v in s.variables if (d, v.name) in kept))
        for d, s in enumerate(sections)
    ]
    return chosen, len(order) - len(kept)


def _height(variable: Variable) -> float:
    return 2 * PITCH if variable.is_tensor else PITCH


def _variable(
    variable: Variable, changed: bool, area: Area, y: float, names: int, moment: Moment
) -> Iterator[VMobject]:
    if changed:
        yield from _patch(area, y, _height(variable))
    left = area.left + 0.15
    columns = int((area.width - 0.25) / char_width())
    yield _text(_cut(variable.name, _LONGEST_NAME), left, y, "text")
    grad, grad_shown = _grad(variable, moment, columns // 2)
    room = columns - names - (len(grad) + 2 if grad else 0)
    words, shown = _value(variable, moment, room)
    value_role = "value" if variable.value is not None else "text"
    yield _text(words, left + names * char_width(), y, value_role, shown)
    if grad:
        x = area.right - 0.1 - len(grad) * char_width()
        yield _text(grad, x, y, "gradient" if grad_shown else "muted", grad_shown)
    if variable.is_tensor:
        tag = _tag(variable, columns - 2)
        role = "leaf" if variable.is_leaf and variable.requires_grad else "muted"
        yield _text(tag, left + 2 * char_width(), y - PITCH, role)


def _patch(area: Area, top: float, height: float) -> Iterator[VMobject]:
    """What is new lies on a lighter ground with a bar beside it."""
    ground = Rectangle(
        width=area.width, height=height + GAP * 0.7, stroke_width=0, fill_color=ink.panel
    )
    bar = Rectangle(
        width=0.06, height=height + GAP * 0.7, stroke_width=0, fill_color=ink.accent
    )
    middle = top - height / 2 + 0.02
    yield ground.set_fill(opacity=1).move_to([area.center[0], middle, 0])
    yield bar.set_fill(opacity=1).move_to([area.left + 0.03, middle, 0])


def _text(
    words: str, x: float, top: float, role: str, shown: Iterable[Shown] = ()
) -> MonoText:
    return MonoText(words, x, top - 0.72 * PITCH, color=getattr(ink, role), shown=shown)


def _value(variable: Variable, moment: Moment, room: int) -> tuple[str, tuple[Shown, ...]]:
    if variable.value is None or variable.kind not in ("Tensor", "float", "int", "list", "tuple"):
        return _cut(variable.text, room), ()
    fit = _fitting(variable.value, room)
    if fit is None:
        return _cut(_size_words(variable), room), ()
    words, items = fit
    numbers = tuple(
        _shown(number_of(variable, moment, index=index))
        for index in places(variable.value, items)
    )
    return words, numbers


def _grad(variable: Variable, moment: Moment, room: int) -> tuple[str, tuple[Shown, ...]]:
    if variable.grad is None:
        return ("grad None" if variable.is_leaf and variable.requires_grad else ""), ()
    fit = _fitting(variable.grad, room - len(_GRAD))
    if fit is None:
        return "grad " + "×".join(map(str, variable.shape or ())), ()
    words, items = fit
    numbers = tuple(
        _shown(number_of(variable, moment, grad=True, index=index))
        for index in places(variable.grad, items)
    )
    return _GRAD + words, numbers


def _fitting(value: Any, room: int) -> tuple[str, int] | None:
    """The fullest form of nested numbers that fits into `room` characters."""
    for items in range(ITEMS, 0, -1):
        words = value_words(value, items)
        if len(words) <= room:
            return words, items
    return None


def _shown(quantity: Quantity) -> Shown:
    return Shown(quantity.text, quantity)


def _size_words(variable: Variable) -> str:
    sides = variable.shape or ()
    return "×".join(map(str, sides)) + " numbers" if sides else variable.text


def _tag(variable: Variable, room: int) -> str:
    tracked = "✓" if variable.requires_grad else "✗"
    parts = ["leaf" if variable.is_leaf else str(variable.grad_fn), f"requires_grad {tracked}"]
    if variable.shape:
        parts.append("×".join(map(str, variable.shape)))
    if variable.dtype != "float32":
        parts.append(variable.dtype)
    words = parts[0]
    for part in parts[1:]:
        longer = f"{words} · {part}"
        if len(longer) > room:
            longer = f"{words} · {part.replace('requires_grad', 'grad')}"
        words = longer if len(longer) <= room else words
    return _cut(words, room)


def _cut(words: str, room: int) -> str:
    return words if len(words) <= room else words[: max(room - 1, 1)] + "…"


def sections_of(
    state: Mapping[int, Mapping[str, Variable]],
    titles: Mapping[int, str],
    changed: Mapping[int, frozenset[str]],
    ages: Mapping[int, Mapping[str, int]],
    watch: Sequence[str],
) -> list[Section]:
    """Open calls from the innermost out; with `watch`, only those names, where they exist."""
    found = []
    for call in sorted(state, reverse=True):
        names = state[call]
        kept = [v for k, v in names.items() if not watch or k in watch]
        if kept or call:
            title = titles[call] if call or len(state) > 1 else ""
            fresh = changed.get(call, frozenset())
            found.append(Section(title, tuple(kept), fresh, ages.get(call, {})))
    return found
