"""What GradientDescent says, chosen by what its descent does."""

from __future__ import annotations

from typing import Any

from gradreel.measure.descent_facts import Pattern, first_arrival
from gradreel.measure.gradient_descent import Descent
from gradreel.tape import Quantity

HILL = (
    "Here is a function of x: its height is the loss.",
    "Back on our hill: its height is the loss.",
)  # the second for the function of the film
START = "We stand at x = {x}, where the loss is {loss}."
WHICH_WAY = "Which way is down?"
DIRECTION = (
    "The slope is {slope}, so down is to the right.",
    "The slope is {slope}, so down is to the left.",
)
ARROW = (
    "We draw an arrow against the slope.",
    "We draw an arrow against the slope: the steeper, the longer.",
)  # the second where the whole arrow is on the plane
STEP = (
    "Times the learning rate, {lr}, it becomes our step.",
    "That is too far. Times the learning rate, {lr}, it becomes our step.",
)  # the second where the whole arrow leads no lower
RULE = "This is the update rule: x minus learning rate times derivative."
NUMBERS = "We put in our numbers, and take the step."
MOVE = "So x becomes {x}."
NAME = "New place, new slope, new step: this is gradient descent."
AFTER = "After {steps} steps x is {x}."
IN_A_NETWORK = "In a neural network, every weight w moves by this rule."
LOOK = (
    "Let us watch the steps once more.",
    "Nobody shortens the steps. Why do they shrink?",
)  # the second where they do
BEATS = {
    Pattern.ARRIVED: "end", Pattern.SHRINKING: "shrink", Pattern.EQUAL: "stay alike",
    Pattern.BACK_AND_FORTH: "go back and forth", Pattern.DIVERGING: "grow",
    Pattern.GROWING: "grow", Pattern.MIXED: "differ",
}  # fmt: skip
ARRIVED = (
    "After step {arrival} the slope at x = {x} is zero, and zero times any rate is zero: it stays.",
    "A single step leads to x = {x}. The slope there is zero, and zero times any rate is zero.",
)
SAME_SHARE = "Because the slope does. Each step removes {share} % of the distance."
OTHER_SHARE = "Because the slope does."
LENGTHS = {
    Pattern.EQUAL: "The slope stays the same, so each step is as long as the first.",
    Pattern.BACK_AND_FORTH: "Each step is as long as the first: across, and back again.",
    Pattern.DIVERGING: "Each step is longer than the last, and raises the loss.",
    Pattern.GROWING: "Each step is longer than the last.",
    Pattern.MIXED: "The slope changes, and the steps change with it.",
}
FURTHER = {
    Pattern.ARRIVED: "We go on, but it moves no more.",
    Pattern.SHRINKING: "We go on: always nearer, never quite there.",
    Pattern.EQUAL: "We go on: no step is shorter than the one before.",
    Pattern.BACK_AND_FORTH: "We go on: back and forth, and no nearer.",
    Pattern.DIVERGING: "We go on: farther away with every step.",
    Pattern.GROWING: "We go on, with ever longer steps.",
    Pattern.MIXED: "We go on in the same way.",
}
BACK_TO_THE_START = "Now the same descent as a program."


def caption_steps(descent: Descent, what: Pattern, steps: int) -> tuple[str, dict[str, Any]]:
    """What the first `steps` steps do, and the numbers in it."""
    if what is Pattern.ARRIVED:
        arrival = descent[first_arrival(descent)]
        return ARRIVED[float(arrival.step) == 1], {"arrival": arrival.step, "x": arrival.inputs[0]}
    if what is Pattern.SHRINKING:
        share = constant_share(descent, steps)
        return (SAME_SHARE, {"share": share}) if share is not None else (OTHER_SHARE, {})
    return LENGTHS[what], {}


def constant_share(descent: Descent, steps: int) -> Quantity | None:
    """The percentage of the distance that each of the first `steps` steps removes, if it is one."""
    first, last = descent.error_reduction(1), descent.error_reduction(steps)
    return first if first.text == last.text else None
