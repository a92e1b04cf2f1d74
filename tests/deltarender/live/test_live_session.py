"""A live scene's steps, their pictures, its failures and its end, with real processes."""

from __future__ import annotations

import os
import queue
import time
from contextlib import contextmanager

import numpy as np
import pytest
from PIL import Image

from deltarender.batch import dry_run
from deltarender.live.messages import (
    DrawState,
    LiveTask,
    SceneFailed,
    SceneReady,
    StatePicture,
)
from deltarender.live.session import LiveSession

pytestmark = pytest.mark.slow
MOVES = """
class Main(Scene):
    def construct(self):
        square = Square()
        self.play(FadeIn(square))
        self.play(square.animate.shift(RIGHT * 2).set_fill(BLUE, 0.5))
        self.play(square.animate.shift(LEFT * 3))
"""


@contextmanager
def live(job, tmp_path, **options):
    """A session of `job`, and a function that waits for its next answer."""
    answers: queue.Queue = queue.Queue()
    folder = tmp_path / "live"
    folder.mkdir(exist_ok=True)
    session = LiveSession(LiveTask(job, folder, folder / "log", **options), answers.put)
    try:
        yield session, lambda: answers.get(timeout=60)
    finally:
        session.close()


def pixels_of(picture: StatePicture, onto: np.ndarray | None = None) -> np.ndarray:
    """The picture as (height, width, 3); its patches laid over `onto`."""
    width, height = picture.size
    pixels = np.zeros((height, width, 3), np.uint8) if onto is None else onto.copy()
    for p in picture.patches:
        rgba = np.frombuffer(p.rgba, np.uint8).reshape(p.height, p.width, 4)
        pixels[p.y : p.y + p.height, p.x : p.x + p.width] = rgba[..., :3]
    return pixels


def test_steps_are_drawn_in_any_order_and_the_last_equals_a_still(job_of, tmp_path):
    job = job_of(MOVES)
    with live(job, tmp_path) as (session, answer):
        ready = answer()
        assert isinstance(ready, SceneReady)
        assert [step.name for step in ready.steps] == ["animation 1", "animation 2", "animation 3"]
        assert str(job.target.file) in ready.files
        pictures = []
        for step in (2, 0, 1, 2):
            session.ask(DrawState(7, step))
            picture = answer()
            assert (picture.number, picture.step) == (7, step)
            pictures.append(pixels_of(picture))
        assert np.array_equal(pictures[0], pictures[3])
        assert not np.array_equal(pictures[1], pictures[2])
        still = dry_run([job], stills=True, workers=1)[0].stills[0]
        assert np.array_equal(pictures[0], np.asarray(Image.open(still))[..., :3])
        # What has not changed since the last drawing is not sent again.
        session.ask(DrawState(8, 2, whole=False))
        assert answer().patches == ()


def test_the_wanted_step_is_sent_before_the_scene_has_ended(job_of, tmp_path):
    with live(job_of(MOVES), tmp_path, first=0) as (_, answer):
        first, ready = answer(), answer()
    assert isinstance(first, StatePicture)
    assert first.step == 0
    assert isinstance(ready, SceneReady)


def test_a_scene_that_fails_names_its_line_and_its_files(job_of, tmp_path):
    job = job_of(MOVES + "        1 / 0\n")
    with live(job, tmp_path) as (_, answer):
        failed = answer()
    assert isinstance(failed, SceneFailed)
    assert "ZeroDivisionError" in failed.error.message
    assert failed.error.line.endswith("1 / 0")
    assert str(job.target.file) in failed.files


def test_a_scene_that_exits_is_reported(job_of, tmp_path):
    source = MOVES + "        import os; os._exit(3)\n"
    with live(job_of(source), tmp_path) as (_, answer):
        assert "ended" in answer().error.message


def test_closing_ends_all_processes_also_of_a_scene_that_hangs(job_of, tmp_path):
    source = MOVES + "        while True: pass\n"
    with live(job_of(source), tmp_path, first=0) as (session, answer):
        answer()
        start = time.monotonic()
        session.close()
        assert time.monotonic() - start < 2
        with pytest.raises(ProcessLookupError):
            while time.monotonic() - start < 5:  # killed processes are reaped with a delay
                os.killpg(session.pid, 0)
                time.sleep(0.05)
