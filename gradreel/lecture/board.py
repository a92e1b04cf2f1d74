"""A picture to touch, shown after the last beat of a scene that stays open (the studio, explorers).

    class DescentBoard(Board):
        def __init__(self, f: Function) -> None:
            super().__init__()
            self.start = ValueTracker(0.0)

        def draw(self, pressed: tuple[str, ...]) -> None:
            self.set_parts(curve_of(self.f), ball_after(len(pressed), self.start.get_value()))

It is no part of the film.
"""

from __future__ import annotations

from abc import abstractmethod

from manim import Group, Mobject


class Board(Group):
    """A picture that is a function of its trackers and of the buttons that have been pressed.

    So each of its states can be drawn at once, in any order, by whoever knows these.
    """

    def set_parts(self, *parts: Mobject) -> None:
        """Have these parts on stage, in this order, and no others."""
        self.submobjects = list(parts)

    @abstractmethod
    def draw(self, pressed: tuple[str, ...]) -> None:
        """Show the state after these presses, in order, from the beginning.

        Raises UsageError for a state that cannot be shown.
        """
