"""Runs a scene without drawing: time advances as in the video, and the state is the same.

Where only the end of an animation counts, it jumps there. What accumulates over frames (a traced
path, an updater that integrates) is played frame by frame.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from manim import Mobject, PhaseFlow, Scene, TracedPath, config

from deltarender.engine import manim_patches
from deltarender.engine.sectioned_writer import SectionedWriter
from deltarender.engine.skip_aware_renderer import SkipAwareRenderer


class NullFileWriter(SectionedWriter):
    """A file writer that discards everything, and counts the frames of each section.

    `section_ended` is called with the name of each section that has frames, when it ends.
    """

    def __init__(self, settings: Any) -> None:
        self.section_ended: Callable[[str], None] = lambda name: None
        super().__init__(settings)

    def next_section(self, name: str, type_: str, skip_animations: bool) -> None:
        """Begin a section."""
        self.end_section()
        super().next_section(name, type_, skip_animations)

    def end_section(self) -> None:
        """Report the end of the present section, if it has frames."""
        if self.section_starts and self.frames > self.section_starts[-1][1]:
            self.section_ended(self.section_starts[-1][0])

    def begin_animation(
        self, allow_write: bool = False, *, animation_index: int, file_path: Any = None
    ) -> None:
        """Do nothing."""

    def end_animation(self, allow_write: bool = False) -> None:
        """Do nothing."""

    def write_frame(self, pixels: Any, *, repeat: int = 1) -> None:
        """Do nothing."""

    def save_image(self, pixels: Any) -> None:
        """Do nothing."""

    def add_sound(self, sound_file: Any, *args: Any, **kwargs: Any) -> None:
        """Do nothing."""

    def finish(self) -> None:
        """Do nothing."""


class DryRunRenderer(SkipAwareRenderer):
    """A renderer that plays a scene without drawing; `draw_now` draws a frame on request.

    With `every_frame` all animations are played frame by frame, otherwise those that need it.
    """

    every_frame = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        manim_patches.install()

    def play(self, scene: Scene, *args: Any, **kwargs: Any) -> None:
        """Bring the scene to its state after these animations."""
        self.skip_animations = True
        self.update_skipping_status()
        skipped, start = self._in_skipped_section(), self.time
        scene.compile_animation_data(*args, **kwargs)
        self.file_writer.add_partial_movie_file(None)
        if skipped:
            self.time += scene.duration
            self.skipped.add(start, self.time)
        scene.begin_animations()
        self.static_image = None
        if scene.is_current_animation_frozen_frame():
            self._count(0 if skipped else int(scene.duration / (1 / self.camera.frame_rate)))
        elif skipped:
            scene.play_internal(skip_rendering=True)
        elif self.every_frame or accumulates(scene):
            self.skip_animations = False
            scene.play_internal()
        else:
            self._jump(scene)
        self.num_plays += 1

    def _in_skipped_section(self) -> bool:
        """Whether the video has no frames of the next animation."""
        in_section = self.file_writer.sections[-1].skip_animations
        return bool(in_section or self.num_plays < config.from_animation_number)

    def _jump(self, scene: Scene) -> None:
        frames = len(np.arange(0, scene.duration, 1 / self.camera.frame_rate))
        scene.play_internal(skip_rendering=True)
        # Manim omits this when it skips an animation, but calls it after every rendered one.
        scene.update_mobjects(0)
        self._count(frames)

    def _count(self, frames: int) -> None:
        self.time += frames * (1 / self.camera.frame_rate)
        self.file_writer.frames += frames

    def render(
        self, scene: Scene, time: float, moving_mobjects: Iterable[Mobject] | None = None
    ) -> None:
        """Count a frame instead of drawing it."""
        self._count(1)

    def update_frame(
        self, scene: Scene, mobjects: Iterable[Mobject] | None = None, *args: Any, **kwargs: Any
    ) -> None:
        """Draw nothing."""

    def scene_finished(self, scene: Scene) -> None:
        """End the last section."""
        self.file_writer.end_section()

    def draw_now(self, scene: Scene) -> None:
        """Draw the scene in its present state into the camera's pixel array."""
        self.static_image = None
        super().update_frame(scene)


def accumulates(scene: Scene) -> bool:
    """Whether the state after the animations of `scene` depends on the frames in between."""
    if scene.stop_condition is not None or scene.updaters:
        return True
    if any(isinstance(animation, PhaseFlow) for animation in scene.animations or ()):
        return True
    return any(
        isinstance(mobject, TracedPath) or mobject.has_time_based_updater()
        for mobject in scene.get_mobject_family_members()
    )
