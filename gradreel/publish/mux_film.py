"""Concatenates videos of one encoder into one MP4 without re-encoding their pictures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from deltarender.encoding.h264_level import highest_level, set_level, without_level
from deltarender.encoding.soundtrack import add_aac_stream, audio_packets, in_order_of_time
from gradreel.errors import RenderError
from gradreel.publish.audio_mix import AudioMix, mix_audio

MICROSECONDS = 1_000_000
# What a caption looks like where the viewer does not say: white, centered at the bottom. FFmpeg
# makes the sample entry of the track from it (3GPP TS 26.245, 5.16); without, that is truncated.
CAPTION_STYLE = b"""[Script Info]
ScriptType: v4.00+

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, BackColour, Bold, Italic, Alignment
Style: Default,Sans-Serif,18,&Hffffff,&H0,0,0,2

[Events]
Format: Start, End, Style, Text
"""


@dataclass(frozen=True, slots=True)
class ChapterMark:
    """A chapter of the film: start and end in seconds, and title."""

    start: float
    end: float
    title: str


@dataclass(frozen=True, slots=True)
class Cue:
    """A caption of the film: start and end in seconds, and text."""

    start: float
    end: float
    text: str


def mux_film(
    videos: Sequence[tuple[Path, int]],
    rate: Fraction,
    target: Path,
    *,
    marks: Sequence[ChapterMark] = (),
    cues: Sequence[Cue] = (),
    title: str = "",
    language: str = "eng",
    audio: AudioMix | None = None,
) -> None:
    """Write `videos` (file, number of frames at `rate` per second) one after the other to `target`.

    Chapters, a subtitle track and, if any video has audio, one audio track are added; `audio`
    replaces that of the videos. Raises
    RenderError for a video whose encoder or size differs from that of the first.
    """
    options = {"movflags": "faststart"}
    with av.open(str(target), "w", format="mp4", options=options) as out:
        out.metadata["title"] = title
        video_stream = _add_video_stream(videos[0][0], out)
        subtitle_stream = _add_subtitle_stream(out, language) if cues else None
        audio = audio if audio is not None else mix_audio(videos, rate)
        audio_stream = add_aac_stream(out, audio.rate) if audio is not None else None
        if marks:
            out.set_chapters([_chapter(number, mark) for number, mark in enumerate(marks)])
        streams = [_video_packets(videos, rate, video_stream)]
        if subtitle_stream is not None:
            streams.append(_subtitle_packets(cues, subtitle_stream))
        if audio_stream is not None and audio is not None:
            audio_stream.metadata["language"] = language
            streams.append(audio_packets(audio_stream, audio.frames()))
        for packet in in_order_of_time(*streams):
            out.mux(packet)
    _keep_highest_level([path for path, _ in videos], target)


def _keep_highest_level(videos: Sequence[Path], target: Path) -> None:
    """Write the highest level of `videos` into their film, which has that of the first."""
    extradata = []
    for path in dict.fromkeys(videos):
        with av.open(str(path)) as source:
            extradata.append(source.streams.video[0].codec_context.extradata)
    if highest_level(extradata) != highest_level(extradata[:1]):
        set_level(target, highest_level(extradata))


def _add_video_stream(template: Path, out: Any) -> Any:
    with av.open(str(template)) as source:
        return out.add_stream_from_template(source.streams.video[0])


def _video_packets(
    videos: Sequence[tuple[Path, int]], rate: Fraction, stream: Any
) -> Iterator[Any]:
    """The packets of all videos, with times counted from the start of the film."""
    offset = 0
    first: tuple[Any, ...] | None = None
    for path, frames in videos:
        with av.open(str(path)) as source:
            video = source.streams.video[0]
            parameters = _codec_parameters(video)
            first = first or parameters
            if parameters != first:
                raise _cannot_join(path, video, videos[0][0], first)
            # Times are computed from frame numbers: summed durations would drift apart by rounding.
            step = 1 / (rate * (video.time_base or Fraction(1, 1000)))
            for packet in source.demux(video):
                if packet.dts is not None:
                    yield _shifted(packet, offset, step, stream)
        offset += frames


def _cannot_join(path: Path, video: Any, first_path: Path, first: tuple[Any, ...]) -> RenderError:
    """The error for a video that differs from the first one; it says how."""
    context = video.codec_context
    own = f"{context.width}x{context.height} at {float(video.average_rate or 0):g} per second"
    others = f"{first[1]}x{first[2]} at {float(first[5] or 0):g} per second"
    if own == others:
        return RenderError(
            "it was not encoded like the others, so that it cannot be joined to them.",
            where=str(path), hint="Render all scenes of a film with the same options.",
        )  # fmt: skip
    return RenderError(
        f"its frames are {own}, those of {first_path.name} {others}: they cannot be joined.",
        where=str(path),
        hint="A scene's own file may set config.pixel_width, pixel_height or frame_rate: take that "
        "out, or give --resolution and --fps so that all agree.",
    )


def _shifted(packet: Any, offset: int, step: Fraction, stream: Any) -> Any:
    """`packet` moved `offset` frames of `step` ticks later, and assigned to `stream`."""
    assert packet.pts is not None
    packet.pts = _shifted_time(packet.pts, offset, step)
    packet.dts = _shifted_time(packet.dts, offset, step)
    packet.duration = round(step)
    packet.stream = stream
    return packet


def _shifted_time(ticks: int, offset: int, step: Fraction) -> int:
    """The ticks of the frame that is `offset` frames later than that at `ticks`."""
    size, unit = step.numerator, step.denominator  # integers: a film has 80,000 frames
    frame = (2 * ticks * unit + size) // (2 * size) + offset
    return (2 * frame * size + unit) // (2 * unit)


def _codec_parameters(video: Any) -> tuple[Any, ...]:
    """What must be equal in two videos for their packets to share a stream."""
    context = video.codec_context
    return (
        context.name, context.width, context.height, context.pix_fmt,
        without_level(context.extradata), video.average_rate, video.time_base,
    )  # fmt: skip


def _chapter(number: int, mark: ChapterMark) -> Any:
    return {
        "id": number,
        "start": round(mark.start * MICROSECONDS),
        "end": round(mark.end * MICROSECONDS),
        "time_base": Fraction(1, MICROSECONDS),
        "metadata": {"title": mark.title},
    }


def _add_subtitle_stream(out: Any, language: str) -> Any:
    stream = out.add_stream("mov_text")
    stream.codec_context.subtitle_header = CAPTION_STYLE
    stream.codec_context.time_base = stream.time_base = Fraction(1, 1000)
    stream.metadata["language"] = language
    return stream


def _subtitle_packets(cues: Sequence[Cue], stream: Any) -> Iterator[Any]:
    """MP4 timed text: each sample is a length in two bytes and UTF-8; an empty one clears."""
    last_end = 0
    for cue in cues:
        start, end = round(cue.start * 1000), round(cue.end * 1000)
        if start > last_end:
            yield _subtitle_packet("", last_end, start, stream)
        yield _subtitle_packet(cue.text, start, end, stream)
        last_end = end


def _subtitle_packet(text: str, start: int, end: int, stream: Any) -> Any:
    """A sample shown from `start` to `end`, in milliseconds."""
    raw = text.encode()
    packet = av.Packet(len(raw).to_bytes(2, "big") + raw)
    packet.pts = packet.dts = start
    packet.duration = end - start
    packet.time_base = Fraction(1, 1000)
    packet.stream = stream
    packet.is_keyframe = True
    return packet
