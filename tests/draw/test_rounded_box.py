"""RoundedBox has the points and the style of Manim's RoundedRectangle."""

from __future__ import annotations

import numpy as np
import pytest
from manim import RoundedRectangle

from gradreel.draw.rounded_box import RoundedBox


@pytest.mark.parametrize(("width", "height"), [(1.5, 0.9), (0.4, 3.25), (12.0, 0.32)])
def test_a_box_has_the_points_of_a_rounded_rectangle(width: float, height: float) -> None:
    settings = {"width": width, "height": height, "corner_radius": 0.16, "fill_opacity": 0.5}
    box, expected = RoundedBox(**settings), RoundedRectangle(**settings)
    np.testing.assert_allclose(box.points, expected.points, atol=1e-12)
    assert box.get_fill_opacity() == expected.get_fill_opacity()
    assert box.get_stroke_color() == expected.get_stroke_color()
    assert box.corner_radius == expected.corner_radius
