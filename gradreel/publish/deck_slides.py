"""The slides of a deck: one for each beat, with its clip and its last frame, and title cards.

slides = deck_slides(lecture, scenes, profile, folder, cards=True)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av

from deltarender.beat_names import find_beat
from gradreel.lecture_settings import LectureSettings
from gradreel.publish.beat_clips import cut_beats
from gradreel.publish.lecture_file import Lecture, LectureChapter, LecturePart
from gradreel.publish.rendered_scenes import RenderedScene
from gradreel.publish.script import PART
from gradreel.publish.video_frames import frame_at, jpeg_of
from gradreel.theme import PALETTES
from gradreel.translate.catalogue import catalogue_at

ROUNDING = 3  # by which a color of 0 to 255 may change when it is encoded


@dataclass(frozen=True, slots=True)
class CardSlide:
    """A slide of text: the title of the deck, or that of a chapter."""

    heading: str
    beneath: str
    background: str  # RRGGBB with a hash, as all colors here

    @property
    def label(self) -> str:
        """The name of the slide, for outlines and screen readers."""
        return self.heading


@dataclass(frozen=True, slots=True)
class BeatSlide:
    """A slide that plays a beat; `picture` is a JPEG of its last frame.

    That frame is shown at `last_frame_s`, in seconds of `clip`. `words` are said in it;
    `notes` are for the speaker only.
    """

    name: str
    scene: str  # the claim of its scene
    words: str
    clip: Path
    picture: Path
    last_frame_s: float
    size: tuple[int, int]
    background: str
    loop: bool
    has_sound: bool
    notes: str = ""

    @property
    def label(self) -> str:
        """The name of the slide, for outlines and screen readers."""
        return f"{self.scene}: {self.name}"

    @property
    def speaker_notes(self) -> str:
        """What the speaker sees: the words, then the notes."""
        return "\n".join(filter(None, (self.words, self.notes)))

    @property
    def alt(self) -> str:
        """What a viewer who cannot see the picture is told."""
        return self.words.replace("\n", " ").strip() or self.label


@dataclass(frozen=True, slots=True)
class ExplorerSlide:
    """A slide with the recorded page of a scene, to touch; it follows the scene's last beat."""

    scene: str  # the claim of its scene
    page: Path
    background: str

    @property
    def label(self) -> str:
        """The name of the slide, for outlines and screen readers."""
        return f"{self.scene}: to touch"


PrintedSlide = CardSlide | BeatSlide
Slide = PrintedSlide | ExplorerSlide


def deck_slides(
    lecture: Lecture, scenes: Sequence[RenderedScene], profile: LectureSettings, folder: Path,
    *, cards: bool, pages: Mapping[str, Path] | None = None,
) -> list[Slide]:  # fmt: skip
    """The slides of `lecture`, whose parts are rendered as `scenes`; files are put into `folder`.

    `pages` are recorded pages of scenes, by the stems of their videos.

    With `cards`, a deck of several chapters begins with its title, and each chapter with its own.
    """
    cards = cards and len(lecture.chapters) > 1
    remaining = iter(enumerate(scenes))
    slides: list[Slide] = list(_title_slides(lecture, profile)) if cards else []
    for number, chapter in enumerate(lecture.chapters, 1):
        if cards and chapter.title:
            slides.append(_chapter_slide(number, chapter, profile))
        for part in chapter.parts:
            index, scene = next(remaining)
            slides += _beat_slides(scene, part, folder / f"{index:03}", profile)
            if page := (pages or {}).get(scene.video.stem):
                background = PALETTES[profile.theme].background
                slides.append(ExplorerSlide(part.title or scene.title, page, background))
    return slides


def _title_slides(lecture: Lecture, profile: LectureSettings) -> Iterator[CardSlide]:
    sentence = catalogue_at(profile.language).sentence
    yield CardSlide(
        sentence(lecture.title), sentence(lecture.subtitle), PALETTES[profile.theme].background
    )


def _chapter_slide(number: int, chapter: LectureChapter, profile: LectureSettings) -> CardSlide:
    sentence = catalogue_at(profile.language).sentence
    part = sentence(PART).replace("{number}", str(number))
    beneath = sentence(chapter.says) or part
    return CardSlide(sentence(chapter.title), beneath, PALETTES[profile.theme].background)


def _beat_slides(
    scene: RenderedScene, part: LecturePart, folder: Path, profile: LectureSettings
) -> Iterator[BeatSlide]:
    folder.mkdir()
    title = part.title or scene.title
    notes = _notes_by_beat(part, [str(beat["name"]) for beat in scene.beats])
    background = _background_of(scene, profile)
    rows = zip(cut_beats(scene, folder), scene.beats, strict=True)
    for index, (clip, beat) in enumerate(rows):
        picture = clip.with_suffix(".jpg")
        seconds = float(beat["end"]) - float(beat["start"]) - 1 / scene.fps
        picture.write_bytes(jpeg_of(frame_at(clip, seconds)))
        yield BeatSlide(
            name_of(beat, profile.language), title, str(beat.get("say", "")).strip(), clip,
            picture, seconds, scene.size, background, bool(beat.get("loop")), _has_sound(clip),
            notes.get(index, ""),
        )  # fmt: skip


def _notes_by_beat(part: LecturePart, names: Sequence[str]) -> dict[int, str]:
    """The notes of a part by the index of their beat. Raises UsageError for an unknown beat."""
    found: dict[int, list[str]] = {}
    for beat, texts in part.notes:
        found.setdefault(find_beat(names, beat, part.name) if beat else 0, []).extend(texts)
    return {index: "\n".join(texts) for index, texts in found.items()}


def name_of(beat: Mapping[str, Any], language: str) -> str:
    """What outlines call a beat: its name, or in another language the first sentence said.

    Names of beats are identifiers in English, which no catalogue lists.
    """
    said = beat.get("sentences") or ()
    return str(said[0]["text"]).rstrip(".") if language and said else str(beat["name"])


def _background_of(scene: RenderedScene, profile: LectureSettings) -> str:
    """The color around a scene: that in the corner of its first frame."""
    theme = PALETTES[profile.theme].background
    pixel = frame_at(scene.video, 0.0).getpixel((0, 0))
    of_theme = bytes.fromhex(theme[1:])
    if all(abs(a - b) <= ROUNDING for a, b in zip(pixel, of_theme, strict=True)):
        return theme
    return (
        "#" + bytes(0 if c <= ROUNDING else 255 if c >= 255 - ROUNDING else c for c in pixel).hex()
    )


def _has_sound(clip: Path) -> bool:
    with av.open(str(clip)) as source:
        return bool(source.streams.audio)
