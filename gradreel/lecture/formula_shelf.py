"""The shelf: the formulas that the lecture has derived so far, small in the upper right corner.

A scene that derives a formula parks it there, and the last scene takes all of them down again:

    self.play(self.park("limit", formula))
    row = shelf_formulas()                      # name -> formula, in the order of the lecture
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from manim import RIGHT, UP, VGroup

from gradreel.draw.layout import HEADER_HEIGHT, point, safe_area
from gradreel.draw.text import math
from gradreel.errors import unknown_name
from gradreel.theme import FontSize, colors

# In Typst's markup, in the order in which the lecture derives them. None has a number in it.
FORMULAS: Mapping[str, str] = MappingProxyType(
    {
        "limit": "f'(x) = lim_(h -> 0) (f(x + h) - f(x)) / h",
        "chain rule": "(dif y) / (dif x) = (dif y) / (dif u) dot (dif u) / (dif x)",
        "paths": "(partial z) / (partial x) = "
        'sum_"paths" thick product_"edges" thin "local derivatives"',
        "gradient": "nabla f = ((partial f) / (partial x), (partial f) / (partial y))",
        "accumulate": 'x".grad" <- x".grad" + (partial L) / (partial x)',
        "update": 'w <- w - "lr" dot (partial L) / (partial w)',
    }
)
SHELF_HEIGHT = 0.92  # of the header's
GAP = 0.3  # frame units, between the header's text and a parked formula


def shelf_formula(name: str, *, font_size: float = FontSize.formula) -> VGroup:
    """A formula of the shelf. Raises UsageError for an unknown name."""
    if name not in FORMULAS:
        raise unknown_name("formula", name, FORMULAS)
    return math(FORMULAS[name], font_size=font_size, color=colors.text)


def shelf_formulas(*, font_size: float = FontSize.body) -> dict[str, VGroup]:
    """All formulas of the shelf by name, in the order of the lecture."""
    return {name: shelf_formula(name, font_size=font_size) for name in FORMULAS}


def parked_formula(name: str, header: VGroup) -> VGroup:
    """A formula where it is parked: right of the header, as high as there is room."""
    area = safe_area()
    formula = shelf_formula(name)
    free = area.right - max(float(header.get_right()[0]) + GAP, area.left)
    factor = min(HEADER_HEIGHT * SHELF_HEIGHT / formula.height, free / formula.width, 1.0)
    formula.scale(factor)
    return formula.move_to(point(area.right, area.top), aligned_edge=UP + RIGHT)
