"""Decks, films and beats of ordinary Manim scenes: with sound, or without animation."""

from __future__ import annotations

import re
import wave
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from gradreel.errors import RenderError, UsageError
from gradreel.lecture_settings import LectureSettings
from gradreel.narrate.voices import load_voice
from gradreel.publish.audio_mix import AudioMix
from gradreel.publish.beat_clips import export_beat
from gradreel.publish.chapters import youtube_chapters
from gradreel.publish.film import build_film
from gradreel.publish.lecture_file import lecture_of_scenes
from gradreel.publish.mux_film import ChapterMark
from gradreel.publish.rendered_scenes import RenderedScene, job_for_part, render_scenes
from gradreel.publish.slides import build_deck
from gradreel.publish.still_clips import as_video

SOURCE = """
from manim import *

class Still(Scene):
    def construct(self):
        self.camera.background_color = "#204060"
        self.add_subcaption("nothing moves", duration=9)
        self.add(Square())

class Talks(Scene):
    def construct(self):
        self.add_sound("tone.wav")
        self.next_section("one")
        self.add_subcaption("first words", duration=1)
        self.wait(1)
        self.next_section("two")
        self.add_subcaption("second words", duration=1)
        self.play(Create(Square()), run_time=1)

class Fails(Scene):
    def construct(self):
        1 / 0
"""
TINY = LectureSettings(160, 90, 10)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("odd")
    (path / "film.py").write_text(SOURCE)
    with wave.open(str(path / "tone.wav"), "wb") as tone:
        tone.setparams((1, 2, 44100, 0, "NONE", ""))
        tone.writeframes(b"\x00\x20\x00\xe0" * 44100)  # two seconds
    return path


def seconds_of(video: Path) -> dict[str, float]:
    with av.open(str(video)) as source:
        return {s.type: float((s.duration or 0) * (s.time_base or 0)) for s in source.streams}


@pytest.mark.slow
def test_sound_stills_and_notes_are_in_deck_film_and_beat(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    media = folder / "media"
    lecture = lecture_of_scenes(("film.py:Still", "film.py:Talks"), ())
    deck = build_deck(lecture, TINY, media, "html", one_file=False)
    assert deck.slides == 3
    page = deck.path.read_text()
    assert re.findall(r'data-background-color="(.*?)"', page)[1:] == ["#000000"] * 2
    notes = re.findall(r'class="notes"><p>(.*?)</p></aside>', page)
    assert notes == ["nothing moves", "first words", "second words"]
    clips = sorted((deck.path.parent / "videos").glob("*.mp4"))
    assert [sorted(seconds_of(clip)) for clip in clips] == [
        ["video"], ["audio", "video"], ["audio", "video"],
    ]  # fmt: skip
    assert all(
        length == pytest.approx(1, abs=0.05) for c in clips for length in seconds_of(c).values()
    )
    film = build_film(lecture, TINY, media, cards=False)
    assert film.seconds == 3
    assert [(mark.start, mark.end) for mark in film.marks] == [(0, 1), (1, 3)]
    (scene,) = render_scenes([job_for_part(lecture.parts[1], TINY, media)])
    beat, frames = export_beat(scene, "two")
    assert frames == 10
    assert seconds_of(beat)["audio"] == pytest.approx(1, abs=0.05)
    with pytest.raises(RenderError, match=r"(?s)Fails: ZeroDivisionError.*film.py:\d+: 1 / 0"):
        build_deck(lecture_of_scenes(("film.py:Fails",), ()), TINY, media, "html")


def test_a_picture_becomes_a_second_of_video(tmp_path: Path) -> None:
    Image.new("RGB", (64, 36), "#204060").save(tmp_path / "Still.png")
    manifest = {"fps": 10.0, "frames": 1, "size": [64, 36], "beats": [], "captions": []}
    still = as_video(RenderedScene("Still", tmp_path / "Still.png", manifest), tmp_path / "s.mp4")
    assert (still.frames, still.seconds) == (10, 1.0)
    with av.open(str(still.video)) as video:
        frames = [frame.to_ndarray(format="rgb24") for frame in video.decode(video=0)]
    assert len(frames) == 10
    assert np.abs(frames[-1].astype(int) - (0x20, 0x40, 0x60)).max() <= 3
    with pytest.raises(RenderError, match="sets Manim's output to mov"):
        as_video(RenderedScene("Still", tmp_path / "Still.mov", manifest), tmp_path / "s.mp4")


def test_a_part_of_the_sound() -> None:
    mix = AudioMix(np.repeat(np.arange(4, dtype=np.float32), 10)[None].repeat(2, 0), rate=10)
    assert mix.between(1, 2).samples.tolist() == [[1.0] * 10] * 2
    assert mix.between(0, 1).silent
    assert not mix.silent
    assert float(Fraction(mix.between(0, 4).samples.shape[1], mix.rate)) == 4


def test_chapters_have_no_angle_brackets() -> None:
    text = youtube_chapters([ChapterMark(0, 20, "x < 1 -> y > 2")])
    assert text == "0:00 x ＜ 1 -＞ y ＞ 2\n"


def test_a_voice_that_wants_arguments_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "own.py"
    file.write_text("class Mine:\n    def __init__(self, pitch): ...\n    def speak(self): ...\n")
    with pytest.raises(UsageError, match=r"(?s)Mine cannot be made.*pitch.*default"):
        load_voice(f"{file}:Mine")
