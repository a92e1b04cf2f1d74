"""Plays every frame of a scene without drawing it, for observers that look at its mobjects."""

from __future__ import annotations

from typing import Any, Protocol

from manim import Scene

from deltarender.engine.dry_run import DryRunRenderer, NullFileWriter
from deltarender.engine.scene_setup import create_scene, play_scene


class FrameObserver(Protocol):
    """Looks at the mobjects of every frame of a scene."""

    def observe(self, time: float, frames: int) -> None:
        """The scene is now as in the frame at `time` seconds, and stays so for `frames` frames."""
        ...

    def result(self) -> list[Any]:
        """What was found, as plain data; called once, after the last frame."""
        ...


class FrameByFrameRenderer(DryRunRenderer):
    """A dry run in which every frame takes place; a pause without motion is one observation."""

    frame_observers: tuple[FrameObserver, ...] = ()
    every_frame = True

    def _count(self, frames: int) -> None:
        if frames:
            for observer in self.frame_observers:
                observer.observe(self.time, frames)
        super()._count(frames)


def frame_by_frame_scene(scene_class: type[Scene]) -> Scene:
    """An instance of `scene_class` for `play_frames`."""
    return create_scene(scene_class, FrameByFrameRenderer, NullFileWriter)


def play_frames(scene: Any, *observers: FrameObserver) -> None:
    """Play a scene without drawing; the observers see every frame."""
    scene.renderer.every_frame = True
    scene.renderer.frame_observers = observers
    play_scene(scene)
