"""Projection of mobjects as ThreeDCamera sees them, so that they are drawn like 2D mobjects.

Manim rotates, projects and shades every mobject each time it is drawn; shading alone takes 0.1 ms
per mobject. Here shaded colors are kept as long as a mobject is unchanged, and all points are
projected in one NumPy call. The results equal those of Manim's own camera bit for bit.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
from manim import ThreeDCamera

from deltarender._native import DEFAULT_DRAWING, DEFAULT_FAMILY, NOT_DRAWN
from deltarender.engine.class_traits import CAMERA_METHODS, CLASS_TRAITS
from deltarender.engine.shading3d import shaded_colors, shades_of

Floats = npt.NDArray[np.float64]

# Methods that a camera class must inherit unchanged for its projection to be the one below.
CAMERA_METHODS_3D = (
    *CAMERA_METHODS, "capture_mobjects", "modified_rgbas", "project_points", "project_point",
    "get_rotation_matrix", "generate_rotation_matrix", "reset_rotation_matrix", "frame_center",
    "get_focal_distance", "get_zoom", "get_phi", "get_theta", "get_gamma",
)  # fmt: skip
_COLORS = ("fill_rgbas", "stroke_rgbas", "background_stroke_rgbas")
_STYLES = (
    "stroke_width", "background_stroke_width", "joint_type", "cap_style", "background_image",
    "tolerance_for_point_equality",
)  # fmt: skip
_NO_COLOR = np.zeros((1, 4))
_BEHIND_CAMERA_FACTOR = 10**6  # Manim's perspective factor for points behind the camera


class ProjectedMobject:
    """The projection of a mobject: everything that drawing it depends on.

    `points` (n, 3) are projected points and `gradient_ends` (2, 3) the projected positions of its
    first and last color, None if its colors have no gradient. `corners` (2, 3) are those positions
    in space and `reference_point` (3,) is what its depth is measured at; both are None if the
    mobject has to be asked in every frame.
    """

    mobject: Any
    points: Floats
    gradient_ends: Floats | None = None
    corners: Floats | None = None
    reference_point: Floats | None = None

    def __init__(self, mobject: Any) -> None:
        self.mobject = mobject
        self.cached_state: tuple[Any, ...] = ()

    def get_gradient_start_and_end_points(self) -> Any:
        """The projected gradient ends, under the name of Manim's method."""
        return self.gradient_ends


CLASS_TRAITS[ProjectedMobject] = DEFAULT_FAMILY | DEFAULT_DRAWING


class ProjectionCache:
    """The projections of the mobjects that were drawn last."""

    def __init__(self) -> None:
        self._by_id: dict[int, ProjectedMobject] = {}

    def project(self, camera: Any, mobjects: Sequence[Any]) -> list[ProjectedMobject] | None:
        """The projections of `mobjects`, the farthest from the camera first.

        `mobjects` are those with points, each once, in the order of their z_index. None if one of
        them has drawing methods of its own.
        """
        traits = [CLASS_TRAITS[type(mobject)] for mobject in mobjects]
        if not all(bits & (DEFAULT_DRAWING | NOT_DRAWN) for bits in traits):
            return None
        drawn = [m for m, bits in zip(mobjects, traits, strict=True) if bits & DEFAULT_DRAWING]
        camera.reset_rotation_matrix()
        projected = [self._by_id.get(id(mobject)) or ProjectedMobject(mobject) for mobject in drawn]
        _update_appearances(projected, camera)
        rotation = camera.get_rotation_matrix().T
        projected.sort(key=lambda item: _depth(item, rotation))
        _update_points(projected, camera)
        self._by_id = {id(item.mobject): item for item in projected}
        return projected


def uses_stock_projection(camera: Any) -> bool:
    """Whether a camera projects as Manim's ThreeDCamera does."""
    camera_class: Any = type(camera)
    return _class_uses_stock_projection(camera_class)


@cache
def _class_uses_stock_projection(camera_class: Any) -> bool:
    return issubclass(camera_class, ThreeDCamera) and all(
        getattr(camera_class, name) is getattr(ThreeDCamera, name) for name in CAMERA_METHODS_3D
    )


def _update_appearances(projected: Sequence[ProjectedMobject], camera: Any) -> None:
    """Update what does not depend on the camera's position: styles and shaded colors."""
    light = camera.light_source.points[0]
    changed = [item for item in projected if _update_state(item, camera, light)]
    shaded = [item for item in changed if item.mobject.shade_in_3d and camera.should_apply_shading]
    shades = shades_of([item.mobject for item in shaded], light)
    for item in changed:
        for name in _COLORS:
            setattr(item, name, getattr(item.mobject, name, _NO_COLOR))
    for name in _COLORS:
        colors = shaded_colors([getattr(item, name) for item in shaded], shades)
        for item, rgbas in zip(shaded, colors, strict=True):
            setattr(item, name, rgbas)


def _update_state(item: ProjectedMobject, camera: Any, light: Floats) -> bool:
    """Update styles, corners and reference point; whether anything but a style changed."""
    mobject = item.mobject
    for name in _STYLES:
        setattr(item, name, getattr(mobject, name))
    instance = vars(mobject)
    # What depends on other mobjects, or on methods set on the instance, must not be cached.
    # ThreeDAxes sets get_gradient_start_and_end_points on its parts.
    is_independent = not mobject.submobjects and "z_index_group" not in instance
    has_own_gradient = "get_gradient_start_and_end_points" not in instance
    arrays = (mobject.points, light, *(getattr(mobject, name, _NO_COLOR) for name in _COLORS))
    state = (camera.should_apply_shading, mobject.shade_in_3d, is_independent, has_own_gradient,
             *[array.tobytes() for array in arrays])  # fmt: skip
    if state == item.cached_state:
        return False
    item.cached_state = state
    item.corners = item.reference_point = None
    if mobject.shade_in_3d:
        if has_own_gradient:
            item.corners = np.array(mobject.get_gradient_start_and_end_points())
        if is_independent:
            item.reference_point = mobject.get_z_index_reference_point()
    return True


def _depth(item: ProjectedMobject, rotation: Floats) -> float:
    """Distance towards the viewer; unshaded mobjects are in front of all shaded ones."""
    if not item.mobject.shade_in_3d:
        return float("inf")
    point = item.reference_point
    if point is None:
        point = item.mobject.get_z_index_reference_point()
    return float(np.dot(point, rotation)[2])


def _update_points(projected: Sequence[ProjectedMobject], camera: Any) -> None:
    """Project the points and the gradient ends of mobjects."""
    batch: list[ProjectedMobject] = []
    for item in projected:
        mobject = item.mobject
        item.points, item.gradient_ends = mobject.points, item.corners
        if all(len(getattr(item, name)) == 1 for name in _COLORS):
            item.gradient_ends = None
        elif item.gradient_ends is None:
            item.gradient_ends = np.array(mobject.get_gradient_start_and_end_points())
        if not (
            mobject in camera.fixed_in_frame_mobjects
            or mobject in camera.fixed_orientation_mobjects
            or camera.exponential_projection
        ):
            batch.append(item)
            continue
        item.points = camera.transform_points_pre_display(mobject, item.points)
        if item.gradient_ends is not None:
            item.gradient_ends = camera.transform_points_pre_display(mobject, item.gradient_ends)
    with_gradient = [item for item in batch if item.gradient_ends is not None]
    arrays = [item.points for item in batch]
    arrays += [item.gradient_ends for item in with_gradient if item.gradient_ends is not None]
    results = iter(_project_points(arrays, camera))
    for item in batch:
        item.points = next(results)
    for item in with_gradient:
        item.gradient_ends = next(results)


def _project_points(arrays: Sequence[Floats], camera: Any) -> list[Floats]:
    """`transform_points_pre_display` and `project_points` for many arrays (n, 3) at once.

    Each array is rotated by itself: the product of a larger matrix may be rounded differently.
    """
    if not arrays:
        return []
    points = np.concatenate(arrays)
    if not np.isfinite(points).all():
        arrays = [a if np.isfinite(a).all() else np.zeros((1, 3)) for a in arrays]
        points = np.concatenate(arrays)
    points = points - camera.frame_center  # not in place: points may be integers
    rotation = camera.get_rotation_matrix().T
    ends = np.cumsum([len(array) for array in arrays]).tolist()
    slices = [slice(*bounds) for bounds in zip([0, *ends], ends, strict=False)]
    projected = np.concatenate([np.dot(points[s], rotation) for s in slices])
    focal_distance = camera.get_focal_distance()
    depth = focal_distance - projected[:, 2]
    with np.errstate(divide="ignore"):
        factor = focal_distance / depth
    factor[depth < 0] = _BEHIND_CAMERA_FACTOR
    projected[:, :2] *= (factor * camera.get_zoom())[:, None]
    return [projected[s] for s in slices]
