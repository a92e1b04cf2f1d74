"""One MP4 of a lecture: title cards and scenes, chapters, captions, poster, YouTube chapter list.

film = build_film(builtin_lecture(), LectureSettings.of("h"), Path("media"))
film.video, film.notes
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import srt

from deltarender.atomic_files import dir_lock, ensure_writable, scratch_folder
from deltarender.encoding import subtitles
from deltarender.owned_files import ASIDE, Content, Rule, check_file, put, remove_owned
from gradreel.catalog import syllabus_scenes
from gradreel.errors import UsageError
from gradreel.lecture_settings import LectureSettings
from gradreel.narrate.voices import installed_voice, load_voice
from gradreel.publish.audio_mix import mix_audio
from gradreel.publish.chapters import youtube_chapters, youtube_problems
from gradreel.publish.lecture_file import Lecture, LecturePart
from gradreel.publish.legacy_outputs import LegacyFilm
from gradreel.publish.mux_film import ChapterMark, Cue, mux_film
from gradreel.publish.rendered_scenes import RenderedScene, job_for_part, render_scenes
from gradreel.publish.still_clips import as_video
from gradreel.publish.subcaption_speech import SpokenCaption, speak_captions
from gradreel.publish.subtitle_track_flags import disable_subtitle_tracks
from gradreel.publish.video_frames import frame_at
from gradreel.translate.catalogue import catalogue_at, three_letter_code
from gradreel.translate.scene_texts import untranslated_notes

if TYPE_CHECKING:
    from deltarender.batch import BatchOptions
    from deltarender.events import BatchListener

CAPTION_FILES = (".srt", ".vtt")
# Players show a caption file that lies beside a film. Those of a film on whose picture the captions
# are drawn lie in this folder, so that nobody sees them twice.
CAPTIONS_FOLDER = "captions"
CARD_FILE = Path(__file__).with_name("title_card.py")


@dataclass(frozen=True, slots=True)
class Film:
    """The files of a film and its chapters; `notes` are messages for the user."""

    video: Path
    files: tuple[Path, ...]
    marks: tuple[ChapterMark, ...]
    seconds: float
    notes: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The JSON document of `film --json`."""
        return {
            "path": str(self.video),
            "files": [str(path) for path in self.files],
            "chapters": [{"start": m.start, "end": m.end, "title": m.title} for m in self.marks],
            "seconds": self.seconds,
            "notes": list(self.notes),
        }


@dataclass(slots=True)
class _FilmItem:
    """A title card or a scene of the film; `scene` is set once it is rendered."""

    part: LecturePart
    title: str = ""
    is_card: bool = False
    scene: RenderedScene | None = field(default=None)


def build_film(
    lecture: Lecture,
    profile: LectureSettings,
    media: Path,
    *,
    cards: bool = True,
    target: Path | None = None,
    force: bool = False,
    options: BatchOptions | None = None,
    listen: BatchListener | None = None,
) -> Film:
    """Render what is missing or stale, and write the film and the files beside it.

    A `target` that this program did not write is replaced only with `force`; files beside it that
    it did not write are never replaced. Raises UsageError for a target or a format that cannot be
    written, RenderError for scenes that fail.
    """
    if not profile.fast_path:
        raise UsageError("a film is an MP4 with a background.", hint="Leave out --format.")
    rule = ASIDE
    if target is not None:
        # Checked before rendering, so that a refusal does not come minutes later.
        rule = Rule(force=frozenset({target} if force else ()), known=LegacyFilm(target).owns)
        beside = [".png", ".chapters.txt", *CAPTION_FILES]
        check_file(target, (".mp4",), rule, [_side_name(target, e, profile) for e in beside])
    items = list(_film_items(lecture, cards))
    # Cards get a folder of their own, so that they are not listed among the scenes.
    folders = [media / "cards" if item.is_card else media for item in items]
    jobs = [job_for_part(i.part, profile, home) for i, home in zip(items, folders, strict=True)]
    for item, scene in zip(items, render_scenes(jobs, options, listen), strict=True):
        item.scene = scene
    target = target or media / f"{file_stem(lecture.title)}-{film_variant(profile)}.mp4"
    title = catalogue_at(profile.language).sentence(lecture.title)
    return _write_film(items, title, target, rule, profile, media)


def film_variant(profile: LectureSettings) -> str:
    """Size, rate and theme of a film, and in what it differs from the usual one.

    Usual is the best installed voice, and captions that are not drawn: `1080p60`. Without a voice
    they are drawn: `1080p60-silent`.
    """
    parts = [replace(profile, captions=True, voice="").name]
    voice = profile.voice.partition("@")[0]
    if not voice:
        parts.append("silent")
    elif voice.partition(":")[0] != installed_voice():
        parts.append(file_stem(voice))
    if profile.captions == bool(voice):
        parts.append("captions" if voice else "plain")
    return "-".join(parts)


def _side_name(target: Path, ending: str, profile: LectureSettings) -> str:
    """The name of a file that belongs to the film `target`, relative to its folder."""
    name = target.stem + ending
    return f"{CAPTIONS_FOLDER}/{name}" if ending in CAPTION_FILES and profile.captions else name


def _film_items(lecture: Lecture, cards: bool) -> Sequence[_FilmItem]:
    several = len(lecture.parts) > 1
    items = [_title_card(lecture.title, beneath=lecture.subtitle)] if cards and several else []
    before = ""
    for number, chapter in enumerate(lecture.chapters, 1):
        if cards and chapter.title and len(lecture.chapters) > 1:
            after = _joinable_name(chapter.parts[0])
            texts = {"number": str(number), "says": chapter.says, "before": before, "after": after}
            items.append(_title_card(chapter.title, **texts))
        items += [_FilmItem(part, part.title) for part in chapter.parts]
        before = _joinable_name(chapter.parts[-1])
    return items


def _joinable_name(part: LecturePart) -> str:
    """The name of a scene of the built-in lecture with its own parameters, "" for any other.

    What scenes share with their neighbours is drawn for these parameters.
    """
    entries = () if part.params else syllabus_scenes()
    file = part.file.resolve()
    return next((e.name for e in entries if (e.cls, e.file.resolve()) == (part.cls, file)), "")


def _title_card(heading: str, **texts: str) -> _FilmItem:
    params = (("heading", heading), *((name, text) for name, text in texts.items() if text))
    return _FilmItem(LecturePart(CARD_FILE, "TitleCard", "TitleCard", params), is_card=True)


def _write_film(
    items: Sequence[_FilmItem], title: str, target: Path, rule: Rule, profile: LectureSettings,
    media: Path,
) -> Film:  # fmt: skip
    ensure_writable(target.parent)
    with scratch_folder(target.parent / ".scratch") as folder:
        for number, item in enumerate(items):
            assert item.scene is not None
            item.scene = as_video(item.scene, folder / f"still-{number}.mp4", profile.encode)
        scenes = [item.scene for item in items if item.scene is not None]
        rate = Fraction(scenes[0].fps).limit_denominator(1001)
        marks, cues = _chapter_marks(items, rate), _film_cues(scenes, rate)
        seconds = float(sum(scene.frames for scene in scenes) / rate)
        video = folder / target.name
        videos = [(scene.video, scene.frames) for scene in scenes]
        spoken, speech_notes = _spoken_captions(scenes, rate, profile, media)
        audio = mix_audio(videos, rate, spoken)
        mux_film(videos, rate, video, marks=marks, cues=cues, title=title, audio=audio,
            language=three_letter_code(profile.language),
        )  # fmt: skip
        if cues and (profile.captions or profile.voice):
            disable_subtitle_tracks(video)
        poster = folder / "poster.png"
        _write_poster(scenes[0], poster)
        texts, notes = _side_texts(target, marks, cues, seconds, profile)
        files: dict[str, Content] = {target.name: video, target.stem + ".png": poster, **texts}
        with dir_lock(target.parent / ".scratch"):
            kept = put(target.parent, files, rule)
            earlier = {target.stem + ending for ending in CAPTION_FILES}
            remove_owned(target.parent, earlier - files.keys(), rule)
    notes += (
        *untranslated_notes((scene.manifest for scene in scenes), profile.language),
        *speech_notes,
        *(f"{path} was not rendered here, and was given this name." for path in kept),
    )
    paths = tuple(target.parent / name for name in files)
    return Film(target, paths, tuple(marks), seconds, notes)


def _spoken_captions(
    scenes: Sequence[RenderedScene], rate: Fraction, profile: LectureSettings, media: Path
) -> tuple[list[SpokenCaption], list[str]]:
    if not profile.voice:
        return [], []
    return speak_captions(scenes, rate, load_voice(profile.voice), media / ".cache" / "speech")


def _chapter_marks(items: Sequence[_FilmItem], rate: Fraction) -> list[ChapterMark]:
    """One chapter per scene; the cards before a scene belong to its chapter."""
    marks: list[ChapterMark] = []
    first_frame = frames = 0
    for item in items:
        assert item.scene is not None
        frames += item.scene.frames
        if not item.is_card:
            title = item.title or item.scene.title
            marks.append(ChapterMark(float(first_frame / rate), float(frames / rate), title))
            first_frame = frames
    return marks


def _film_cues(scenes: Sequence[RenderedScene], rate: Fraction) -> list[Cue]:
    """The captions of all scenes, with times counted from the start of the film."""
    cues, frames = [], 0
    for scene in scenes:
        start = float(frames / rate)
        cues += [Cue(start + c["start"], start + c["end"], c["text"]) for c in scene.captions]
        frames += scene.frames
    return cues


def _write_poster(scene: RenderedScene, target: Path) -> None:
    """Write a frame with much on it: the middle of a title card, or the end of a scene."""
    is_card = scene.manifest.get("scene") == "TitleCard"
    seconds = scene.seconds / 2 if is_card else float(scene.beats[-1]["end"]) - 1 / scene.fps
    frame_at(scene.video, seconds).save(target)


def _side_texts(
    target: Path,
    marks: Sequence[ChapterMark],
    cues: Sequence[Cue],
    seconds: float,
    profile: LectureSettings,
) -> tuple[dict[str, str], tuple[str, ...]]:
    """The text files beside a film by name, and notes on chapters that YouTube would refuse."""
    captions = [
        srt.Subtitle(k, timedelta(seconds=cue.start), timedelta(seconds=cue.end), cue.text)
        for k, cue in enumerate(cues, 1)
    ]
    chapter_list = youtube_chapters(marks)
    chapter_path = target.with_name(target.stem + ".chapters.txt")
    texts = {
        _side_name(target, ".srt", profile): subtitles.as_srt(captions),
        _side_name(target, ".vtt", profile): subtitles.as_vtt(captions),
        chapter_path.name: chapter_list,
    }
    problems = youtube_problems(chapter_list, seconds)
    return texts, tuple(f"{chapter_path}: {problem}." for problem in problems)


def file_stem(title: str) -> str:
    """A title as a file name without an ending: `Autograd-Basics`."""
    return re.sub(r"[^\w.-]+", "-", title).strip("-.") or "film"
