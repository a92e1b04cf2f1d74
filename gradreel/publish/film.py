"""The film of a lecture: its scenes joined, with chapters and subtitles."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import srt

from gradreel.publish.join import Chapter, join
from gradreel.rendering.files import move_whole, ready, scratch, write_whole

YOUTUBE_LEAST_CHAPTERS = 3
YOUTUBE_LEAST_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Film:
    """A film on disk and its chapters."""

    path: Path
    chapters: list[Chapter]


def make(manifests: Sequence[Path], target: Path) -> Film:
    """Join the scenes of these manifests into `target`; its .srt, .vtt and chapters beside it."""
    scenes = [json.loads(path.read_text(encoding="utf-8")) for path in manifests]
    videos = [
        path.parent / scene["video"] for path, scene in zip(manifests, scenes, strict=True)
    ]
    ready(target.parent)
    with scratch(target.parent / ".scratch") as folder:
        draft = folder / target.name
        chapters = join(videos, draft, [scene["claim"] for scene in scenes])
        move_whole(draft, target)
    subtitles = _subtitles(scenes, chapters)
    write_whole(target.with_suffix(".srt"), srt.compose(subtitles))
    write_whole(target.with_suffix(".vtt"), _vtt(subtitles))
    write_whole(target.with_suffix(".chapters.txt"), youtube(chapters))
    return Film(target, chapters)


def _subtitles(scenes: list[dict[str, Any]], chapters: list[Chapter]) -> list[srt.Subtitle]:
    rows = [
        (chapter.start + beat["start"], chapter.start + beat["end"], beat["say"])
        for scene, chapter in zip(scenes, chapters, strict=True)
        for beat in scene["beats"]
        if beat["say"]
    ]
    return [
        srt.Subtitle(number, timedelta(seconds=start), timedelta(seconds=end), say)
        for number, (start, end, say) in enumerate(rows, start=1)
    ]


def _vtt(subtitles: list[srt.Subtitle]) -> str:
    cues = [
        f"{_clock(s.start)} --> {_clock(s.end)}\n{s.content}" for s in subtitles
    ]
    return "WEBVTT\n\n" + "\n\n".join(cues) + "\n"


def _clock(moment: timedelta) -> str:
    text: str = srt.timedelta_to_srt_timestamp(moment)
    return text.replace(",", ".")


def youtube(chapters: Sequence[Chapter]) -> str:
    """The chapters as YouTube reads them from a description.

    Its rules: the first at 0:00, at least three, each at least 10 s. Chapters too short are taken
    into the one before.
    """
    kept: list[Chapter] = []
    for chapter in chapters:
        if kept and chapter.end - chapter.start < YOUTUBE_LEAST_SECONDS:
            kept[-1] = Chapter(kept[-1].title, kept[-1].start, chapter.end)
        else:
            kept.append(chapter)
    lines = [f"{_minutes(chapter.start)} {chapter.title}" for chapter in kept]
    if len(kept) < YOUTUBE_LEAST_CHAPTERS:
        lines.append(f"(YouTube shows chapters from {YOUTUBE_LEAST_CHAPTERS} on.)")
    return "\n".join(lines) + "\n"


def _minutes(seconds: float) -> str:
    hours, rest = divmod(int(seconds), 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"
