"""Whether the numbers in a caption are in the picture while the caption is read."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from manim import Mobject

from gradreel.draw.formula import Formula, number_as_text
from gradreel.draw.numbers import Numbered, Readout, ShownNumber
from gradreel.lint.frame_snapshot import part_opacity

READABLE_OPACITY = 0.5


def is_said(number: ShownNumber, sentences: Iterable[str]) -> bool:
    """Whether one of these sentences has the number."""
    words = number_as_text(number.quantity)
    return any(words in sentence for sentence in sentences)


def missing_numbers(
    caption: Iterable[ShownNumber], picture: Iterable[Mobject]
) -> list[ShownNumber]:
    """The numbers of a caption that no readable mobject of the picture shows."""
    wanted = {number.text: number for number in caption}
    if not wanted:
        return []
    shown = list(readable_numbers(picture))
    return [n for n in wanted.values() if not any(same_number(n, other) for other in shown)]


def readable_numbers(mobjects: Iterable[Mobject]) -> Iterator[ShownNumber]:
    """The numbers of these mobjects that are opaque enough to be read."""
    for mobject in mobjects:
        for part in mobject.get_family():
            if isinstance(part, Formula):
                yield from _readable_slots(part)
            elif isinstance(part, (Readout, Numbered)) and _is_readable(part):
                yield from part.numbers()


def _readable_slots(formula: Formula) -> Iterator[ShownNumber]:
    """The numbers of a formula; each slot is judged alone, since it may arrive alone."""
    for number, part in formula.number_parts():
        if _is_readable(part):
            yield number


def _is_readable(mobject: Mobject) -> bool:
    parts = mobject.family_members_with_points()
    return any(part_opacity(part) >= READABLE_OPACITY for part in parts)


def same_number(one: ShownNumber, other: ShownNumber) -> bool:
    """Whether two texts show one number: by value, in any digits; a sign may be said in words."""
    if one.text == other.text:
        return True
    values = [abs(float(n.quantity)) for n in (one, other)]
    return math.isclose(*values, rel_tol=1e-9) or _digits(one) == _digits(other)


def _digits(number: ShownNumber) -> float:
    return abs(float(number.text.removeprefix("+")))
