"""Title cards between two scenes: they begin and end with the pictures of their neighbours."""

from __future__ import annotations

import wave
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from manim import tempconfig

from deltarender.engine.manim_patches import PATCHES
from deltarender.engine.patching import applied
from gradreel.lecture_environment import VOICE_VARIABLE
from gradreel.narrate.timed_sentences import reading_time
from gradreel.publish.film import _film_items
from gradreel.publish.lecture_file import (
    Lecture,
    LectureChapter,
    LecturePart,
    builtin_lecture,
    read_lecture,
)
from gradreel.publish.title_card import TitleCard, shared_picture
from gradreel.scenes import SYLLABUS
from gradreel.theme import Timing


def played(before: str, after: str) -> tuple[TitleCard, list[np.ndarray]]:
    """A card between two scenes, played to its end, and the points on its stage at first."""
    seen: list[list[np.ndarray]] = []

    class Watched(TitleCard):
        def play(self, *animations: object, **kwargs: object) -> None:
            seen.append(points(self.mobjects))
            super().play(*animations, **kwargs)

    settings = {"quality": "low_quality", "disable_caching": True}
    with tempconfig(settings), applied(*PATCHES):
        texts = {"heading": "A title", "number": "2", "before": before, "after": after}
        card = Watched.with_params(texts)(skip_animations=True)
        card.construct()
    return card, seen[0]


def points(mobjects: list) -> list[np.ndarray]:
    return [part.points for mobject in mobjects for part in mobject.family_members_with_points()]


def assert_same(one: list[np.ndarray], other: list[np.ndarray]) -> None:
    assert len(one) == len(other)
    assert all(np.allclose(a, b) for a, b in zip(one, other, strict=True))


class Metronome:
    """A voice that takes a tenth of a second for each letter."""

    identity = "metronome@1"

    def speak(self, words: str, target: Path) -> None:
        with wave.open(str(target), "wb") as file:
            file.setparams((1, 2, 22050, 0, "NONE", ""))
            file.writeframes(b"\x00\x20\x00\xe0" * (len(words) * 2205 // 2))


def stands(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, says: str, voice: str = "") -> Any:
    """A card that says a sentence, and its sounds as (file, seconds)."""
    sounds: list[tuple[str, float]] = []

    class Heard(TitleCard):
        def add_sound(self, file: str, time_offset: float = 0, gain: float | None = None) -> None:
            sounds.append((file, time_offset))

    monkeypatch.setenv(VOICE_VARIABLE, voice)
    settings = {"disable_caching": True, "media_dir": str(tmp_path)}
    with tempconfig(settings), applied(*PATCHES):
        card = Heard.with_params({"heading": "Slopes", "number": "2", "says": says})(
            skip_animations=True
        )
        card.construct()
    return card, sounds


def test_a_card_stands_as_long_as_its_sentence_takes_to_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    plain, _ = stands(monkeypatch, tmp_path, "")
    says = "Now we take every slope that we have found, and walk along all of them."
    card, sounds = stands(monkeypatch, tmp_path, says)
    assert card.time == pytest.approx(plain.time - 1.9 + reading_time(says), abs=0.1)
    assert sounds == []
    (caption,) = card.renderer.file_writer.subcaptions
    assert caption.content == says
    assert caption.start.total_seconds() == pytest.approx(0.6)
    assert card.manifest()["labels"] == ["Slopes", "Part {number}", says]


def test_a_card_says_its_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    silent, _ = stands(monkeypatch, tmp_path, "Here we walk down the whole hill.")
    says = "Here we walk down the whole hill."
    card, ((file, start),) = stands(monkeypatch, tmp_path, says, f"{__file__}:Metronome")
    assert Path(file).is_file()
    assert start == pytest.approx(0.6 + Timing.breath)
    with wave.open(file) as speech:
        said = speech.getnframes() / speech.getframerate()
    assert card.time - 0.5 - start > said > 3
    assert card.time > silent.time


def test_the_sentences_of_the_lecture_are_on_its_cards() -> None:
    cards = [dict(i.part.params) for i in _film_items(builtin_lecture(), True) if i.is_card]
    assert [card["says"] for card in cards[1:]] == [chapter.says for chapter in SYLLABUS]
    assert all(chapter.says for chapter in SYLLABUS)


@pytest.mark.parametrize(
    ("before", "after"),
    [("TensorGraph", "Recap"), ("TensorGraph", "SecantToTangent"), ("", "Recap"),
     ("TensorGraph", ""), ("", "")],
)  # fmt: skip
def test_a_card_leads_from_one_picture_to_the_other(before: str, after: str) -> None:
    card, first = played(before, after)
    assert_same(first, points(shared_picture(before, "ends_with")))
    last = [m for m in card.mobjects if type(m).__name__ != "Rectangle"]
    if after:
        assert len(last) == len(card.mobjects)
    assert_same(points(last), points(shared_picture(after, "begins_with")))


def test_the_cards_of_the_lecture_know_both_neighbours() -> None:
    cards = [dict(i.part.params) for i in _film_items(builtin_lecture(), True) if i.is_card]
    for (earlier, later), card in zip(pairwise(SYLLABUS), cards[2:], strict=True):
        assert (card["before"], card["after"]) == (earlier.scenes[-1], later.scenes[0])


def test_scenes_with_parameters_and_scenes_of_ones_own_share_no_picture(tmp_path: Path) -> None:
    own = LecturePart(tmp_path / "own.py", "Recap", "Recap")
    (tmp_path / "l.toml").write_text(
        'title = "T"\nscenes = [{ scene = "Recap", params = { lr = 0.2 } }]\n'
    )
    (changed,) = read_lecture(tmp_path / "l.toml").parts
    chapters = tuple(LectureChapter(t, (p,)) for t, p in (("A", own), ("B", changed)))
    for item in _film_items(Lecture("T", chapters), True):
        assert not item.is_card or {"before", "after"}.isdisjoint(dict(item.part.params))
