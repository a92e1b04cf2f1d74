"""A hill in the dark: ground that is lit around one point, and a viewer who comes down to its side.

The hill is a curve, extruded away from the viewer into a valley. Seen from the side it is the curve
on its plane, to the last digit.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from manim import Dot, Line, ManimColor, Mobject, ValueTracker, VGroup, VMobject

from gradreel.draw.layout import Rect
from gradreel.draw.plane import Floats, Plane
from gradreel.theme import StrokeWidth, colors

PITCH, YAW = np.radians(28), np.radians(32)  # of the viewer at first; both end at zero
CLOSER = 0.3  # by which share the hill is larger at first
FLATTER = 0.3  # by which share its heights are smaller at first
FOCAL = 12.0  # distance of the viewer, in frame units
PATCH = 7.0  # how far the ground is drawn to each side of the point that is lit, in frame units
FACES = 168  # along each side of this patch
BOWL = 0.09  # how fast the ground rises beside the curve
MESH = 4  # faces from one line of the mesh to the next
FACE_LEVELS, LINE_LEVELS = 48, 16  # of brightness
BRIGHTEST = 0.55  # as a share of the way from the background to the colour of the ground
LIGHT_RADIUS, MESH_RADIUS = 2.1, 3.6  # in frame units
SOFT_EDGE = 0.9  # frame units over which it gets dark at the edges of the stage
STRIP = 1.5  # how far behind the curve the ground is lit after the cut, in frame units
CUT_SHADE = 0.3  # opacity of the face of the cut
LANTERN = np.array([0.6, 1.6, -0.6])  # above the point that is lit, on the viewer's side

Heights = Callable[[Floats], Floats]


class HillView:
    """Where points of the hill are on screen.

    `elevation` is a tracker from 1 (the viewer looks from the lower side down on the point `start`,
    where the curve has the slope `slope` and which is in the middle of `stage`) to 0 (from the
    side, where the curve of the hill lies on `plane`). `turn` is a tracker of how far the viewer
    has walked around the point, in radians; it counts as much as the elevation does.
    """

    def __init__(self, plane: Plane, stage: Rect, start: tuple[float, float], slope: float) -> None:
        self.plane = plane
        self.yaw = YAW if slope <= 0 else -YAW
        self.spot = plane.point(*start)
        self.elevation, self.turn = ValueTracker(1.0), ValueTracker(0.0)
        self.shift, self.stage = stage.center - self.spot, stage

    def point(self, x: float, y: float) -> Floats:
        """The screen position of a point of the curve, shape (3,)."""
        position: Floats = self.project(self.plane.positions(np.array([[x, y]])))[0]
        return position

    def contains(self, y: float) -> bool:
        """Whether the plane contains y."""
        return self.plane.contains(y)

    def project(self, space: Floats) -> Floats:
        """Screen positions of points (..., 3): positions on the plane, and the distance behind."""
        share = self.elevation.get_value()
        pitch, yaw = PITCH * share, (self.yaw + self.turn.get_value()) * share
        x, y, z = np.moveaxis(space - self.spot, -1, 0)
        y = y * (1 - FLATTER * share)
        across, away = x * np.cos(yaw) + z * np.sin(yaw), z * np.cos(yaw) - x * np.sin(yaw)
        up = y * np.cos(pitch) + away * np.sin(pitch)
        behind = away * np.cos(pitch) - y * np.sin(pitch)
        size = (1 + CLOSER * share) * FOCAL / (FOCAL + share * behind)
        flat = np.stack([across * size, up * size, np.zeros_like(up)], axis=-1)
        positions: Floats = flat + self.spot + share * self.shift
        return positions


class Ground(VGroup):
    """The ground of a hill with a mesh on it, lit around the point of the view.

    `light` is a tracker from 0 to 1, and `values(xs)` are the heights of the curve. While the
    tracker `cut` goes from 0 to 1, the ground in front of the curve goes, and the light spreads
    along the curve. Faces of one brightness are one mobject, and so are lines.
    """

    def __init__(self, view: HillView, values: Heights) -> None:
        self.view, self.light, self.cut = view, ValueTracker(0.0), ValueTracker(0.0)
        self.faces = [VMobject(stroke_width=1.0) for _ in range(FACE_LEVELS)]
        self.lines = [VMobject(stroke_width=1.6) for _ in range(LINE_LEVELS)]
        super().__init__(*self.faces, *self.lines)
        space = self._grid(values)
        self.corners = np.stack(
            [space[:-1, :-1], space[1:, :-1], space[1:, 1:], space[:-1, 1:]], axis=2
        ).reshape(-1, 4, 3)
        self.edges = _mesh(space)
        facing = self._facing()
        faces = facing * self._brightness(self.corners, LIGHT_RADIUS)
        largest = max(float(faces.max(initial=0.0)), 1e-9)
        # Before the cut, and after it.
        self.face_light = faces / largest, facing * self._beside_cut(self.corners)
        self.line_light = self._brightness(self.edges, MESH_RADIUS), self._beside_cut(self.edges)
        self.add_updater(lambda _: self._follow(), call_updater=True)

    def _grid(self, values: Heights) -> Floats:
        """The corners of the faces, shape (n + 1, n + 1, 3), as HillView.project takes them."""
        plane, spot = self.view.plane, self.view.spot
        steps = np.linspace(-PATCH, PATCH, FACES + 1)
        unit = plane.plot_area.width / (plane.x_range[1] - plane.x_range[0])
        xs = plane.x_range[0] + (spot[0] + steps - plane.plot_area.left) / unit
        flat = plane.positions(np.column_stack([xs, values(xs)]))
        space = np.repeat(flat[:, None, :], len(steps), axis=1)
        space[..., 2] = steps
        waves = 1 + 0.6 * np.sin(1.3 * flat[:, :1] + 0.9 * steps)
        space[..., 1] += BOWL * steps**2 * waves
        return space

    def _facing(self) -> Floats:
        """How much each face is turned to the lantern, from 0.2 to 1; shape (n,)."""
        corners = self.corners
        normals = np.cross(corners[:, 3] - corners[:, 0], corners[:, 1] - corners[:, 0])
        ray = self.view.spot + LANTERN - corners.mean(axis=1)
        sizes = np.linalg.norm(normals, axis=1) * np.linalg.norm(ray, axis=1)
        facing: Floats = 0.2 + 0.8 * np.clip((normals * ray).sum(axis=1) / sizes, 0, 1)
        return np.nan_to_num(facing)

    def _brightness(self, parts: Floats, radius: float) -> Floats:
        """How bright parts (n, k, 3) are, from 0 to 1, by their distance from the light.

        It fades out towards the top and the bottom of the stage.
        """
        distance = np.linalg.norm(parts.mean(axis=1) - self.view.spot, axis=1) / radius
        height = self.view.project(parts)[..., 1]
        stage = self.view.stage
        room = np.minimum(stage.top - height, height - stage.bottom).min(axis=1)
        bright: Floats = np.exp(-(distance**2)) * np.clip(room / SOFT_EDGE, 0, 1)
        return np.nan_to_num(bright)

    def _beside_cut(self, parts: Floats) -> Floats:
        """How bright parts (n, k, 3) are after the cut: the nearer behind the curve the more."""
        x, _, behind = parts.mean(axis=1).T
        area, end = self.view.plane.plot_area, float(self.view.spot[0]) + PATCH
        inside = np.minimum(x - area.left, min(area.right, end) - x) / SOFT_EDGE
        bright: Floats = np.exp(-((behind / STRIP) ** 2)) * np.clip(inside, 0, 1) * (behind > 0)
        return np.nan_to_num(bright)

    def _follow(self) -> None:
        light = self.light.get_value()
        opacity = min(light * 6, 1.0)
        dark, ground = ManimColor(colors.background), ManimColor(colors.value)
        paths, peak = self._paths(self.corners, self.face_light, FACE_LEVELS, closed_paths)
        for number, face in enumerate(self.faces, start=1):
            tone = dark.interpolate(ground, light * BRIGHTEST * peak * number / FACE_LEVELS)
            face.points = paths(number)
            # A seam between two faces would be visible without a stroke.
            face.set_fill(tone, opacity).set_stroke(tone, opacity=opacity)
        paths, peak = self._paths(self.edges, self.line_light, LINE_LEVELS, segment_paths)
        for number, line in enumerate(self.lines, start=1):
            line.points = paths(number)
            tone = dark.interpolate(ground, light * peak * number / LINE_LEVELS)
            line.set_stroke(tone, opacity=opacity)

    def _paths(
        self,
        parts: Floats,
        light: tuple[Floats, Floats],
        count: int,
        draw: Callable[[Floats], Floats],
    ) -> tuple[Callable[[int], Floats], float]:
        """A function from a level to the paths of its parts on screen, and the highest brightness.

        `light` is how bright the parts are before the cut and after it. All of the `count` levels
        are used at any time. Parts above and below the stage are cut off.
        """
        screen = self.view.project(parts)
        stage, height = self.view.stage, screen[..., 1]
        room = np.minimum(stage.top - height, height - stage.bottom).min(axis=1)
        before, after = light
        soft = after * np.clip(room / SOFT_EDGE, 0, 1)
        bright = before + self.cut.get_value() * (soft - before)
        peak = max(float(bright.max(initial=0.0)), 1e-9)
        visible = room > 0
        screen, levels = screen[visible], np.round(bright[visible] / peak * count)
        return lambda number: draw(screen[levels == number]), peak


def _mesh(space: Floats) -> Floats:
    """The edges of the grid that lie on the lines of the mesh, shape (n, 2, 3)."""
    across = np.stack([space[:-1, ::MESH], space[1:, ::MESH]], axis=2).reshape(-1, 2, 3)
    away = np.stack([space[::MESH, :-1], space[::MESH, 1:]], axis=2).reshape(-1, 2, 3)
    return np.concatenate([across, away])


def segment_paths(ends: Floats) -> Floats:
    """The Bézier points of n straight lines from their ends, shape (n, 2, 3)."""
    steps = np.linspace(0, 1, 4)[:, None]
    lines = ends[:, None, 0] + (ends[:, 1] - ends[:, 0])[:, None, :] * steps
    points: Floats = lines.reshape(-1, 3)
    return points


def closed_paths(corners: Floats) -> Floats:
    """The Bézier points of n closed quadrilaterals from their corners, shape (n, 4, 3)."""
    ends = np.roll(corners, -1, axis=1)
    steps = np.linspace(0, 1, 4)[:, None]
    sides = corners[:, :, None, :] + (ends - corners)[:, :, None, :] * steps
    points: Floats = sides.reshape(-1, 3)
    return points


class HillCurve(VMobject):
    """The curve of the hill, visible up to `reach` (0 to 1 of its length) to both sides of `x()`.

    `xs` and `ys` are its points; all of them lie on the plane. `face` is the inside of the hill
    below the visible part, which a cut along the curve lays open; the tracker `shade` shows it.
    """

    def __init__(self, view: HillView, xs: Floats, ys: Floats, x: Callable[[], float]) -> None:
        super().__init__(stroke_color=colors.value, stroke_width=StrokeWidth.curve)
        self.reach, self.shade = ValueTracker(0.0), ValueTracker(0.0)
        self.face = VMobject(stroke_width=0, fill_color=colors.value, fill_opacity=0)
        flat = view.plane.positions(np.column_stack([xs, ys]))
        floor = flat * [1, 0, 1] + [0, view.plane.plot_area.bottom, 0]

        def visible() -> slice:
            """The points within reach, to both sides as far as they stay on the stage."""
            seen = np.abs(xs - x()) <= self.reach.get_value() * float(np.ptp(xs)) + 1e-12
            seen &= view.project(flat)[:, 1] > view.stage.bottom
            here = int(np.abs(xs - x()).argmin())
            before = int(np.logical_and.accumulate(seen[here::-1]).sum())
            after = int(np.logical_and.accumulate(seen[here:]).sum())
            return slice(here - before + 1, here + after) if before + after > 2 else slice(0)

        def follow(_: Mobject) -> None:
            self.set_points_as_corners(view.project(flat[visible()]))

        def lay_open(_: Mobject) -> None:
            seen = visible()
            outline = view.project(np.concatenate([flat[seen], floor[seen][::-1]]))
            outline[:, 1] = np.maximum(outline[:, 1], view.stage.bottom)
            self.face.set_points_as_corners(outline)
            self.face.set_fill(opacity=CUT_SHADE * self.shade.get_value())

        self.add_updater(follow, call_updater=True)
        self.face.add_updater(lay_open, call_updater=True)


class Feet(VGroup):
    """One foot on the curve at `x()`, the other `step` ahead, and the line through them: a secant.

    The tracker `step` is a distance in x. The line is `extent` (0 to 1) of `length` frame units
    long, or shorter where it would leave the plane.
    """

    def __init__(
        self, view: HillView, values: Heights, x: Callable[[], float], length: float
    ) -> None:
        self.step, self.extent = ValueTracker(0.0), ValueTracker(0.0)
        self.line = Line(stroke_color=colors.gradient, stroke_width=StrokeWidth.curve)
        self.foot = Dot(radius=0.1, color=colors.accent).set_stroke(colors.background, 2)
        super().__init__(self.line, self.foot)
        plane = view.plane

        def follow(_: Mobject) -> None:
            step = self.step.get_value()
            xs = np.array([x(), x() + (step if abs(step) > 1e-6 else 1e-6)])
            feet = plane.positions(np.column_stack([xs, values(xs)]))
            along = (feet[1] - feet[0]) / np.linalg.norm(feet[1] - feet[0])
            along *= np.sign(along[0])
            back, forth = plane.reach(feet[0], along)
            half = length / 2 * self.extent.get_value()
            ends = feet[0] + np.outer([max(-half, back), min(half, forth)], along)
            self.line.set_points_by_ends(*view.project(ends))
            self.foot.move_to(view.project(feet[1]))

        self.add_updater(follow, call_updater=True)
