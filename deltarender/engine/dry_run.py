"""A scene run without drawing: every animation jumps to its end, time passes as in the film."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from manim import Mobject, Scene
from manim.renderer.cairo_renderer import CairoRenderer
from manim.scene.scene_file_writer import SceneFileWriter


class NullFileWriter(SceneFileWriter):
    """Takes everything a scene hands to a file writer and writes nothing."""

    def begin_animation(
        self, allow_write: bool = False, *, animation_index: int, file_path: Any = None
    ) -> None:
        """Nothing."""

    def end_animation(self, allow_write: bool = False) -> None:
        """Nothing."""

    def write_frame(self, pixels: Any, *, repeat: int = 1) -> None:
        """Nothing."""

    def save_image(self, pixels: Any) -> None:
        """Nothing."""

    def add_sound(self, sound_file: Any, *args: Any, **kwargs: Any) -> None:
        """Nothing."""

    def finish(self) -> None:
        """Nothing."""


class DryRunRenderer(CairoRenderer):
    """Lets a scene play without pictures; `draw_now` makes one when somebody wants to look."""

    def play(self, scene: Scene, *args: Any, **kwargs: Any) -> None:
        """Bring the scene to the state after these animations."""
        self.skip_animations = True
        self.update_skipping_status()
        scene.compile_animation_data(*args, **kwargs)
        self.file_writer.add_partial_movie_file(None)
        scene.begin_animations()
        self.static_image = None
        if scene.is_current_animation_frozen_frame():
            frames = int(scene.duration / (1 / self.camera.frame_rate))
        else:
            frames = len(np.arange(0, scene.duration, 1 / self.camera.frame_rate))
            scene.play_internal(skip_rendering=True)
            # Manim leaves this out while skipping, but the film has it after every play.
            scene.update_mobjects(0)
        self.time += frames * (1 / self.camera.frame_rate)
        self.num_plays += 1

    def update_frame(
        self, scene: Scene, mobjects: Iterable[Mobject] | None = None, *args: Any, **kwargs: Any
    ) -> None:
        """Nothing is drawn."""

    def scene_finished(self, scene: Scene) -> None:
        """Nothing is kept."""

    def draw_now(self, scene: Scene) -> None:
        """Draw the scene as it is into the camera's pixels."""
        self.static_image = None
        super().update_frame(scene)
