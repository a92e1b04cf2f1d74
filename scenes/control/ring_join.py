"""The ring of four steps, with which TrainingLoop ends and the next scene begins."""

from __future__ import annotations

from manim import Mobject

from gradreel.draw.layout import Rect, content_area
from gradreel.lecture.join import Join
from gradreel.scenes.control.cycle_diagram_figure import CycleDiagram
from gradreel.theme import colors

CALLS = ("zero_grad()", "forward", "backward()", "step()")


def ring_and_rest() -> tuple[Rect, Rect]:
    """The left half of the picture, for the ring, and the right half."""
    left, right = content_area().columns(1, 1, gap=0.4)
    return left, right


def training_ring(area: Rect) -> CycleDiagram:
    """The four steps around a ring in `area`."""
    tones = (colors.detached, colors.value, colors.gradient, colors.leaf)
    return CycleDiagram(CALLS, tones, area)


def _ring() -> dict[str, Mobject]:
    """The ring, alone in the left half."""
    return {"ring": training_ring(ring_and_rest()[0])}


RING_JOIN = Join("ring of four steps", _ring)
