"""The table of Manim methods that are replaced by faster ones with identical results.

    install()   # apply the table
    remove()    # restore the originals

Nothing else in this package replaces a method of Manim, except for the hooks of asset_read_hooks.py
and the renderer class of scene_runner.py, which use the same mechanism.
"""

from __future__ import annotations

import cairo
from manim import Camera, Mobject, VMobject
from manim.mobject import mobject as mobject_module
from manim.mobject.types import vectorized_mobject
from manim.utils import paths, space_ops

from deltarender import _native
from deltarender.engine import fast_copy, fast_geometry, fast_images
from deltarender.engine import fast_methods as fast
from deltarender.engine.patching import Patch, apply, revert
from deltarender.errors import SetupError

_TESTS = "tests/deltarender/engine/test_fast_methods.py::"
_GEOMETRY_TESTS = "tests/deltarender/engine/test_fast_geometry.py::"

PATCHES: tuple[Patch, ...] = (
    Patch(
        Mobject, "get_family", fast.get_family,
        "builds a list for every mobject of every frame",
        _TESTS + "test_families_equal_manims",
    ),
    Patch(
        Mobject, "family_members_with_points", fast.family_members_with_points,
        "builds a list for every mobject of every frame",
        _TESTS + "test_families_equal_manims",
    ),
    Patch(
        Mobject, "update", fast.update,
        "inspects the signature of every updater in every frame",
        _TESTS + "test_a_family_is_updated_in_manims_order",
    ),
    Patch(
        Mobject, "__deepcopy__", fast_copy.deepcopy_mobject,
        "calls Python several times for each value that a mobject holds",
        "tests/deltarender/engine/test_fast_copy.py::test_copies_equal_those_of_deepcopy",
    ),
    Patch(
        Mobject, "interpolate", fast.interpolate_mobject,
        "uses the slow interpolate of manim.utils.bezier",
        _TESTS + "test_interpolated_state_equals_manims_bit_for_bit",
    ),
    Patch(
        Mobject, "get_critical_point", fast.get_critical_point,
        "converts all points to Python objects for one corner or center",
        _TESTS + "test_critical_points_equal_manims",
    ),
    Patch(
        VMobject, "interpolate_color", fast.interpolate_color,
        "interpolates all style attributes in Python, in every frame",
        _TESTS + "test_interpolated_state_equals_manims_bit_for_bit",
    ),
    Patch(
        VMobject, "generate_rgbas_array", fast.generate_rgbas_array,
        "parses a color again each time it is set",
        _TESTS + "test_rgbas_equal_manims",
    ),
    Patch(
        VMobject, "get_points_defining_boundary", fast.get_points_defining_boundary,
        "converts all anchors to Python objects",
        _TESTS + "test_critical_points_equal_manims",
    ),
    Patch(
        Camera, "overlay_PIL_image", fast.overlay_image,
        "composites all pixels of the frame for an image that covers a few",
        _TESTS + "test_an_overlaid_image_equals_manims",
    ),
    Patch(
        Camera, "display_image_mobject", fast_images.display_image_mobject,
        "transforms all of an image, also where it is outside of the frame",
        "tests/deltarender/engine/test_fast_images.py::test_images_equal_manims",
    ),
    Patch(
        Camera, "set_cairo_context_path", fast.set_cairo_context_path,
        "calls cairo from Python once per curve",
        "tests/deltarender/engine/test_cairo_paths.py::test_any_path_equals_manims",
    ),
    Patch(
        vectorized_mobject, "interpolate", fast.interpolate,
        "allocates three arrays for each interpolation",
        _TESTS + "test_interpolated_values_equal_manims",
    ),
    Patch(
        VMobject, "get_nth_curve_length_pieces", fast_geometry.get_nth_curve_length_pieces,
        "evaluates a curve point by point",
        _GEOMETRY_TESTS + "test_lengths_equal_manims",
    ),
    Patch(
        VMobject, "get_arc_length", fast_geometry.get_arc_length,
        "measures curves one by one",
        _GEOMETRY_TESTS + "test_lengths_equal_manims",
    ),
    Patch(
        VMobject, "point_from_proportion", fast_geometry.point_from_proportion,
        "measures all curves of a path one by one, for every point on it",
        _GEOMETRY_TESTS + "test_points_on_a_path_equal_manims",
    ),
    *(
        Patch(
            module, "rotation_matrix", fast_geometry.rotation_matrix,
            "goes through SciPy's classes for each matrix",
            _GEOMETRY_TESTS + "test_rotations_equal_manims",
        )
        for module in (space_ops, mobject_module, paths)
    ),
)  # fmt: skip


def install() -> None:
    """Replace the methods. Calling it again changes nothing.

    Raises SetupError if pycairo is linked to another cairo than `_native`, which draws on
    pycairo's contexts.
    """
    pycairo_version = cairo.cairo_version_string()
    if pycairo_version != _native.CAIRO_VERSION:
        raise SetupError(
            f"pycairo draws with cairo {pycairo_version}, this renderer with "
            f"{_native.CAIRO_VERSION}.",
            hint="Build both for the installed cairo: pip install --force-reinstall --no-binary "
            "pycairo pycairo, then install this package again.",
        )
    apply(PATCHES)


def remove() -> None:
    """Restore the original methods."""
    revert(PATCHES)
