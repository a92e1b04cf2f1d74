"""Where the panes of a walkthrough are: code and output left, picture or variables right."""

from __future__ import annotations

from dataclasses import dataclass

from gradreel.draw.layout import Rect, content_area
from gradreel.draw.walkthrough import code_pane
from gradreel.draw.walkthrough.code_pane import LEAST_PITCH, CodePane, width_of
from gradreel.draw.walkthrough.line_values import most_columns
from gradreel.draw.walkthrough.output_pane import LINE_PITCH
from gradreel.theme import FontSize
from gradreel.trace.script_trace import ScriptTrace

LEAST_OUTPUT_LINES = 4
MOST_OUTPUT_LINES = 12
STATUS_HEIGHT = 0.36
COLUMN_GAP = 0.45
MOST_PITCH = 0.5  # of the lines of code, beside a picture
OUTPUT_GAP = 0.3  # from the code to what is printed, beside a picture
MOST_CODE_SHARE = 0.57  # of the width, beside a picture
LAST_CODE_SHARE = 0.61  # in the smallest font, rather than that a line is wrapped
FONT_SIZES = (36.0, 34.0, FontSize.label, 31.0, 30.0, 29.0, FontSize.small)
"""Of the code beside a picture: the first with which no line is wrapped."""


@dataclass(frozen=True, slots=True)
class WalkAreas:
    """The areas of a walkthrough; `status` is where the line between code and output begins.

    The right column, `side`, is for the picture, or else for the variables.
    """

    code: Rect
    side: Rect
    status: tuple[float, float]
    output: Rect | None = None
    font_size: float = FontSize.small
    most_pitch: float = code_pane.MOST_PITCH


def walk_areas(trace: ScriptTrace, *, with_picture: bool) -> WalkAreas:
    """Divide the content area for a run."""
    left, right, font_size = _columns(trace) if with_picture else _plain_columns()
    status_height = OUTPUT_GAP if with_picture else STATUS_HEIGHT
    pitch = LINE_PITCH * font_size / FontSize.small
    lines = _output_lines(trace, left, status_height, font_size)
    pitch_of_code = MOST_PITCH if with_picture else code_pane.MOST_PITCH
    tall = lines * pitch + 0.2 if lines else 0.0
    top = left.bottom + tall
    if with_picture:
        # What is printed stands close below the code, also below a short one.
        most = CodePane.height_at(MOST_PITCH, trace.lines, left.width, font_size)
        top = max(top, left.top - most - status_height)
    code = Rect(left.left, left.right, top + status_height, left.top)
    output = Rect(left.left, left.right, top - tall, top) if lines else None
    return WalkAreas(code, right, (left.left + 0.12, top + 0.12), output, font_size, pitch_of_code)


def _plain_columns() -> tuple[Rect, Rect, float]:
    """Code and variables share the frame."""
    area = content_area()
    left, right = area.columns(1.22, 1.0) if area.width > 12 else area.columns(1.05, 1.0)
    return left, right, FontSize.small


def _columns(trace: ScriptTrace) -> tuple[Rect, Rect, float]:
    """Beside a picture the code is as wide as its longest line with the value behind it."""
    area = content_area()
    columns, most = most_columns(trace), area.width * MOST_CODE_SHARE
    sizes = (size for size in FONT_SIZES if width_of(columns, size) <= most)
    font_size = next(sizes, FontSize.small)
    middle = area.left + min(width_of(columns, font_size), area.width * LAST_CODE_SHARE)
    left = Rect(area.left, middle, area.bottom, area.top)
    return left, Rect(middle + COLUMN_GAP, area.right, area.bottom, area.top), font_size


def _output_lines(trace: ScriptTrace, column: Rect, status: float, font_size: float) -> int:
    """As many lines as are printed, if the whole code fits as well; else at least a few."""
    printed = len(trace.printed.splitlines())
    if any(event.raised for event in trace.events):
        printed = max(printed + 2, LEAST_OUTPUT_LINES)
    code = CodePane.height_at(LEAST_PITCH, trace.lines, column.width, font_size)
    pitch = LINE_PITCH * font_size / FontSize.small
    free = int((column.height - code - status - 0.2) / pitch)
    return min(printed, max(free, LEAST_OUTPUT_LINES), MOST_OUTPUT_LINES)
