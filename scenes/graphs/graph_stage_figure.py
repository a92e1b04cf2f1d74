"""Where the graph of this chapter stands: the same place in all of its scenes."""

from __future__ import annotations

from dataclasses import dataclass

from gradreel.draw.layout import Rect, content_area

BOARD_HEIGHT = 0.9
WIDE = 2.0  # from this aspect ratio of the content on, there is room for a wider strip


@dataclass(frozen=True, slots=True)
class GraphStage:
    """The graph's area; left of it a strip for a listing or buckets; below it a formula's.

    `is_wide` is whether the strip has room for a listing.
    """

    strip: Rect
    graph: Rect
    board: Rect
    is_wide: bool


def graph_stage() -> GraphStage:
    """The parts of the content area."""
    area = content_area()
    is_wide = area.width > WIDE * area.height
    strip = 2.7 if is_wide else 1.32
    bottom = area.bottom + BOARD_HEIGHT
    return GraphStage(
        strip=Rect(area.left, area.left + strip, bottom, area.top),
        graph=Rect(area.left + strip, area.right, bottom, area.top),
        board=Rect(area.left, area.right, area.bottom, bottom - 0.05),
        is_wide=is_wide,
    )
