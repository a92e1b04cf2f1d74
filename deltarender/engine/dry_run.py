"""Runs a scene without drawing: animations jump to their end, time advances as in the video."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from manim import Mobject, Scene
from manim.renderer.cairo_renderer import CairoRenderer
from manim.scene.scene_file_writer import SceneFileWriter

from deltarender.engine import manim_patches


class NullFileWriter(SceneFileWriter):
    """A file writer that discards everything."""

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


class DryRunRenderer(CairoRenderer):
    """A renderer that plays a scene without frames; `draw_now` draws one on request."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        manim_patches.install()

    def play(self, scene: Scene, *args: Any, **kwargs: Any) -> None:
        """Bring the scene to its state after these animations."""
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
            # Manim omits this when it skips an animation, but calls it after every rendered one.
            scene.update_mobjects(0)
        self.time += frames * (1 / self.camera.frame_rate)
        self.num_plays += 1

    def update_frame(
        self, scene: Scene, mobjects: Iterable[Mobject] | None = None, *args: Any, **kwargs: Any
    ) -> None:
        """Draw nothing."""

    def scene_finished(self, scene: Scene) -> None:
        """Write nothing."""

    def draw_now(self, scene: Scene) -> None:
        """Draw the scene in its present state into the camera's pixel array."""
        self.static_image = None
        super().update_frame(scene)
