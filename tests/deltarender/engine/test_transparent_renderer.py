"""Frames for Manim's own writer are those of Manim's own renderer, also transparent ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from manim import BLUE, RED, RIGHT, UP, Circle, FadeIn, FadeOut, Scene, Square, tempconfig
from manim.renderer.cairo_renderer import CairoRenderer
from manim.scene.scene_file_writer import SceneFileWriter

from deltarender.encoding.unpremultiply import unpremultiply
from deltarender.engine import manim_patches
from deltarender.engine.incremental_renderer import IncrementalRenderer
from deltarender.engine.scene_setup import create_scene, play_scene
from deltarender.engine.sectioned_writer import CountingWriter
from deltarender.engine.transparent_renderer import TransparentRenderer


class Shapes(Scene):
    """Half-transparent shapes that move over each other, a pause, and a change of background."""

    def construct(self) -> None:
        square = Square(2, color=RED, fill_opacity=0.5)
        circle = Circle(1, color=BLUE, fill_opacity=0.7)
        self.play(FadeIn(square), run_time=0.5)
        self.play(FadeIn(circle, shift=UP), square.animate.shift(RIGHT), run_time=0.5)
        self.wait(0.3)
        self.camera.background_color = RED
        self.play(circle.animate.shift(RIGHT), run_time=0.3)
        self.play(FadeOut(square), run_time=0.4)


class WithOwnWriter(SceneFileWriter):
    """A file writer that knows nothing of changed rectangles."""


class StockTransparent(CairoRenderer):
    """Manim's renderer, on a background without color."""

    def update_frame(self, *args: Any, **kwargs: Any) -> None:
        self.camera.background[...] = 0
        super().update_frame(*args, **kwargs)

    def add_frame(self, frame: Any, num_frames: int = 1) -> None:
        super().add_frame(unpremultiply(frame), num_frames)


def written_frames(
    renderer: Any, base: type[Any], folder: Path, settings: Any, scene_class: type[Scene] = Shapes
) -> list[Any]:
    """The frames that a file writer is given, as (pixels, repeat)."""
    frames = []

    class Recording(base):
        def write_frame(self, pixels: Any, *, repeat: int = 1) -> None:
            frames.append((pixels, repeat))
            super().write_frame(pixels, repeat=repeat)

    folder.mkdir()
    size = {"pixel_width": 96, "pixel_height": 54, "frame_rate": 10, "disable_caching": True}
    quiet = {"verbosity": "ERROR", "progress_bar": "none", "media_dir": str(folder)}
    with tempconfig({**size, **quiet, **settings}):
        scene = create_scene(scene_class, renderer, Recording)
        play_scene(scene)
        assert Path(scene.renderer.file_writer.final_file_path).is_file()
    return frames


@pytest.mark.parametrize(
    ("ours", "writer", "stock", "settings"),
    [
        (TransparentRenderer, CountingWriter, StockTransparent, {"transparent": True}),
        (IncrementalRenderer, CountingWriter, CairoRenderer, {"format": "webm"}),
        (IncrementalRenderer, WithOwnWriter, CairoRenderer, {"format": "mov"}),
    ],
)
def test_frames_for_manims_writer_equal_manims(
    ours: Any, writer: Any, stock: Any, settings: Any, tmp_path: Path
) -> None:
    manim_patches.remove()
    expected = written_frames(stock, SceneFileWriter, tmp_path / "stock", settings)
    try:
        frames = written_frames(ours, writer, tmp_path / "ours", settings)
    finally:
        manim_patches.remove()
    assert [repeat for _, repeat in frames] == [repeat for _, repeat in expected]
    for (pixels, _), (wanted, _) in zip(frames, expected, strict=True):
        np.testing.assert_array_equal(pixels, wanted)
    assert len({id(pixels) for pixels, _ in frames}) == len(frames), "they are read later"
