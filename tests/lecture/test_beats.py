"""Beats: sentences and when they are said, plays tied to them, pauses after questions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from manim import Square, tempconfig

from gradreel.draw.caption import split_sentences
from gradreel.errors import GradreelError, UsageError
from gradreel.lecture import LectureScene
from gradreel.narrate import timed_sentences
from gradreel.narrate.voices import Speech
from gradreel.tape import Quantity
from gradreel.theme import Timing

FPS = 15
BREATH = Timing.breath
NINETY = "x" * 89 + "."  # six seconds to read
THIRTY = "y" * 29 + "?"  # two


class Scene(LectureScene):
    """A claim."""

    beats_to_play: Any = None

    def construct(self) -> None:
        self.sounds: list[tuple[float, str]] = []
        self.square = Square()
        self.add(self.square)
        type(self).beats_to_play(self)

    def add_sound(self, file: str, time_offset: float = 0, *_: Any, **__: Any) -> None:
        self.sounds.append((self.time + time_offset, file))

    def shift(self, **options: Any) -> float:
        """Play something; returns when it began, after `options` with a run_time or without."""
        began = self.time
        self.play(self.square.animate.shift(1), **options)
        return float(began)


def played(beats, monkeypatch, seconds_per_word: float = 0.0) -> Scene:
    """A scene of `beats`, a function; spoken, if a word takes some seconds."""
    if seconds_per_word:
        monkeypatch.setattr(timed_sentences, "voice_from_environment", object)
        monkeypatch.setattr(
            timed_sentences,
            "synthesize",
            lambda _, text, __: Speech(Path(text), len(text.split()) * seconds_per_word),
        )
    kind = type("Scene", (Scene,), {"beats_to_play": beats})
    with tempconfig({"quality": "low_quality", "disable_caching": True}):
        scene = kind(skip_animations=True)
        scene.setup()
        scene.construct()
    return scene


def times(scene: Scene, beat: int = 0) -> list[tuple[str, float, float]]:
    return [
        (row["text"], pytest.approx(row["start"], abs=0.05), pytest.approx(row["end"], abs=0.05))
        for row in scene.manifest()["beats"][beat]["sentences"]
    ]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two? Three!", ("One.", "Two?", "Three!")),
        ("It is 2.5. The next one.", ("It is 2.5.", "The next one.")),
        ("... and on. Then", ("... and on.", "Then")),
        ("x moves ... y too", ("x moves ... y too",)),
        ("Call x.grad, e.g. here. Or i.e. there", ("Call x.grad, e.g. here.", "Or i.e. there")),
        ("“Why?” he asks. {slope}. So", ("“Why?”", "he asks.", "{slope}.", "So")),
        ("", ()),
    ],
)
def test_sentences_are_found(text, sentences):
    assert split_sentences(text) == sentences


def test_a_silent_beat_is_as_long_as_its_sentences_take_to_read(monkeypatch):
    def beats(scene: Scene) -> None:
        with scene.beat("one", f"{NINETY} {NINETY[::-1]}"):
            scene.shift()

    scene = played(beats, monkeypatch)
    (beat,) = scene.manifest()["beats"]
    assert beat["say"] == f"{NINETY} {NINETY[::-1]}"  # ".xxx" begins no sentence of its own
    assert beat["end"] == pytest.approx(181 / 15, abs=0.1)
    assert scene.beats[0].hold == pytest.approx(0.8, abs=0.1)


def test_a_spoken_beat_lasts_as_long_as_its_speech(monkeypatch):
    def beats(scene: Scene) -> None:
        with scene.beat("one", "One two three four. Five six."):
            scene.shift()
        with scene.beat("silent"):
            scene.shift()
        with scene.beat("late", "A b c d."):
            scene.shift(run_time=5)

    scene = played(beats, monkeypatch, 0.5)
    assert times(scene) == [
        ("One two three four.", BREATH, BREATH + 2.0),
        ("Five six.", 2 * BREATH + 2.0, 2 * BREATH + 3.0),
    ]
    first, silent, late = scene.manifest()["beats"]
    assert first["end"] == pytest.approx(3.0 + 3 * BREATH, abs=0.07)
    assert silent["sentences"] == []
    assert silent["end"] - silent["start"] == pytest.approx(2.0, abs=0.07)
    assert late["end"] - late["start"] == pytest.approx(5.4, abs=0.07)
    assert [(pytest.approx(at, abs=0.1), text) for at, text in scene.sounds] == [
        (BREATH, "One two three four."), (2.0 + 2 * BREATH, "Five six."),
        (late["start"] + BREATH, "A b c d."),
    ]  # fmt: skip


@pytest.mark.parametrize("seconds_per_word", [0.0, 0.5])
def test_a_play_after_next_begins_with_its_sentence(monkeypatch, seconds_per_word):
    began: list[float] = []

    def beats(scene: Scene) -> None:
        with scene.beat(
            "two", "x" * 89 + " x x x x x.", "Now it moves by {n}.", n=Quantity(7, "t")
        ) as b:
            scene.shift(run_time=1)
            b.next()
            began.append(scene.shift())
            with pytest.raises(UsageError, match="no further sentence"):
                b.next()

    scene = played(beats, monkeypatch, seconds_per_word)
    (beat,) = scene.manifest()["beats"]
    assert [row["text"] for row in beat["sentences"]][-1] == "Now it moves by 7."
    lead = BREATH if seconds_per_word else 0.0
    assert beat["sentences"][-1]["start"] == pytest.approx(began[0] + lead, abs=0.07)
    spoken = 6 * 0.5 + 2 * BREATH
    assert began[0] == pytest.approx(spoken if seconds_per_word else 100 / 15, abs=0.1)
    # The play fills the second sentence but for the rest at its end.
    length = 5 * 0.5 + 2 * BREATH if seconds_per_word else 2.0
    assert beat["end"] - began[0] == pytest.approx(length, abs=0.1)
    assert beat["numbers"][-1]["text"] == "7"


def test_what_no_play_begins_is_said_after_the_last_one(monkeypatch):
    def beats(scene: Scene) -> None:
        with scene.beat("two", "One two.", "Three four.", "Five."):
            scene.shift(run_time=4)

    scene = played(beats, monkeypatch, 0.5)
    starts = [row["start"] for row in scene.manifest()["beats"][0]["sentences"]]
    assert starts == pytest.approx([BREATH, 4 + BREATH, 5 + 3 * BREATH], abs=0.1)


@pytest.mark.parametrize(("seconds_per_word", "silence"), [(0.0, 2.0), (0.5, 2.0)])
def test_two_seconds_of_silence_follow_a_question(monkeypatch, seconds_per_word, silence):
    def beats(scene: Scene) -> None:
        with scene.beat("asks", THIRTY):
            scene.shift()
        with scene.beat("asks and goes on", "Why is it so? Nobody knows.", THIRTY, "End.") as b:
            scene.shift()
            b.next()
            scene.shift()

    scene = played(beats, monkeypatch, seconds_per_word)
    asks, on = scene.manifest()["beats"]
    if seconds_per_word:
        assert asks["end"] - asks["sentences"][0]["end"] == pytest.approx(silence, abs=0.07)
        why, nobody, thirty, end = on["sentences"]
        assert nobody["start"] - why["end"] == pytest.approx(silence, abs=0.07)
        assert end["start"] - thirty["end"] == pytest.approx(silence + BREATH, abs=0.07)
    else:
        # The play ends 0.8 s before the time to read is over.
        assert scene.beats[0].hold == pytest.approx(silence, abs=0.07)


def two_beats(scene: Scene) -> None:
    for name in ("one", "At two"):
        with scene.beat(name, "It is {x}.", "And on.", x=Quantity(3.0, "input")):
            scene.shift()


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ({"one": ["Three, {x}.", "On."]}, ["Three, 3. On.", "It is 3. And on."]),
        ({"at-two": ["A.", "B."]}, ["It is 3. And on.", "A. B."]),
    ],
)
def test_a_lecture_file_replaces_captions_of_beats(monkeypatch, texts, said):
    monkeypatch.setenv("GRADREEL_CAPTION_TEXTS", json.dumps(texts))
    assert [row["say"] for row in played(two_beats, monkeypatch).manifest()["beats"]] == said


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        ({"one": ["Three."]}, "has 2 passages, and 1 texts"),
        ({"three": ["A.", "B."]}, "no beat is called 'three'"),
        ({"one": ["A.", "{y}"]}, "no value for y"),
    ],
)
def test_a_caption_that_does_not_fit_is_an_error(monkeypatch, texts, words):
    monkeypatch.setenv("GRADREEL_CAPTION_TEXTS", json.dumps(texts))
    with pytest.raises(GradreelError, match=words):
        played(two_beats, monkeypatch).manifest()
