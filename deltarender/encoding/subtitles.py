"""Subtitles as SubRip (.srt) and WebVTT (.vtt) documents, from the captions of a scene's beats."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

import srt

Captions = list[srt.Subtitle]


def from_beats(beats: Iterable[Mapping[str, Any]]) -> Captions:
    """One caption for each beat of a manifest that has text ("say"); times are in seconds."""
    with_text = [beat for beat in beats if beat["say"].strip() and beat["end"] > beat["start"]]
    return [
        srt.Subtitle(
            index, timedelta(seconds=beat["start"]), timedelta(seconds=beat["end"]), beat["say"]
        )
        for index, beat in enumerate(with_text, 1)
    ]


def as_srt(captions: Captions) -> str:
    """The captions as a SubRip document."""
    return str(srt.compose(captions))


def as_vtt(captions: Captions) -> str:
    """The captions as a WebVTT document."""
    parts = ["WEBVTT\n"]
    for caption in captions:
        start, end = (_format_time(time) for time in (caption.start, caption.end))
        # A blank line would end the cue; markup characters would be read as markup.
        text = "\n".join(line for line in caption.content.splitlines() if line.strip())
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
