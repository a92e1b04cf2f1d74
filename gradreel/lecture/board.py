"""A picture to touch, shown after the last beat of a scene that stays open (the studio, explorers).

    class Board(VGroup):
        def __init__(self, ...):
            self.start = ValueTracker(0.0)
        def draw(self, pressed): ...

It is no part of the film.
"""

from __future__ import annotations

from abc import abstractmethod

from manim import VGroup


class Board(VGroup):
    """A picture that is a function of its trackers and of the buttons that have been pressed.

    So each of its states can be drawn at once, in any order, by whoever knows these.
    """

    @abstractmethod
    def draw(self, pressed: tuple[str, ...]) -> None:
        """Show the state after these presses, in order, from the beginning.

        Raises UsageError for a state that cannot be shown.
        """
