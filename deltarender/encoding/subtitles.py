"""Subtitles as SubRip (.srt) and WebVTT (.vtt) documents, from the captions of a scene's beats."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any

import srt

Captions = list[srt.Subtitle]


def from_beats(beats: Iterable[Mapping[str, Any]]) -> Captions:
    """One caption for each sentence of a manifest's beats; times are in seconds.

    A caption stays until the next one of its beat, or until the end of the beat. A beat without
    "sentences" has one caption, its text ("say").
    """
    rows = [row for beat in beats for row in _captions_of(beat)]
    return [
        srt.Subtitle(index, timedelta(seconds=start), timedelta(seconds=end), _one_cue(text))
        for index, (start, end, text) in enumerate(rows, 1)
    ]


def _captions_of(beat: Mapping[str, Any]) -> Iterator[tuple[float, float, str]]:
    said = beat.get("sentences") or [{"start": beat["start"], "text": beat["say"]}]
    ends = [*(row["start"] for row in said[1:]), beat["end"]]
    for row, end in zip(said, ends, strict=True):
        if row["text"].strip() and end > row["start"]:
            yield row["start"], end, row["text"]


def _one_cue(text: str) -> str:
    """The text without what would end its cue or begin another.

    That is a blank line, an arrow, and in SubRip a line that is only a number.
    """
    lines = [line.replace("-->", "→") for line in text.splitlines() if line.strip()]
    has_number = any(line.strip().isdecimal() for line in lines)
    return (" " if has_number and len(lines) > 1 else "\n").join(lines)


def as_srt(captions: Captions) -> str:
    """The captions as a SubRip document."""
    return str(srt.compose(captions))


def as_vtt(captions: Captions) -> str:
    """The captions as a WebVTT document."""
    parts = ["WEBVTT\n"]
    for caption in captions:
        start, end = (_format_time(time) for time in (caption.start, caption.end))
        text = caption.content
        # Markup characters would be read as markup.
        for character, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
            text = text.replace(character, entity)
        parts.append(f"{start} --> {end}\n{text}\n")
    return "\n".join(parts)


def _format_time(time: timedelta) -> str:
    """A time as HH:MM:SS.mmm."""
    milliseconds = round(time.total_seconds() * 1000)
    seconds, milliseconds = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}.{milliseconds:03}"
