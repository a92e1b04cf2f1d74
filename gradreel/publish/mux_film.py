"""Joins videos of one encoder into one MP4 without coding a frame anew."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from gradreel.errors import RenderError
from gradreel.publish.audio_mix import Mix, mix

MICRO = 1_000_000


@dataclass(frozen=True, slots=True)
class ChapterMark:
    """A chapter of the film: seconds and title."""

    start: float
    end: float
    title: str


@dataclass(frozen=True, slots=True)
class Cue:
    """A caption of the film: seconds and text."""

    start: float
    end: float
    text: str


def join(
    videos: Sequence[tuple[Path, int]],
    rate: Fraction,
    target: Path,
    *,
    marks: Sequence[ChapterMark] = (),
    lines: Sequence[Cue] = (),
    title: str = "",
) -> None:
    """Write `videos` (file, number of frames) one after the other to `target`.

    Chapters, a subtitle track and, where any video sounds, one track of sound are added.
    Raises RenderError for a video that another encoder or size makes impossible to join.
    """
    options = {"movflags": "faststart"}
    with av.open(str(target), "w", format="mp4", options=options) as out:
        out.metadata["title"] = title
        picture = _like(videos[0][0], out)
        words = _subtitle_stream(out) if lines else None
        sound = mix(videos, rate)
        tone = out.add_stream("aac", rate=sound.rate) if sound is not None else None
        if marks:
            out.set_chapters([_chapter(number, mark) for number, mark in enumerate(marks)])
        for packet in _pictures(videos, rate, picture):
            out.mux(packet)
        if words is not None:
            for packet in _subtitles(lines, words):
                out.mux(packet)
        if tone is not None and sound is not None:
            _sound(out, tone, sound)


def _like(video: Path, out: Any) -> Any:
    with av.open(str(video)) as source:
        return out.add_stream_from_template(source.streams.video[0])


def _pictures(videos: Sequence[tuple[Path, int]], rate: Fraction, stream: Any) -> Iterator[Any]:
    """The packets of all videos, moved to where each begins in the film."""
    offset = 0
    first: tuple[Any, ...] | None = None
    for path, frames in videos:
        with av.open(str(path)) as source:
            video = source.streams.video[0]
            kind = _kind(video)
            first = first or kind
            if kind != first:
                raise RenderError(
                    "it was not encoded like the others, so that it cannot be joined to them.",
                    where=str(path),
                    hint="Render all scenes of a film with the same options.",
                )
            for packet in source.demux(video):
                if packet.dts is None:
                    continue
                assert packet.pts is not None
                # Whole frames: clocks of different files would drift apart by rounding.
                step = 1 / (rate * (packet.time_base or Fraction(1, 1000)))
                packet.pts = round((packet.pts / step + offset) * step)
                packet.dts = round((packet.dts / step + offset) * step)
                packet.duration = round(step)
                packet.stream = stream
                yield packet
        offset += frames


def _kind(video: Any) -> tuple[Any, ...]:
    context = video.codec_context
    return (
        context.name, context.width, context.height, context.pix_fmt, context.extradata,
        video.average_rate, video.time_base,
    )  # fmt: skip


def _chapter(number: int, mark: ChapterMark) -> Any:
    return {
        "id": number,
        "start": round(mark.start * MICRO),
        "end": round(mark.end * MICRO),
        "time_base": Fraction(1, MICRO),
        "metadata": {"title": mark.title},
    }


def _subtitle_stream(out: Any) -> Any:
    stream = out.add_mux_stream("mov_text")
    stream.time_base = Fraction(1, 1000)
    stream.metadata["language"] = "eng"
    return stream


def _subtitles(lines: Sequence[Cue], stream: Any) -> Iterator[Any]:
    """MP4 timed text: each sample is a length in two bytes and UTF-8; an empty one clears."""
    shown = 0
    for line in lines:
        start, end = round(line.start * 1000), round(line.end * 1000)
        if start > shown:
            yield _sample("", shown, start, stream)
        yield _sample(line.text, start, end, stream)
        shown = end


def _sample(text: str, start: int, end: int, stream: Any) -> Any:
    raw = text.encode()
    packet = av.Packet(len(raw).to_bytes(2, "big") + raw)
    packet.pts = packet.dts = start
    packet.duration = end - start
    packet.time_base = Fraction(1, 1000)
    packet.stream = stream
    packet.is_keyframe = True
    return packet


def _sound(out: Any, stream: Any, sound: Mix) -> None:
    stream.bit_rate = 160_000
    for frame in sound.frames():
        out.mux(stream.encode(frame))
    out.mux(stream.encode(None))
