"""Texts and numbers of one row on a common baseline.

The bounding boxes of "passes" and "symbolic" say nothing about where their letters stand: the
descenders differ. Typeset texts and Readouts know their baseline.

    row = baseline_row(text("passes"), Readout(count), gap=0.2)
"""

from __future__ import annotations

from manim import RIGHT, UP, VGroup, VMobject

from gradreel.draw.numbers import Readout
from gradreel.draw.typeset import Typeset
from gradreel.errors import NumberError


def baseline_of(mobject: VMobject) -> float:
    """The y of the baseline of a text or a number, or of the first one in a group.

    Raises NumberError where there is neither.
    """
    for part in mobject.get_family():
        if isinstance(part, (Typeset, Readout)):
            return part.baseline
    raise NumberError(f"{mobject} has no baseline: there is no text and no number in it.")


def align_baselines(first: VMobject, *others: VMobject) -> None:
    """Shift `others` up or down onto the baseline of `first`."""
    for mobject in others:
        mobject.shift((baseline_of(first) - baseline_of(mobject)) * UP)


def baseline_row(*mobjects: VMobject, gap: float) -> VGroup:
    """A group of texts and numbers from left to right, `gap` frame units apart, on one baseline."""
    row = VGroup(*mobjects).arrange(RIGHT, buff=gap)
    align_baselines(*mobjects)
    return row
