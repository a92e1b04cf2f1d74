"""What a camera in space sees: mobjects made flat, to be drawn by their looks like all others.

Manim turns, projects and shades every mobject whenever it is drawn; shading alone takes a tenth of
a millisecond each time. Here that is kept for as long as a mobject stays as it is, and all are
projected together. What comes out is what Manim's own camera makes of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
from manim import ThreeDCamera
from manim.mobject.three_d.three_d_utils import (
    get_3d_vmob_end_corner,
    get_3d_vmob_end_corner_unit_normal,
    get_3d_vmob_start_corner,
    get_3d_vmob_start_corner_unit_normal,
)
from manim.utils.color import get_shaded_rgb

from deltarender._native import DEFAULT_DRAWING, DEFAULT_FAMILY, NOT_DRAWN
from deltarender.engine.class_traits import CAMERA_METHODS, CLASS_TRAITS

Floats = npt.NDArray[np.float64]

# What a camera may not redefine if it is to see as Manim's does.
SPACE_METHODS = (
    *CAMERA_METHODS, "capture_mobjects", "modified_rgbas", "project_points", "project_point",
    "get_rotation_matrix", "generate_rotation_matrix", "reset_rotation_matrix", "frame_center",
    "get_focal_distance", "get_zoom", "get_phi", "get_theta", "get_gamma",
)  # fmt: skip
_COLOURS = ("fill_rgbas", "stroke_rgbas", "background_stroke_rgbas")
_STYLES = (
    "stroke_width", "background_stroke_width", "joint_type", "cap_style", "background_image",
    "tolerance_for_point_equality",
)  # fmt: skip
_NO_COLOUR = np.zeros((1, 4))


class Flat:
    """A mobject as a camera in space sees it: all that drawing it depends on.

    `corners` (2, 3) are where its first and last colours are, `centre` what its distance is taken
    from, both None where they must be asked for each time; `ends` are the corners as they are seen.
    """

    mobject: Any
    points: Floats
    ends: Floats | None = None
    corners: Floats | None = None
    centre: Floats | None = None

    def __init__(self, mobject: Any) -> None:
        self.mobject = mobject
        self.state: tuple[Any, ...] = ()

    def get_gradient_start_and_end_points(self) -> Any:
        """Manim's name for `ends`."""
        return self.ends


CLASS_TRAITS[Flat] = DEFAULT_FAMILY | DEFAULT_DRAWING


class Space:
    """The mobjects that a camera has seen last."""

    def __init__(self) -> None:
        self._known: dict[int, Flat] = {}

    def look(self, camera: Any, mobjects: Sequence[Any]) -> list[Flat] | None:
        """How mobjects are seen, the farthest first.

        They are those with points, each once, in the order of their z_index. None if one of them is
        drawn in a way of its own.
        """
        kinds = [CLASS_TRAITS[type(mobject)] for mobject in mobjects]
        if not all(kind & (DEFAULT_DRAWING | NOT_DRAWN) for kind in kinds):
            return None
        drawn = [m for m, kind in zip(mobjects, kinds, strict=True) if kind & DEFAULT_DRAWING]
        camera.reset_rotation_matrix()
        flats = [self._known.get(id(mobject)) or Flat(mobject) for mobject in drawn]
        for flat in flats:
            _bring_up_to_date(flat, camera)
        turn = camera.get_rotation_matrix().T
        flats.sort(key=lambda flat: _distance(flat, turn))
        _project(flats, camera)
        self._known = {id(flat.mobject): flat for flat in flats}
        return flats


def sees_space(camera: Any) -> bool:
    """Whether a camera sees as Manim's own camera in space does."""
    kind: Any = type(camera)
    return _sees_space(kind)


@cache
def _sees_space(kind: Any) -> bool:
    return issubclass(kind, ThreeDCamera) and all(
        getattr(kind, name) is getattr(ThreeDCamera, name) for name in SPACE_METHODS
    )


def _bring_up_to_date(flat: Flat, camera: Any) -> None:
    """Take over what does not depend on where the camera is."""
    mobject = flat.mobject
    for name in _STYLES:
        setattr(flat, name, getattr(mobject, name))
    colours = [getattr(mobject, name, _NO_COLOUR) for name in _COLOURS]
    light = camera.light_source.points[0]
    own = vars(mobject)
    alone = not mobject.submobjects and "z_index_group" not in own
    plain = "get_gradient_start_and_end_points" not in own  # ThreeDAxes give some to their parts
    arrays = (mobject.points, light, *colours)
    state = (camera.should_apply_shading, mobject.shade_in_3d, alone, plain,
             *[array.tobytes() for array in arrays])  # fmt: skip
    if state == flat.state:
        return
    flat.state = state
    flat.corners = flat.centre = None
    if mobject.shade_in_3d:
        if plain:
            flat.corners = np.array(mobject.get_gradient_start_and_end_points())
        if alone:
            flat.centre = mobject.get_z_index_reference_point()
        if camera.should_apply_shading:
            colours = _lit(mobject, colours, light)
    for name, colour in zip(_COLOURS, colours, strict=True):
        setattr(flat, name, colour)


def _lit(mobject: Any, colours: Sequence[Floats], light: Floats) -> list[Floats]:
    """The first two colours of each kind in the light of a corner, as `modified_rgbas` has them."""
    black = np.zeros(3)
    first = get_shaded_rgb(
        black,
        get_3d_vmob_start_corner(mobject),
        get_3d_vmob_start_corner_unit_normal(mobject),
        light,
    )
    last = get_shaded_rgb(
        black, get_3d_vmob_end_corner(mobject), get_3d_vmob_end_corner_unit_normal(mobject), light
    )
    made = []
    for rgbas in colours:
        lit = rgbas.repeat(2, axis=0) if len(rgbas) < 2 else np.array(rgbas[:2])
        lit[0, :3] += first
        lit[1, :3] += last
        made.append(lit)
    return made


def _distance(flat: Flat, turn: Floats) -> float:
    """How far towards the viewer; what is not shaded lies before all that is."""
    if not flat.mobject.shade_in_3d:
        return float("inf")
    centre = flat.centre
    if centre is None:
        centre = flat.mobject.get_z_index_reference_point()
    return float(np.dot(centre, turn)[2])


def _project(flats: Sequence[Flat], camera: Any) -> None:
    """Find where in the picture points, and the ends of gradients, are."""
    free: list[Flat] = []
    for flat in flats:
        mobject = flat.mobject
        flat.points, flat.ends = mobject.points, flat.corners
        if all(len(getattr(flat, name)) == 1 for name in _COLOURS):
            flat.ends = None
        elif flat.ends is None:
            flat.ends = np.array(mobject.get_gradient_start_and_end_points())
        if not (
            mobject in camera.fixed_in_frame_mobjects
            or mobject in camera.fixed_orientation_mobjects
            or camera.exponential_projection
        ):
            free.append(flat)
            continue
        flat.points = camera.transform_points_pre_display(mobject, flat.points)
        if flat.ends is not None:
            flat.ends = camera.transform_points_pre_display(mobject, flat.ends)
    pieces = [flat.points for flat in free] + [f.ends for f in free if f.ends is not None]
    seen = iter(_projected(pieces, camera))
    for flat in free:
        flat.points = next(seen)
    for flat in free:
        if flat.ends is not None:
            flat.ends = next(seen)


def _projected(pieces: Sequence[Floats], camera: Any) -> list[Floats]:
    """As `transform_points_pre_display` and `project_points`, many at once.

    Each piece is turned by itself: a product of larger matrices may be rounded in another way.
    """
    if not pieces:
        return []
    whole = np.concatenate(pieces)
    if not np.isfinite(whole).all():
        pieces = [p if np.isfinite(p).all() else np.zeros((1, 3)) for p in pieces]
        whole = np.concatenate(pieces)
    whole = whole - camera.frame_center  # points may be whole numbers
    turn = camera.get_rotation_matrix().T
    ends = np.cumsum([len(piece) for piece in pieces]).tolist()
    places = [slice(*ends_of) for ends_of in zip([0, *ends], ends, strict=False)]
    seen = np.concatenate([np.dot(whole[place], turn) for place in places])
    focus = camera.get_focal_distance()
    depth = focus - seen[:, 2]
    with np.errstate(divide="ignore"):
        factor = focus / depth
    factor[depth < 0] = 10**6
    seen[:, :2] *= (factor * camera.get_zoom())[:, None]
    return [seen[place] for place in places]
