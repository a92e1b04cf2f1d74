"""Where the panes of a walkthrough are: code and output left, picture and variables right."""

from __future__ import annotations

from dataclasses import dataclass

from gradreel.draw.layout import Rect, content_area
from gradreel.draw.walkthrough.code_pane import CodePane, width_of
from gradreel.draw.walkthrough.output_pane import LINE_PITCH
from gradreel.draw.walkthrough.variable_rows import COMPACT_PITCH
from gradreel.trace.script_trace import ScriptTrace

LEAST_OUTPUT_LINES = 4
MOST_OUTPUT_LINES = 12
STATUS_HEIGHT = 0.36
COLUMN_GAP = 0.35
MOST_CODE_SHARE = 0.59  # of the width
MOST_STATE_SHARE = 0.48  # of the height of the right column, beside a picture


@dataclass(frozen=True, slots=True)
class WalkAreas:
    """The areas of a walkthrough; `status` is where the line between code and output begins."""

    code: Rect
    state: Rect
    status: tuple[float, float]
    output: Rect | None = None
    picture: Rect | None = None


def walk_areas(trace: ScriptTrace, *, with_picture: bool) -> WalkAreas:
    """Divide the content area for a run; a picture is above the variables."""
    left, right = _columns(trace, with_picture)
    lines = _output_lines(trace, left, _status_height(trace, with_picture))
    output_height = lines * LINE_PITCH + 0.2 if lines else 0.0
    top = left.bottom + output_height
    bottom = top + _status_height(trace, with_picture)
    status = (left.left + 0.12, top + 0.12)
    code = Rect(left.left, left.right, bottom, left.top)
    output = Rect(left.left, left.right, left.bottom, top) if lines else None
    if not with_picture:
        return WalkAreas(code, right, status, output)
    needed = COMPACT_PITCH * (_most_variables(trace) + _is_tracked(trace))
    split = right.bottom + min(needed, right.height * MOST_STATE_SHARE)
    state = Rect(right.left, right.right, right.bottom, split)
    picture = Rect(right.left, right.right, split + 0.2, right.top)
    return WalkAreas(code, state, status, output, picture)


def _columns(trace: ScriptTrace, with_picture: bool) -> tuple[Rect, Rect]:
    """Beside a picture the code is as wide as its longest line; else about half of the frame."""
    area = content_area()
    if not with_picture:
        left, right = area.columns(1.22, 1.0) if area.width > 12 else area.columns(1.05, 1.0)
        return left, right
    width = min(width_of(trace.lines), area.width * MOST_CODE_SHARE)
    middle = area.left + width
    return (
        Rect(area.left, middle, area.bottom, area.top),
        Rect(middle + COLUMN_GAP, area.right, area.bottom, area.top),
    )


def _status_height(trace: ScriptTrace, with_picture: bool) -> float:
    """Beside a picture, where calls are not shown, only loops need a line between the panes."""
    loops = any(event.iterations for event in trace.events)
    return STATUS_HEIGHT if loops or not with_picture else 0.15


def _output_lines(trace: ScriptTrace, column: Rect, status: float) -> int:
    """As many lines as are printed, if the whole code fits as well; else at least a few."""
    printed = len(trace.printed.splitlines())
    if any(event.raised for event in trace.events):
        printed = max(printed + 2, LEAST_OUTPUT_LINES)
    code = CodePane.least_height(trace.lines, column.width)
    free = int((column.height - code - status - 0.2) / LINE_PITCH)
    return min(printed, max(free, LEAST_OUTPUT_LINES), MOST_OUTPUT_LINES)


def _most_variables(trace: ScriptTrace) -> int:
    """The largest number of variables that the script itself has at one time."""
    return max((len(state.get(0, {})) for state in trace.states()), default=1)


def _is_tracked(trace: ScriptTrace) -> bool:
    """Whether a tensor requires a gradient, so that the variables have a line of column names."""
    return any(v.requires_grad for event in trace.events for v in event.changed)
