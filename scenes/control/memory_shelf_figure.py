"""A network whose layers put what backward needs on a shelf.

The tiles on the shelf come and go as the saved tensors do.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from manim import (
    LEFT,
    RIGHT,
    UP,
    Animation,
    AnimationGroup,
    ApplyMethod,
    Create,
    Dot,
    FadeIn,
    FadeOut,
    LaggedStart,
    Line,
    Mobject,
    Rectangle,
    ValueTracker,
    VGroup,
    VMobject,
    linear,
)

from gradreel.draw.baseline import align_baselines
from gradreel.draw.graph.edge_arrow import pulse
from gradreel.draw.layout import Rect, point
from gradreel.draw.numbers import Readout
from gradreel.draw.rounded_box import RoundedBox
from gradreel.draw.text import markup_text, text
from gradreel.scenes.control.memory_run_figure import TimedRun
from gradreel.tape import Quantity
from gradreel.theme import FontSize, StrokeWidth, colors

LABEL = "kept for backward:"
PEAK = "UNIT peak"
LAYER_HEIGHT = 0.72
LAYER_SHARE = 0.62  # of the distance of two layers; the rest is the wire between them
TILE_SHARE = 0.72
LEAST_SCALE = 0.3  # of a tile that leaves or reaches the wire
INSET = 0.08  # around a word in a box


class MemoryShelf(VGroup):
    """A network with a shelf above it; `runs` follow each other on the tracker `clock`.

    Each ends with an empty shelf. `name` is that of the layers.
    """

    def __init__(self, runs: Sequence[TimedRun], unit: str, name: str, area: Rect) -> None:
        super().__init__()
        self.runs, self.layer_count = runs, runs[0].depth
        self.clock = ValueTracker(0)
        self.starts = np.cumsum([0.0, *(run.length for run in runs)])
        head, body = area.rows(0.62, area.height - 0.62, gap=0.0)
        self.level = body.bottom + LAYER_HEIGHT / 2
        self.pitch = body.width / (self.layer_count + 0.5)
        self.xs = [body.left + self.pitch * (k + 0.5) for k in range(self.layer_count)]
        # What a layer hands on is on the wire behind it.
        self.wire_xs = [x + self.pitch / 2 for x in self.xs]
        self.board_y = self.level + LAYER_HEIGHT / 2 + 0.55
        self._build_network(body, name)
        self._build_tiles(body.top - self.board_y - 0.12)
        self._build_number(unit, head)
        self.ball = pulse(colors.value).add_updater(self._follow_clock, call_updater=True)

    def _build_network(self, body: Rect, name: str) -> None:
        """Boxes on a wire, and the shelf above them."""
        self.board = Line(point(body.left, self.board_y), point(body.right, self.board_y))
        self.board.set_stroke(colors.muted, StrokeWidth.curve)
        width = self.pitch * LAYER_SHARE
        style = {"width": width, "height": min(LAYER_HEIGHT, width), "corner_radius": width * 0.12}
        self.layers = VGroup()
        for x in self.xs:
            box = RoundedBox(**style, fill_color=colors.panel, fill_opacity=1)
            box.set_stroke(colors.leaf, StrokeWidth.frame)
            word = text(name, font_size=FontSize.code, mono=True)
            layer = VGroup(box) if word.width > width - INSET else VGroup(box, word)
            self.layers.add(layer.move_to(point(x, self.level)))
        # Pieces between the boxes, so that none is seen through a box that fades in.
        stops = [
            body.left,
            *(x + side * width / 2 for x in self.xs for side in (-1, 1)),
            body.right,
        ]
        ends = zip(stops[::2], stops[1::2], strict=True)
        self.wire = VGroup(*(Line(point(a, self.level), point(b, self.level)) for a, b in ends))
        self.wire.set_stroke(colors.muted, StrokeWidth.axis)
        radius = min(0.07, self.pitch * 0.08)
        self.dots = VGroup(*(Dot(point(x, self.level), radius) for x in self.wire_xs))
        self.dots.set_color(colors.value)

    def _build_tiles(self, most_height: float) -> None:
        """A tile for each layer: as high as what it keeps at most, in proportion."""
        most = np.max([run.held.max(axis=0) for run in self.runs], axis=0)
        width = min(self.pitch * TILE_SHARE, 1.1)
        tallest = min(most_height, 1.6)
        self.tiles, self.tile_sizes = VGroup(), []
        for k, share in enumerate(most / (most.max() or 1.0)):
            box = RoundedBox(
                width=width, height=max(tallest * share, 0.1), corner_radius=0.05, stroke_width=0,
                fill_color=colors.value, fill_opacity=1,
            )  # fmt: skip
            name = markup_text(
                f"$h_({k + 1})$", font_size=FontSize.label, color=colors.background
            ).move_to(box)
            fits = name.width < width - INSET and name.height < box.height - INSET
            self.tiles.add(VGroup(box, name) if fits else VGroup(box))
            self.tile_sizes.append((width, float(box.height)))
        self.placed_at = -1.0
        self.tiles.add_updater(self._place_tiles, call_updater=True)

    def _build_number(self, unit: str, area: Rect) -> None:
        """What is kept now, with label and unit."""
        self.label = text(LABEL, font_size=FontSize.body, color=colors.muted)
        self.label.move_to(point(area.left, area.center[1]), aligned_edge=LEFT)
        self.number = Readout(
            self._total, font_size=FontSize.formula, color=colors.value, align="left"
        )
        self.number.next_to(self.label, RIGHT, buff=0.25)
        self.tail = text(unit, font_size=FontSize.body, color=colors.muted)
        self.tail.next_to(self.number, RIGHT, buff=0.2)
        align_baselines(self.label, self.number, self.tail)
        self.tail.add_updater(self._follow_number, call_updater=True)

    def _follow_number(self, tail: Mobject) -> None:
        tail.set_x(self.number.get_right()[0] + 0.2 + tail.width / 2)

    # The state at the current time

    def now(self) -> tuple[TimedRun, float]:
        """The current run, and the time in it."""
        time = self.clock.get_value()
        k = int(np.searchsorted(self.starts, time + 1e-6, side="right")) - 1
        k = min(k, len(self.runs) - 1)
        return self.runs[k], time - float(self.starts[k])

    def local_time(self, run: int) -> float:
        """The time in a run: 0 before it begins, its length when it has ended."""
        passed = self.clock.get_value() - float(self.starts[run])
        return float(np.clip(passed, 0.0, self.runs[run].length))

    def _total(self) -> Quantity:
        run, time = self.now()
        return run.total(time)

    def _place_tiles(self, tiles: Any) -> None:
        """Each tile is on the shelf, or on its way between wire and shelf."""
        if self.clock.get_value() == self.placed_at:
            return  # so that they can fade
        self.placed_at = self.clock.get_value()
        run, time = self.now()
        for k, tile in enumerate(tiles):
            way = run.share(time, k)
            width, height = self.tile_sizes[k]
            size = LEAST_SCALE + (1 - LEAST_SCALE) * way
            tile.scale(width * size / tile.width)
            y = self.level + way * (self.board_y + 0.06 + height / 2 - self.level)
            tile.move_to(point(self.wire_xs[k], y)).set_opacity(way)

    def _follow_clock(self, ball: Mobject) -> None:
        """The ball runs forward in one color and back in another; it is hidden at rest."""
        run, time = self.now()
        back = time > run.turn
        stops = [float(self.wire.get_left()[0]), *self.wire_xs]
        x = np.interp(run.reached(time), range(run.depth + 1), stops)
        ball.move_to(point(float(x), self.level))
        visible = 0 < time < run.length and time != run.turn
        for part, opacity in zip(ball, (0.3, 1.0), strict=True):
            part.set_fill(colors.gradient if back else colors.value, opacity=opacity * visible)

    # Animations

    def appears(self) -> Animation:
        """The network, the empty shelf above it, and its number."""
        # The ball runs behind the words of the layers.
        network = FadeIn(self.wire, self.dots, self.ball, self.layers)
        shelf = AnimationGroup(Create(self.board), FadeIn(self.label, self.number, self.tail))
        return LaggedStart(network, shelf, FadeIn(self.tiles), lag_ratio=0.3)

    def runs_until(self, run: int, steps: float) -> Animation:
        """The clock goes on until a run has passed this many layers, back too."""
        time = float(self.starts[run]) + steps
        return ApplyMethod(self.clock.set_value, time, rate_func=linear)


class PeakBars(VGroup):
    """For each run of `shelf` its name and a bar: the most that it has kept until now."""

    def __init__(self, shelf: MemoryShelf, names: Sequence[str], unit: str, area: Rect) -> None:
        super().__init__()
        self.shelf = shelf
        self.most = max(run.peak_share(run.length) for run in shelf.runs) or 1.0
        titles = [text(name, font_size=FontSize.label, mono=True) for name in names]
        side = max(
            Readout(total, font_size=FontSize.body).width for r in shelf.runs for total in r.totals
        )
        self.tail = PEAK.replace("UNIT", unit)
        side += text(self.tail, font_size=FontSize.body).width + 0.45
        left = area.left + max(title.width for title in titles) + 0.4
        self.span = (left, area.right - side)
        rows = area.rows(*[1.0] * len(names), gap=0.15)
        self.rows = [self._row(*row) for row in zip(range(len(names)), titles, rows, strict=True)]

    def _row(self, run: int, title: VMobject, area: Rect) -> VGroup:
        middle = area.center[1]
        title.move_to(point(area.left, middle), aligned_edge=LEFT)
        left, right = self.span
        track = Line(point(left, middle), point(right, middle))
        track.set_stroke(colors.faint, StrokeWidth.axis)
        bar = Rectangle(width=1.0, height=min(area.height, 0.5), stroke_width=0)
        bar.set_fill(colors.value, opacity=1)

        def grow(bar: Mobject) -> None:
            held = self.shelf.runs[run].peak_share(self.shelf.local_time(run))
            width = max((right - left) * held / self.most, 1e-3)
            bar.stretch_to_fit_width(width).move_to(point(left + width / 2, middle))

        def peak() -> Quantity:
            return self.shelf.runs[run].peak(self.shelf.local_time(run))

        bar.add_updater(grow, call_updater=True)
        number = Readout(peak, font_size=FontSize.body, color=colors.value, align="left")
        number.move_to(point(right + 0.25, middle), aligned_edge=LEFT)
        tail = text(self.tail, font_size=FontSize.body, color=colors.muted)
        align_baselines(number, tail)
        tail.add_updater(
            lambda t: t.set_x(number.get_right()[0] + 0.15 + t.width / 2), call_updater=True
        )
        return VGroup(title, track, bar, number, tail)

    def appears(self, run: int) -> Animation:
        """The row of a run, with an empty bar."""
        return FadeIn(self.rows[run], shift=0.15 * UP)

    def bar(self, run: int) -> VMobject:
        """The bar of a run."""
        bar: VMobject = self.rows[run][2]
        return bar

    def goes(self, but: Mobject) -> list[Animation]:
        """The rows fade out, `but` for one part of them."""
        return [FadeOut(part) for row in self.rows for part in row if part is not but]
