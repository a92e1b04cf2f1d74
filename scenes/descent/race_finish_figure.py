"""The race of the optimizers at one speed, on a chart of the losses that takes the right half."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from manim import DOWN, RIGHT, Animation, ApplyMethod, Create, VGroup, VMobject

from gradreel.draw.contours import MapTrail
from gradreel.draw.layout import Rect
from gradreel.draw.log_plane import LogPlane
from gradreel.draw.plane import Floats
from gradreel.scenes.descent.race_chart_figure import GoalLine, LastCrossing

THIN, CLEAR = 2.0, 0.75  # stroke width and opacity of the lines: the balls are what counts


class Track(Protocol):
    """What is known of one optimizer: its row of the table, and its losses at its clock."""

    row: Sequence[VMobject]
    tone: str
    path: MapTrail
    crossing: LastCrossing | None
    log: Floats

    def trail(self, chart: LogPlane) -> MapTrail: ...


class RaceFinish:
    """A chart with a thin line for each track, and their names and steps below it.

    `ticks` are where a loss is below the goal for good; `names` are cells of the table, which
    `move_names` puts in their new places.
    """

    def __init__(
        self,
        tracks: Sequence[Track],
        chart: Callable[[Rect], LogPlane],
        goal: Callable[[LogPlane], GoalLine],
        loss: float,
        area: Rect,
    ) -> None:
        picture, foot = area.rows(4.7, 1.0, gap=0.15)
        self.chart = chart(picture)
        self.goal = goal(self.chart)
        self.tracks, self.trails = tracks, [track.trail(self.chart) for track in tracks]
        for trail in self.trails:
            trail.path.set_stroke(width=THIN, opacity=CLEAR)
        # The first one is the last to arrive: it is drawn over the others.
        self.curves = VGroup(*reversed(self.trails))
        self.ticks = VGroup(*(
            LastCrossing(self.chart, t.log, loss, t.crossing.step, t.tone).tick
            for t in tracks if t.crossing
        ))  # fmt: skip
        self._cells = [cell for row in foot.rows(1, 1, gap=0) for cell in row.columns(1, 1)]
        self.names = [part for track in tracks for part in (track.row[0], track.row[2])]

    def move_names(self) -> None:
        """Names and steps are below the chart, two in a line."""
        for track, cell in zip(self.tracks, self._cells, strict=True):
            name, rate, steps = track.row
            down = (cell.center[1] - rate.get_y()) * -DOWN
            for part, left in ((name, cell.left + 0.2), (steps, cell.left + 2.1)):
                part.shift(down + (left - part.get_left()[0]) * RIGHT)

    def paths_thin(self) -> list[Animation]:
        """The paths on the map become as thin as the lines of the chart."""
        return [ApplyMethod(track.path.path.set_stroke, None, THIN, CLEAR) for track in self.tracks]

    def arrivals(self) -> list[Animation]:
        """The ticks on the axis of the steps."""
        return [Create(tick) for tick in self.ticks]
