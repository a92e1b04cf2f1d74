"""An arrow of the graph from an input to its op, and animations along it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from manim import UP, Animation, AnimationGroup, Dot, Polygon, Succession, VGroup, VMobject, smooth

from gradreel.draw.graph.graph_layout import Layout
from gradreel.draw.plane import Floats
from gradreel.tape import Edge
from gradreel.theme import StrokeWidth, colors

TIP_LENGTH = 0.22
MAY_REACH = 0.2  # frame units, by which a traveling mobject may reach into a card
PULSE_SHARE, LEAST_PULSE = 0.9, 0.2  # of the length of its path; frame units
FADE_SHARE = 0.06  # the last part of the path, on which a traveling mobject fades

ArrowKey = tuple[str, str, int]
"""An arrow's op, its input, and the position of that input among the op's inputs."""


def edge_key(edge: Edge) -> ArrowKey:
    """The key of the arrow on which an edge's contribution travels."""
    return (edge.source, edge.target, edge.slot)


class ArrowPath(Protocol):
    """A path along which a mobject can travel."""

    def point_at(self, share: float) -> Floats:
        """The point at `share` of the path, from 0 to 1."""
        ...


class EdgeArrow(VGroup):
    """A smooth line through `points`, with its tip at the last."""

    def __init__(self, points: Sequence[Floats]) -> None:
        super().__init__()
        self.start, self.end = np.asarray(points[0]), np.asarray(points[-1])
        end = self.end
        route = [np.asarray(p) for p in points[:-1]] + [end - np.array([TIP_LENGTH * 0.8, 0, 0])]
        self.line = VMobject(stroke_color=colors.muted, stroke_width=StrokeWidth.arrow)
        self.line.start_new_path(route[0])
        for start, stop in zip(route, route[1:], strict=False):
            # Horizontal at both ends, so that arrows read from left to right.
            reach = np.array([(stop[0] - start[0]) * 0.45, 0, 0])
            self.line.add_cubic_bezier_curve_to(start + reach, stop - reach, stop)
        half = TIP_LENGTH * 0.42
        back = end - np.array([TIP_LENGTH, 0, 0])
        self.tip = Polygon(
            end, back + half * UP, back - half * UP,
            stroke_width=0, fill_color=colors.muted, fill_opacity=1,
        )  # fmt: skip
        self.add(self.line, self.tip)

    def stand_out(self) -> EdgeArrow:
        """Be drawn as at first, with the tip that a stream in the other direction has hidden."""
        self.set_color(colors.muted)
        self.tip.set_fill(opacity=1)
        return self

    def point_at(self, share: float) -> Floats:
        """The point at `share` of the line's length, from input to op."""
        position: Floats = self.line.point_from_proportion(share)
        return position

    def sampled(self, count: int = 80) -> Floats:
        """Points along the whole arrow, evenly spaced, from input to op, shape (count, 3)."""
        shares = np.linspace(0, 1, count - 1)
        points: Floats = np.array([*(self.point_at(share) for share in shares), self.end])
        return points


class Travel(Animation):
    """Moves a mobject along a path and removes it at the end; `back` moves it from end to start.

    A wide one is seen only where it does not reach into what the path begins and ends at.
    """

    def __init__(
        self, traveller: VMobject, path: ArrowPath, *, back: bool = False, **kwargs: Any
    ) -> None:
        self.path, self.back = path, back
        self._opacities = [(part, part.get_fill_opacity()) for part in traveller.get_family()]
        self._fade = 1.0
        length = float(np.linalg.norm(path.point_at(1.0) - path.point_at(0.0)))
        self._hidden = max(traveller.width / 2 - MAY_REACH, 0.0) / (length or 1.0)
        kwargs.setdefault("rate_func", smooth)
        super().__init__(traveller, introducer=True, remover=True, **kwargs)

    def interpolate_mobject(self, alpha: float) -> None:
        """Move the mobject, and fade it on the last part of the path."""
        share = self.rate_func(alpha)
        self.mobject.move_to(self.path.point_at(1 - share if self.back else share))
        # Within a Succession a remover stays until the whole sequence ends, so it fades here.
        fade = min((1 - self._hidden - share) / FADE_SHARE, 1.0)
        if self._hidden:
            fade = min(fade, (share - self._hidden) / FADE_SHARE)
        fade = max(fade, 0.0)
        if fade != self._fade:
            self._fade = fade
            for part, opacity in self._opacities:
                part.set_fill(opacity=opacity * fade, family=False)


def pulse(color: str, path: ArrowPath | None = None) -> VGroup:
    """A glowing dot that represents a gradient on its way; small on a short `path`."""
    halo = Dot(radius=0.2, fill_color=color, fill_opacity=0.3, stroke_width=0)
    dot = VGroup(halo, Dot(radius=0.1, fill_color=color, stroke_width=0))
    if path is not None:
        length = float(np.linalg.norm(path.point_at(1.0) - path.point_at(0.0)))
        dot.scale(min(1.0, max(PULSE_SHARE * length, LEAST_PULSE) / halo.width))
    return dot


def trace_back(arrows: Mapping[ArrowKey, ArrowPath], layout: Layout) -> Animation:
    """Pulses along all arrows from ops to their inputs, the layers of ops from last to first."""
    return _trace(arrows, layout, colors.accent, back=True)


def trace_forward(
    arrows: Mapping[ArrowKey, ArrowPath],
    layout: Layout,
    beside: Mapping[str, Sequence[Animation]] | None = None,
) -> Animation:
    """Pulses along all arrows from inputs to ops, the layers of ops from first to last.

    The animations `beside` are played with the pulses to their op.
    """
    return _trace(arrows, layout, colors.value, back=False, beside=beside)


def _trace(
    arrows: Mapping[ArrowKey, ArrowPath],
    layout: Layout,
    color: str,
    *,
    back: bool,
    beside: Mapping[str, Sequence[Animation]] | None = None,
) -> Animation:
    layers: dict[float, list[Animation]] = {}
    for (op_id, _, _), arrow in arrows.items():
        layer = layout.positions[op_id][0]
        layers.setdefault(layer, []).append(Travel(pulse(color, arrow), arrow, back=back))
    for op_id, animations in (beside or {}).items():
        layers.setdefault(layout.positions[op_id][0], []).extend(animations)
    return Succession(*(AnimationGroup(*layers[k]) for k in sorted(layers, reverse=back)))
