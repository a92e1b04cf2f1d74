"""What TangentLine says, chosen by the function and by where the point is."""

from __future__ import annotations

import math
from collections.abc import Sequence

from gradreel.functions.function import Function
from gradreel.tape import Quantity
from gradreel.theme import FLAT

HILL = ("You stand on a hill, blindfolded.", "You want to go down. Which way is it?")
FEET = "One foot stays, and the other feels the ground ahead."
AHEAD = {
    -1: "It is lower there, so you know the way down.",
    0: "It is no lower there, so your feet cannot tell.",
    1: "It is higher there, so down is the other way.",
}
SIDE = ("Cut the hill open along your way.", "Seen from the side, the cut is a curve.")
PLAIN = ("You stand on a curve, blindfolded.", HILL[1])
WEIGHT = "Call x a weight of a neural network, and the height its error."
NUDGE = "Nudge the weight a little: how does the error answer?"
TOGETHER = "Bring both feet together: their line becomes the tangent."
TOUCHES = "The straight line that touches the curve here is the tangent."
DERIVATIVE = "Its slope is the derivative."
FALLS = "It is negative, so down is to the right."
RISES = "It is positive, so down is to the left."
SLIDE = "Now let the point slide, and its tangent with it."
ON = "Let it slide on."
IDEA = "Nudge the input, and the output answers."
ANSWER = "The answer is about the slope times the nudge."
SMALLER = "The smaller the nudge, the smaller the gap."
THEME = "That is the idea of this whole lecture."
# By the number of sides on which the function grows, and LEVEL where it is constant.
STATIONARY = (
    "The tangent is level: this is the top of a hill.",
    "The tangent is level, though one side is lower: the slope alone cannot see that.",
    "The tangent is level: this is the bottom of the valley.",
    "The ground is level: a small step changes nothing.",
)
LEVEL = 3


def caption_slope(
    f: Function, x: float, stationary: Sequence[float]
) -> tuple[tuple[str, str], Quantity]:
    """Two sentences on the slope at x: its value; and its sign, or what is there if it is zero.

    `stationary` are the points where the slope is zero, if need be but for rounding.
    """
    slope = f.point_at(x).slope
    if float(slope) == 0 or any(math.isclose(x, s, rel_tol=FLAT, abs_tol=FLAT) for s in stationary):
        exact = "{slope}" if float(slope) == 0 else "zero, but for rounding"
        changes = [
            float(f.point_at(x + step).value - f.point_at(x).value) for step in (-1e-3, 1e-3)
        ]
        kind = sum(change > 0 for change in changes) if any(changes) else LEVEL
        return (f"Here the slope is {exact}.", STATIONARY[kind]), slope
    return ("Here the slope is {slope}.", FALLS if slope < 0 else RISES), slope
