"""Scenes that write into their camera's pixels look as with Manim."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from manim import RIGHT, Circle, Scene, Square
from manim.renderer.cairo_renderer import CairoRenderer
from manim.scene.scene_file_writer import SceneFileWriter

from deltarender.engine import manim_patches
from deltarender.engine.incremental_renderer import IncrementalRenderer
from deltarender.engine.pixel_access import may_write_pixels
from deltarender.engine.sectioned_writer import CountingWriter
from tests.deltarender.engine.test_transparent_renderer import Shapes, written_frames


class Writes(Scene):
    """Draws into the picture by hand, in an updater and between animations."""

    def construct(self) -> None:
        square = Square(fill_opacity=1)

        def stain(_: Square) -> None:
            self.camera.pixel_array[5:15, 5:25] = 255

        self.add(Circle())
        square.add_updater(stain)
        self.play(square.animate.shift(RIGHT), run_time=0.4)
        self.renderer.camera.pixel_array[40:] = 90
        self.wait(0.2)
        square.clear_updaters()
        self.play(square.animate.shift(RIGHT), run_time=0.3)


@pytest.fixture(autouse=True)
def stock_manim():
    manim_patches.remove()
    yield
    manim_patches.remove()


def test_what_a_scene_writes_is_erased_as_with_manim(tmp_path: Path) -> None:
    settings = {"format": "webm"}
    expected = written_frames(CairoRenderer, SceneFileWriter, tmp_path / "1", settings, Writes)
    frames = written_frames(IncrementalRenderer, CountingWriter, tmp_path / "2", settings, Writes)
    for (pixels, _), (wanted, _) in zip(frames, expected, strict=True):
        np.testing.assert_array_equal(pixels, wanted)


def test_only_scenes_whose_code_names_the_pixels_are_drawn_anew() -> None:
    assert may_write_pixels(Writes)
    assert not may_write_pixels(Shapes)
    assert not may_write_pixels(Scene)
