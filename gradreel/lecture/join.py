"""Joins: a scene begins with the picture with which its predecessor in the film ended.

Both scenes name the same Join, which draws the picture they share:

    CURVE = Join("curve and point", lambda: {"curve": ..., "point": ...})

    class First(LectureScene):
        ends_with = CURVE
        def construct(self):
            ...
            self.close(curve=self.curve, point=self.point)

    class Second(LectureScene):
        begins_with = CURVE
        def construct(self):
            with self.beat("a secant", "..."):
                self.play(self.carry("curve", self.curve), FadeIn(self.axes))

The shared picture is drawn for the default parameters, so a scene with others begins plainly and
ends with its last beat.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from manim import Animation, FadeIn, FadeOut, Mobject, ReplacementTransform, Scene, config, smooth

from gradreel.draw.caption import Header
from gradreel.draw.exchange import first_part, second_part
from gradreel.errors import UsageError, unknown_name
from gradreel.theme import Timing


@dataclass(frozen=True, slots=True, eq=False)
class Join:
    """A picture that two scenes share: `build` draws its parts, by name, back to front."""

    name: str
    build: Callable[[], Mapping[str, Mobject]]


class JoinedScene(Scene):
    """A scene that begins and ends with shared pictures. Joins compare by identity."""

    begins_with: ClassVar[Join | None] = None
    ends_with: ClassVar[Join | None] = None
    clears_before_join: ClassVar[bool] = False  # or the rest fades while the picture is joined
    header: Header

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._opening: dict[str, Mobject] = {}  # parts of the first picture not carried further
        self._header_is_due = False

    @property
    def has_default_params(self) -> bool:
        """Whether the scene shows what its joins were drawn for."""
        raise NotImplementedError

    @property
    def begins_joined(self) -> bool:
        """Whether the first frame is the shared picture, not an empty stage."""
        return self.begins_with is not None and self.has_default_params

    def open_stage(self) -> None:
        """Put the first picture on stage: the shared one, or else the header alone.

        After a shared picture the header fades in with the first animation.
        """
        if self.begins_with is None or not self.begins_joined:
            self.add(self.header)
            return
        self._opening = dict(self.begins_with.build())
        self.add(*self._opening.values())
        self._header_is_due = True

    def carry(
        self, name: str, mobject: Mobject, otherwise: Callable[[Mobject], Animation] = FadeIn
    ) -> Animation:
        """The animation that turns a part of the first picture into `mobject`.

        Without a shared picture it is `otherwise(mobject)`. Raises UsageError for a name that is
        no part of the picture, or one that was carried before.
        """
        if not self.begins_joined:
            return otherwise(mobject)
        if name not in self._opening:
            raise unknown_name("part", name, self._opening, where=f"carry in {_name(self)}")
        return ReplacementTransform(self._opening.pop(name), mobject)

    def with_first_picture(self, animations: tuple[Any, ...]) -> tuple[Any, ...]:
        """`animations`, and the header's entrance if it is due."""
        if not self._header_is_due:
            return animations
        self._header_is_due = False
        return (*animations, FadeIn(self.header))

    def leave_first_picture(self, **kwargs: Any) -> list[Animation]:
        """The fade-outs of the parts of the first picture that have not been carried.

        `kwargs` are those of FadeOut, such as `target_position`.
        """
        left: list[Animation] = [FadeOut(part, **kwargs) for part in self._opening.values()]
        self._opening.clear()
        return left

    def drop_first_picture(self) -> None:
        """Fade out what is left of the first picture. Called at the end of the first beat."""
        if left := self.leave_first_picture():
            Scene.play(self, *left, run_time=Timing.quick)

    def close(self, **carried: Mobject) -> None:
        """End the scene with the picture of `ends_with`, after the last beat.

        Each mobject of `carried` turns into the part of its name, parts without one fade in, and
        all else fades out, before anything turns if `clears_before_join`. Does nothing if the
        parameters are not the defaults. Raises UsageError for an unknown part.
        """
        if self.ends_with is None:
            raise UsageError(f"{_name(self)} closes, but sets no `ends_with`.")
        if not self.has_default_params:
            return
        parts = dict(self.ends_with.build())
        for name in carried:
            if name not in parts:
                raise unknown_name("part", name, parts, where=f"close in {_name(self)}")
        self.add(*carried.values())  # one mobject each, whose parts may have come one by one
        # Taken out of their groups, so that the rest of a group can fade without them.
        # Animations of their parts may have put those on stage by themselves.
        self.remove(*(part for mobject in carried.values() for part in mobject.get_family()))
        fades, turns = (first_part, second_part) if self.clears_before_join else (smooth, smooth)
        leaving = [FadeOut(mobject, rate_func=fades) for mobject in self.mobjects]
        self.add(*carried.values())
        turning = [
            ReplacementTransform(mob, parts[name], rate_func=turns) for name, mob in carried.items()
        ]
        arriving = [FadeIn(part) for name, part in parts.items() if name not in carried]
        Scene.play(self, *leaving, *turning, *arriving, run_time=Timing.join)
        self.remove(*parts.values())
        self.add(*parts.values())
        self.pause(max(Timing.join_rest, 1 / config.frame_rate))


def _name(scene: Scene) -> str:
    return type(scene).__name__
