"""Creates a scene with a renderer of ours, and plays it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import manim.scene.scene
from manim import Scene
from manim.manager import Manager

from deltarender.engine.patching import Patch, applied
from deltarender.engine.sectioned_writer import SectionedWriter
from deltarender.engine.skip_aware_renderer import SkipAwareRenderer, skipped_time


def create_scene(scene_class: type[Scene], renderer: Any, file_writer: Any = None) -> Scene:
    """An instance of `scene_class` that uses `renderer` in place of CairoRenderer.

    A scene passes its own camera class to the renderer that it creates, so the renderer's class is
    replaced instead of passing an instance.
    """

    def create_renderer(*args: Any, **kwargs: Any) -> Any:
        if file_writer is not None:
            kwargs.setdefault("file_writer_class", file_writer)
        return renderer(*args, **kwargs)

    with applied(renderer_patch(create_renderer)):
        scene = scene_class()
    writer = getattr(scene.renderer, "file_writer", None)
    if isinstance(writer, SectionedWriter) and isinstance(scene.renderer, SkipAwareRenderer):
        writer.renderer = scene.renderer
    return scene


def renderer_patch(create_renderer: Callable[..., Any]) -> Patch:
    """The replacement of the class from which a scene creates its renderer."""
    return Patch(
        manim.scene.scene, "CairoRenderer", create_renderer,
        "Scene.__init__ creates a CairoRenderer by name, with the scene's camera class",
        "tests/deltarender/engine/test_scene_runner.py"
        "::test_a_scene_keeps_its_camera_class_with_another_renderer",
    )  # fmt: skip


def play_scene(scene: Scene) -> None:
    """Run the scene."""
    if scene.manager is None:
        Manager(scene)
    scene.render()


def subcaptions(renderer: Any) -> list[tuple[float, float, str]]:
    """Manim's subcaptions as (start, end, text), in seconds of the video."""
    in_video = skipped_time(renderer).in_video
    return [
        (in_video(c.start.total_seconds()), in_video(c.end.total_seconds()), c.content)
        for c in renderer.file_writer.subcaptions
    ]
