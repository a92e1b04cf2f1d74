"""Scenes that do what few scenes do, rendered together: each as it should be, none spoils another.

All are in one file that changes the working directory when it is imported.
"""

from __future__ import annotations

import json
import wave
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
import srt
from PIL import Image

from deltarender.batch import BatchOptions, dry_run, render
from deltarender.jobs import Job, RenderSettings, SceneRef
from deltarender.report import Report

pytestmark = pytest.mark.slow
RATE = 10
TINY = RenderSettings(160, 90, RATE)
SOURCE = """
import os, sys
os.chdir(os.path.dirname(os.path.abspath(__file__)))
from manim import *

class Skips(Scene):
    def construct(self):
        self.next_section("hidden", skip_animations=True)
        self.play(Create(Circle()), run_time=6)
        self.next_section("new")
        self.add_sound("tone.wav")
        self.add_subcaption("now", duration=30)
        self.wait(1)

class Hidden(Scene):
    def construct(self):
        self.next_section("hidden", skip_animations=True)
        self.play(Create(Square()))

class Captions(Scene):
    def construct(self):
        self.add_subcaption("late", duration=30, offset=0.5)
        self.add_subcaption("first", duration=1, offset=-0.5)
        self.add_subcaption("never", duration=-1)
        self.add_subcaption("")
        self.wait(1)

class Integrates(Scene):
    def construct(self):
        dot = Dot().shift(3 * LEFT)
        self.add(dot, TracedPath(dot.get_center, stroke_width=20, stroke_color=RED))
        square = Square(fill_opacity=1).shift(UP)
        square.add_updater(lambda s, dt: s.rotate(dt).shift(dt * s.get_center()[1] * RIGHT))
        self.next_section("moves")
        self.add(square)
        self.play(dot.animate(path_arc=2).shift(6 * RIGHT), run_time=2)
        square.clear_updaters()
        self.next_section("rests")
        self.wait(0.5)

class Silent(Scene):
    score = 7
    def construct(self):
        self.wait(0.5)
        sys.stdout = sys.stderr = None

class Bytes(Scene):
    def construct(self):
        self.next_section(b"one")
class Number(Scene):
    def construct(self):
        self.add_subcaption(3)
class Surrogate(Scene):
    def construct(self):
        self.add_subcaption("\\ud800")
class Message(Scene):
    def construct(self):
        raise ValueError("\\ud800")
class Closes(Scene):
    def construct(self):
        os.closerange(3, 200)
        self.wait(0.5)
class Odd(Scene):
    def __init__(self, *args, **kwargs):
        config.pixel_width = 161
        super().__init__(*args, **kwargs)
    def construct(self):
        self.wait(0.5)
"""
GOOD = ("Skips", "Hidden", "Captions", "Integrates", "Silent")
BAD = {
    "Bytes": "the name of a section must be a str, not bytes",
    "Number": "a subcaption must be a str, not int",
    "Surrogate": "lone surrogate",
    "Message": r"ValueError: \ud800",
    "Closes": "closed files that it had not opened",
    "Odd": "it sets the size 161x90: H.264 needs even sizes",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("odd")
    (path / "deep").mkdir()
    (path / "deep" / "film.py").write_text(SOURCE)
    with wave.open(str(path / "deep" / "tone.wav"), "wb") as tone:
        tone.setparams((1, 2, 44100, 0, "NONE", ""))
        tone.writeframes(b"\x00\x20\x00\xe0" * 11025)
    return path


def jobs_for(folder: Path, names: tuple[str, ...], profile: RenderSettings) -> list[Job]:
    file = Path("deep") / "film.py"  # relative paths, which a change of the folder must not break
    return [Job(SceneRef(file, name, name), profile, media_dir=Path("media")) for name in names]


@pytest.fixture(scope="module")
def report(folder: Path) -> Report:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        return render(jobs_for(folder, (*GOOD, *BAD), TINY), BatchOptions(jobs=2, split=1))


def test_a_scene_that_is_skipped_as_a_whole_ends_well(report: Report, folder: Path) -> None:
    (hidden,) = [result for result in report.results if result.job.target.name == "Hidden"]
    assert (hidden.status, hidden.path.suffix) == ("rendered", ".png")
    assert "all of its animations are skipped" in hidden.note
    assert (
        np.asarray(Image.open(folder / hidden.path).convert("L")).max() > 100
    )  # the square is seen


def manifest_of(folder: Path, name: str) -> dict:
    return json.loads((folder / "media/videos" / TINY.name / f"{name}.json").read_text())


def test_good_scenes_are_rendered_and_each_failure_is_its_own(report: Report) -> None:
    results = {result.job.target.name: result for result in report.results}
    assert {name: results[name].error for name in GOOD} == dict.fromkeys(GOOD, "")
    for name, message in BAD.items():
        assert results[name].status == "failed"
        assert message in results[name].error
        if name not in ("Closes", "Odd"):
            assert results[name].line.startswith("deep/film.py:")
    json.dumps(report.as_json(), ensure_ascii=False).encode()


def test_what_follows_a_skipped_section_is_at_its_place(report: Report, folder: Path) -> None:
    manifest = manifest_of(folder, "Skips")
    assert manifest["frames"] == RATE
    ((name, start, end),) = [(b["name"], b["start"], b["end"]) for b in manifest["beats"]]
    assert (name, start, end) == ("new", 0.0, 1.0)
    assert [tuple(c.values()) for c in manifest["captions"]] == [(0.0, 1.0, "now")]
    with av.open(str(folder / "media/videos" / TINY.name / "Skips.mp4")) as video:
        samples = np.concatenate([f.to_ndarray() for f in video.decode(audio=0)], axis=1)
    first = np.flatnonzero(np.abs(samples).max(0) > 0.05)[0]
    assert first / 44100 < 0.1


def test_captions_are_sorted_and_within_the_video(report: Report, folder: Path) -> None:
    text = (folder / "media/videos" / TINY.name / "Captions.srt").read_text()
    cues = [(c.start.total_seconds(), c.end.total_seconds(), c.content) for c in srt.parse(text)]
    assert cues == [(0.0, 0.5, "first"), (0.5, 1.0, "late")]
    assert manifest_of(folder, "Captions")["frames"] == RATE


def test_stills_and_the_last_frame_equal_the_film(
    report: Report, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    (played,) = dry_run(jobs_for(folder, ("Integrates",), TINY), stills=True)
    assert [path.name for path in played.stills] == ["01-moves.png", "02-rests.png"]
    (png,) = render(
        jobs_for(folder, ("Integrates",), replace(TINY, format="png")), BatchOptions(jobs=1)
    ).results
    assert (png.status, png.path.suffix, png.note) == ("rendered", ".png", "")
    with av.open(str(folder / "media/videos" / TINY.name / "Integrates.mp4")) as video:
        *_, last = video.decode(video=0)
    film = last.to_ndarray(format="rgb24").astype(int)
    for still in (*played.stills, png.path):
        picture = np.asarray(Image.open(still).convert("RGB")).astype(int)
        assert np.abs(picture - film).mean() < 3, still  # what compression changes
    assert film.max(2).mean() > 10  # the square and the traced path are seen
