"""Captions as SubRip and WebVTT, from the beats of a scene or from Manim's own subcaptions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

import srt

Captions = list[srt.Subtitle]


def from_beats(beats: Iterable[Mapping[str, Any]]) -> Captions:
    """One caption for each beat that says something; times are seconds."""
    spoken = [beat for beat in beats if beat["say"].strip() and beat["end"] > beat["start"]]
    return [
        srt.Subtitle(
            index, timedelta(seconds=beat["start"]), timedelta(seconds=beat["end"]), beat["say"]
        )
        for index, beat in enumerate(spoken, 1)
    ]


def as_srt(captions: Captions) -> str:
    """The captions as a SubRip document."""
    return str(srt.compose(captions))


def as_vtt(captions: Captions) -> str:
    """The captions as a WebVTT document."""
    parts = ["WEBVTT\n"]
    for caption in captions:
        start, end = (_clock(moment) for moment in (caption.start, caption.end))
        # A blank line would end the cue; markup characters would be read as markup.
        words = "\n".join(line for line in caption.content.splitlines() if line.strip())
        for raw, safe in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
            words = words.replace(raw, safe)
        parts.append(f"{start} --> {end}\n{words}\n")
    return "\n".join(parts)


def _clock(moment: timedelta) -> str:
    milliseconds = round(moment.total_seconds() * 1000)
    seconds, milliseconds = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}.{milliseconds:03}"
