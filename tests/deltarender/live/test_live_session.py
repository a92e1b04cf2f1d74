"""A live scene's steps, their pictures, its failures and its end, with real processes."""

from __future__ import annotations

import os
import queue
import signal
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
from deltarender.workers.memory import memory_of_group

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
        start, pids = time.monotonic(), session.pids
        assert len(pids) == 2
        session.close()
        assert time.monotonic() - start < 2
    assert_gone(pids, start + 5)


def assert_gone(pids: list[int], deadline: float) -> None:
    """All processes of these groups have ended; some may not have been reaped yet."""
    while any(memory_of_group(pid) for pid in pids):
        assert time.monotonic() < deadline
        time.sleep(0.02)


CHOSEN = """
import os

print("film was read", flush=True)


class Main(Scene):
    count = 1

    @classmethod
    def with_params(cls, texts):
        return type("Main", (cls,), {"count": int(texts.get("count", 1))})

    def manifest(self):
        return {}

    def construct(self):
        if self.count > 8:
            os._exit(5)
        for _ in range(self.count):
            self.play(FadeIn(Square()))
        while self.count > 4:
            pass
"""


def test_other_parameters_are_played_without_a_new_import(job_of, tmp_path):
    with live(job_of(CHOSEN), tmp_path) as (session, answer):
        assert len(answer().steps) == 1
        template, first_player = session.pids
        answers: queue.Queue = queue.Queue()
        for count in ("2", "5", "x", "3"):  # the second one hangs, the third is no number
            session.play(
                (("count", count),), -1, lambda got, count=count: answers.put((count, got))
            )
            if count == "5":
                continue
            of, ready = answers.get(timeout=60)
            assert of == count
            assert isinstance(ready, SceneFailed if count == "x" else SceneReady)
            assert count == "x" or len(ready.steps) == int(count)
            assert str(session.task.job.target.file) in ready.files
        session.ask(DrawState(9, -1))
        of, picture = answers.get(timeout=60)
        assert (of, picture.number) == ("3", 9)
        assert session.pids[0] == template
        assert (tmp_path / "live/log").read_text().count("film was read") == 1
        assert_gone([first_player], time.monotonic() + 5)
        session.play((("count", "9"),), -1, lambda got: answers.put(("9", got)))
        of, failed = answers.get(timeout=60)
        assert (of, failed.error.message) == ("9", "the scene's process has ended (exit 5).")


def test_a_killed_template_is_noticed(job_of, tmp_path):
    with live(job_of(MOVES), tmp_path) as (session, answer):
        answer()
        assert session.is_alive()
        template, player = session.pids
        os.kill(template, signal.SIGKILL)
        deadline = time.monotonic() + 10
        while session.is_alive():
            assert time.monotonic() < deadline
            time.sleep(0.02)
        answers: queue.Queue = queue.Queue()
        session.play((), -1, answers.put)
        assert "ended" in answers.get(timeout=60).error.message
    assert_gone([template, player], time.monotonic() + 5)


def test_a_file_that_hangs_while_it_is_imported_is_ended(job_of, tmp_path):
    source = "import pathlib\npathlib.Path(__file__ + '.begun').touch()\nwhile True: pass\n"
    job = job_of(source + MOVES)
    with live(job, tmp_path) as (session, _):
        while not job.target.file.with_name(job.target.file.name + ".begun").exists():
            time.sleep(0.02)
        pids = session.pids
    assert_gone(pids, time.monotonic() + 5)
