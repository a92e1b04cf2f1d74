"""Stills of the studio: of beats as the command `stills` draws them, and of all other states."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from deltarender.batch import dry_run
from deltarender.jobs import Job, SceneRef
from deltarender.live.messages import DrawState
from gradreel.catalog import find_entries
from gradreel.explore.state_still import write_still
from gradreel.lecture_settings import LectureSettings

pytestmark = pytest.mark.slow


def job_of(name: str, media: Path, suffix: str = "png") -> Job:
    (entry,) = find_entries(name)
    settings = LectureSettings(320, 180, 10, suffix)
    return Job(SceneRef(Path(entry.file), entry.cls, entry.name), settings, media_dir=media)


def pixels(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path).convert("RGB"))


def test_the_still_of_a_beat_is_that_of_the_command(tmp_path):
    job = job_of("TangentLine", tmp_path)
    (run,) = dry_run([job], stills=True, workers=1)
    drawn = [pixels(path) for path in run.stills]
    assert write_still(job, DrawState(0, 1)) == run.stills[1]
    assert np.array_equal(pixels(run.stills[1]), drawn[1])
    # Of another state, in a file of its own.
    moved = write_still(job, DrawState(0, 1, {"x_tracker": -0.5}))
    assert moved.name == run.stills[1].name.replace(".png", "-x-tracker-minus-0-5.png")
    assert not np.array_equal(pixels(moved), drawn[1])


def test_the_board_is_drawn_as_it_was_pressed(tmp_path):
    job, pressed = job_of("AccumulationTrap", tmp_path, "svg"), ("loss_1.backward()",) * 2
    after = write_still(job, DrawState(0, 99, pressed=pressed))  # the board is the last step
    assert after.name.endswith("-your-turn-pressed-2.svg")
    root = ElementTree.fromstring(after.read_text())
    assert root.get("viewBox") == "0 0 320 180"
    assert len(list(root.iter())) > 50


def test_an_animation_of_any_scene_is_a_state_too(tmp_path):
    file = tmp_path / "own.py"
    file.write_text(
        "from manim import RIGHT, Create, Scene, Square\n\n\nclass Own(Scene):\n"
        "    def construct(self):\n        square = Square()\n        self.play(Create(square))\n"
        "        self.play(square.animate.shift(RIGHT))\n"
    )
    job = job_of(f"{file}:Own", tmp_path)
    first, second = (write_still(job, DrawState(0, step)) for step in (0, 1))
    assert (first.name, second.name) == ("01-animation-1.png", "02-animation-2.png")
    moved = np.roll(pixels(first), 180 // 8, axis=1)  # a unit, of the 8 that the frame is high
    assert np.abs(moved.astype(int) - pixels(second)).mean() < 2
