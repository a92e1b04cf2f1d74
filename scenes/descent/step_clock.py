"""A clock that counts steps: within each, a ball moves first and then rests where it arrived."""

from __future__ import annotations

from collections.abc import Callable

FLIGHT = 0.7  # of the time of a step; for the rest of it the ball stays where it landed
MOST_TIME = 0.9  # of a play, for the steps that are seen
EASE = 1.7  # power of time: the first tenth of the steps has a quarter of it
ROUNDING = 1e-9  # of clocks, by which a whole number may be missed


def whole(clock: float) -> int:
    """The steps that are over."""
    return int(clock + ROUNDING)


def flight(share: float) -> float:
    """How far a ball has come after `share` of the time of its step."""
    t = min(max(share, 0.0) / FLIGHT, 1.0)
    return t * t * (3 - 2 * t)


def moved(clock: float) -> float:
    """Where the ball is, counted in steps: a whole number while it rests."""
    return whole(clock) + flight(clock - whole(clock))


def under_way(clock: float) -> float:
    """The clock with which the view grows: a whole number as soon as a ball has landed."""
    return whole(clock) + min((clock - whole(clock)) / FLIGHT, 1.0)


def landed(clock: float) -> float:
    """The clock, brought forward by the time for which a ball rests after it has landed."""
    return clock + 1 - FLIGHT


def arrived(clock: float, step: int) -> float:
    """How much of the rest after this step is over: 0 while the ball flies, 1 at its end."""
    return min(max(1 - (step - clock) / (1 - FLIGHT), 0.0), 1.0)


def slow_start(share: float) -> float:
    """A rate function that gives the first steps, in which most happens, more time."""
    return float(share**EASE)


def slow_until(seen: float) -> Callable[[float], float]:
    """As `slow_start` for the share of the steps that is seen; the others, at rest, go quickly."""

    def pace(share: float) -> float:
        if share <= MOST_TIME:
            return seen * slow_start(share / MOST_TIME)
        return seen + (1 - seen) * (share - MOST_TIME) / (1 - MOST_TIME)

    return pace
