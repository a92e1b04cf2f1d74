"""Subtitles as SubRip (.srt) and WebVTT (.vtt) documents, from the captions of a scene.

Captions come in any order, may overlap, and may reach beyond the video. `arrange` makes of them
what every format can hold: cues in order, none inside another, all within the video. Subtitle
files, the subtitle track of a film, its speech, and the notes of a deck are all made from these.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any

import srt

Captions = list[srt.Subtitle]
TimedText = tuple[float, float, str]  # start and end in seconds, and text


def from_beats(beats: Iterable[Mapping[str, Any]]) -> list[TimedText]:
    """One caption for each sentence of a manifest's beats; times are in seconds.

    A caption stays until the next one of its beat, or until the end of the beat. A beat without
    "sentences" has one caption, its text ("say").
    """
    return [row for beat in beats for row in _captions_of(beat)]


def arrange(captions: Iterable[TimedText], seconds: float) -> Captions:
    """Captions as cues of a video of `seconds`: sorted, clipped, and without overlaps.

    Where captions overlap, a cue shows all of them, the one that began first on top. Captions
    without text, and those that would be shown for less than a millisecond, are left out.
    """
    limit = round(seconds * 1000)
    clipped = [
        (max(round(start * 1000), 0), min(round(end * 1000), limit), _one_cue(text))
        for start, end, text in captions
    ]
    shown = sorted((c for c in clipped if c[2] and c[1] > c[0]), key=lambda caption: caption[0])
    bounds = sorted({time for start, end, _ in shown for time in (start, end)})
    cues: Captions = []
    before: set[int] = set()
    for start, end in zip(bounds, bounds[1:], strict=False):
        now = [k for k, caption in enumerate(shown) if caption[0] <= start and end <= caption[1]]
        text = _one_cue("\n".join(dict.fromkeys(shown[k][2] for k in now)))
        if cues and text == cues[-1].content and before & set(now):
            cues[-1].end = timedelta(milliseconds=end)
        elif text:
            times = (timedelta(milliseconds=time) for time in (start, end))
            cues.append(srt.Subtitle(len(cues) + 1, *times, text))
        before = set(now)
    return cues


def _captions_of(beat: Mapping[str, Any]) -> Iterator[TimedText]:
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
