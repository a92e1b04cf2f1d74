"""Captions of plain Manim scenes in a spoken film: said at their times, one after the other."""

from __future__ import annotations

import wave
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import av
import numpy as np
import pytest

from deltarender.manifest import Manifest
from gradreel.publish.audio_mix import mix_audio
from gradreel.publish.rendered_scenes import RenderedScene
from gradreel.publish.subcaption_speech import BREATH_S, speak_captions

RATE = Fraction(10)


@dataclass
class Tones:
    """A voice that says a tenth of a second of a loud tone per letter."""

    identity: str = "tones@1"
    said: list[str] = field(default_factory=list)

    def speak(self, words: str, target: Path) -> None:
        self.said.append(words)
        with wave.open(str(target), "wb") as file:
            file.setparams((1, 2, 48_000, 0, "NONE", ""))
            tone = 12_000 * np.sin(np.arange(4_800 * len(words)) * 0.06)
            file.writeframes(tone.astype("<i2").tobytes())


def scene(folder: Path, name: str, captions: list[tuple[float, str]], **more: Any) -> RenderedScene:
    """Three seconds of a black picture, with these captions."""
    path = folder / f"{name}.mp4"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        for _ in range(30):
            out.mux(stream.encode(av.VideoFrame(64, 64, "yuv420p")))
        out.mux(stream.encode(None))
    rows = [{"start": start, "end": start + 0.5, "text": text} for start, text in captions]
    manifest = {"frames": 30, "fps": 10.0, "captions": rows, "beats": [], **more}
    return RenderedScene(name, path, cast(Manifest, manifest))


def test_captions_are_said_one_after_the_other_from_their_start(tmp_path: Path) -> None:
    voice = Tones()
    plain = scene(tmp_path, "Plain", [(0.5, "abcdefgh"), (0.8, "abcd")])
    lecture = scene(tmp_path, "Lecture", [(0, "said")], beats=[{"say": "said", "start": 0.0}])
    spoken, notes = speak_captions([lecture, plain], RATE, voice, tmp_path / "speech")
    assert voice.said == ["abcdefgh", "abcd"] and not notes
    assert spoken[0].start == pytest.approx(3.5)
    assert spoken[1].start == pytest.approx(spoken[0].end + BREATH_S)
    again, _ = speak_captions([plain], RATE, voice, tmp_path / "speech")
    assert len(again) == 2 and len(voice.said) == 2  # what was spoken is kept
    mixed = mix_audio([(lecture.video, 30), (plain.video, 30)], RATE, spoken)
    assert mixed is not None and mixed.samples.shape == (2, 6 * 48_000)
    loud = np.abs(mixed.samples[0]).reshape(60, -1).max(axis=1) > 0.05
    heard = np.flatnonzero(loud) / 10
    assert heard[0] == pytest.approx(3.5, abs=0.11) and not loud[:34].any()
    assert heard[-1] == pytest.approx(spoken[1].end, abs=0.2)


def test_speech_longer_than_its_scene_is_cut_with_a_note(tmp_path: Path) -> None:
    plain = scene(tmp_path, "Plain", [(2.0, "a" * 20), (2.5, "b")])
    spoken, notes = speak_captions([plain], RATE, Tones(), tmp_path / "speech")
    assert [round(caption.end, 3) for caption in spoken] == [3.0]
    assert len(notes) == 1 and "Plain" in notes[0] and "longer than the scene" in notes[0]


def test_a_scene_with_sound_of_its_own_is_not_spoken_over(tmp_path: Path) -> None:
    plain = scene(tmp_path, "Plain", [(0.0, "abc")])
    voice = Tones()
    voice.speak("a", tmp_path / "tone.wav")
    with_sound = RenderedScene("Plain", tmp_path / "tone.wav", plain.manifest)
    assert speak_captions([with_sound], RATE, voice, tmp_path) == ([], [])
