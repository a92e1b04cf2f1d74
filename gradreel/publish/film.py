"""One MP4 of a lecture: cards and scenes, chapters, captions, a poster, a list for YouTube.

film = make(built_in(), Profile.of("h"), Path("media"))
film.video, film.notes
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import srt

from deltarender.atomic_files import dir_lock, ensure_writable, scratch_folder
from deltarender.encoding import subtitles
from deltarender.owned_files import ASIDE, Content, Rule, check_file, put
from gradreel.errors import UsageError
from gradreel.lecture_settings import LectureSettings
from gradreel.publish import earlier
from gradreel.publish.chapters import faults, youtube
from gradreel.publish.lecture_file import Lecture, LecturePart
from gradreel.publish.mp4_subtitles import switch_off_subtitles
from gradreel.publish.mux_film import ChapterMark, Cue, join
from gradreel.publish.rendered_scenes import RenderedScene, job_of, rendered

BESIDE = (".png", ".srt", ".vtt", ".chapters.txt")
CARD = Path(__file__).with_name("title_card.py")


@dataclass(frozen=True, slots=True)
class Film:
    """The files of a film; `notes` are things the user should know."""

    video: Path
    files: tuple[Path, ...]
    marks: tuple[ChapterMark, ...]
    seconds: float
    notes: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """For `film --json`."""
        return {
            "path": str(self.video),
            "files": [str(path) for path in self.files],
            "chapters": [{"start": m.start, "end": m.end, "title": m.title} for m in self.marks],
            "seconds": self.seconds,
            "notes": list(self.notes),
        }


@dataclass(slots=True)
class _Piece:
    """A card or a scene of the film; a card has no title of its own."""

    part: LecturePart
    title: str = ""
    card: bool = False
    shot: RenderedScene | None = field(default=None)


def build_film(
    lecture: Lecture,
    profile: LectureSettings,
    media: Path,
    *,
    cards: bool = True,
    target: Path | None = None,
    force: bool = False,
    options: Any = None,
    listen: Any = None,
) -> Film:
    """Render what is missing and write the film and what belongs to it.

    A `target` that is not ours is replaced with `force` only, files beside it never. Raises
    UsageError for a profile that is no MP4 and for a target, RenderError for scenes that fail.
    """
    if not profile.fast_path:
        raise UsageError("a film is an MP4 with a background.", hint="Leave out --format.")
    rule = ASIDE
    if target is not None:
        # Before anything is rendered: nobody waits minutes for a refusal.
        rule = Rule(force=frozenset({target} if force else ()), known=earlier.Film(target).made)
        check_file(target, (".mp4",), rule, [target.stem + ending for ending in BESIDE])
    pieces = list(_pieces(lecture, cards))
    # Cards have a folder of their own: they are no scenes that anybody would look for.
    homes = [media / "cards" if piece.card else media for piece in pieces]
    jobs = [job_of(p.part, profile, home) for p, home in zip(pieces, homes, strict=True)]
    for piece, shot in zip(pieces, rendered(jobs, options, listen), strict=True):
        piece.shot = shot
    target = target or media / f"{slug(lecture.title)}-{profile.name}.mp4"
    return _write(pieces, lecture.title, target, rule, drawn=profile.captions)


def _pieces(lecture: Lecture, cards: bool) -> Sequence[_Piece]:
    many = len(lecture.parts) > 1
    pieces = [_card(lecture.title, lecture.subtitle)] if cards and many else []
    for number, chapter in enumerate(lecture.chapters, 1):
        if cards and chapter.title and len(lecture.chapters) > 1:
            pieces.append(_card(chapter.title, f"Part {number}"))
        pieces += [_Piece(part, part.title) for part in chapter.parts]
    return pieces


def _card(heading: str, beneath: str) -> _Piece:
    params = (("heading", heading), ("beneath", beneath))
    return _Piece(LecturePart(CARD, "TitleCard", "TitleCard", params), card=True)


def _write(pieces: Sequence[_Piece], title: str, target: Path, rule: Rule, *, drawn: bool) -> Film:
    shots = [piece.shot for piece in pieces if piece.shot is not None]
    rate = Fraction(shots[0].fps).limit_denominator(1001)
    marks, lines = _marks(pieces, rate), _lines(shots, rate)
    seconds = float(sum(shot.frames for shot in shots) / rate)
    ensure_writable(target.parent)
    with scratch_folder(target.parent / ".scratch") as folder:
        video = folder / target.name
        videos = [(shot.video, shot.frames) for shot in shots]
        join(videos, rate, video, marks=marks, lines=lines, title=title)
        if drawn and lines:
            switch_off_subtitles(video)
        poster = folder / "poster.png"
        _poster(shots[0], poster)
        texts, notes = _beside(target, marks, lines, seconds)
        files: dict[str, Content] = {target.name: video, target.stem + ".png": poster, **texts}
        with dir_lock(target.parent / ".scratch"):
            kept = put(target.parent, files, rule)
    notes += tuple(f"{path} was not rendered here, and was given this name." for path in kept)
    paths = tuple(target.with_name(name) for name in files)
    return Film(target, paths, tuple(marks), seconds, notes)


def _marks(pieces: Sequence[_Piece], rate: Fraction) -> list[ChapterMark]:
    """A chapter for each scene; the cards before a scene belong to it."""
    marks: list[ChapterMark] = []
    begun = frames = 0
    for piece in pieces:
        assert piece.shot is not None
        frames += piece.shot.frames
        if not piece.card:
            title = piece.title or piece.shot.title
            marks.append(ChapterMark(float(begun / rate), float(frames / rate), title))
            begun = frames
    return marks


def _lines(shots: Sequence[RenderedScene], rate: Fraction) -> list[Cue]:
    lines, frames = [], 0
    for shot in shots:
        start = float(frames / rate)
        lines += [Cue(start + c["start"], start + c["end"], c["text"]) for c in shot.captions]
        frames += shot.frames
    return lines


def _poster(shot: RenderedScene, target: Path) -> None:
    """The fullest picture that begins the film: the middle of its card, or its first beat's end."""
    card = shot.manifest.get("scene") == "TitleCard"
    moment = shot.seconds / 2 if card else float(shot.beats[-1]["end"]) - 1 / shot.fps
    picture_at(shot.video, moment).save(target)


def picture_at(video: Path, moment: float) -> Any:
    """The frame shown at `moment` seconds as a Pillow image."""
    with av.open(str(video)) as source:
        stream = source.streams.video[0]
        base = stream.time_base or Fraction(1, 1000)
        source.seek(max(int(moment / base), 0), stream=stream)
        last: Any = None
        for frame in source.decode(stream):
            if last is not None and frame.time is not None and frame.time > moment + 1e-6:
                break
            last = frame
        assert last is not None
        return last.to_image()


def _beside(
    target: Path, marks: Sequence[ChapterMark], lines: Sequence[Cue], seconds: float
) -> tuple[dict[str, str], tuple[str, ...]]:
    """The texts beside a film by their names, and what is wrong with the chapters."""
    captions = [
        srt.Subtitle(k, timedelta(seconds=line.start), timedelta(seconds=line.end), line.text)
        for k, line in enumerate(lines, 1)
    ]
    text = youtube(marks)
    wrong = faults(text, seconds)
    texts = {
        target.stem + ".srt": subtitles.as_srt(captions),
        target.stem + ".vtt": subtitles.as_vtt(captions),
        target.stem + ".chapters.txt": text,
    }
    place = target.with_name(target.stem + ".chapters.txt")
    return texts, tuple(f"{place}: {fault}." for fault in wrong)


def slug(title: str) -> str:
    """A title as a file's name: `Autograd-Basics`."""
    return re.sub(r"[^\w.-]+", "-", title).strip("-.") or "film"
