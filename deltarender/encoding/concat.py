"""Concatenates video segments of one encoder without encoding them again."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

import av

from deltarender.encoding.h264_level import highest_level, set_level, without_level
from deltarender.encoding.soundtrack import add_soundtrack
from deltarender.errors import RenderError


def concatenate(segments: Sequence[Path], video: Path, soundtrack: Path | None = None) -> None:
    """Write `segments`, one after the other, to the MP4 file `video`, with `soundtrack` (WAV).

    Raises RenderError for segments with different codec parameters.
    """
    with av.open(str(video), "w", format="mp4", options={"movflags": "faststart"}) as out:
        with av.open(str(segments[0])) as first:
            stream_out = out.add_stream_from_template(first.streams.video[0])
            extradata = [first.streams.video[0].codec_context.extradata]
        offset = 0  # in ticks of the stream's time base, which is the same in all segments
        for path in segments:
            with av.open(str(path)) as source:
                stream = source.streams.video[0]
                extradata.append(stream.codec_context.extradata)
                if without_level(extradata[-1]) != without_level(extradata[0]):
                    raise RenderError("its parts were not encoded alike")
                for packet in source.demux(stream):
                    if packet.dts is None or packet.pts is None:
                        continue
                    packet.pts += offset
                    packet.dts += offset
                    packet.stream = stream_out
                    out.mux(packet)
                # A frame is a whole number of ticks, so no rounding accumulates.
                offset += stream.duration or 0
    if highest_level(extradata) != highest_level(extradata[:1]):
        set_level(video, highest_level(extradata))
    if soundtrack is not None:
        add_soundtrack(video, Path(shutil.copy(soundtrack, video.with_suffix(".wav"))))


def raise_level(video: Path, segments: Iterable[Path]) -> None:
    """Set the level of `video`, joined from `segments`, to the highest of theirs."""
    levels = []
    for path in segments:
        with av.open(str(path)) as source:
            levels.append(highest_level([source.streams.video[0].codec_context.extradata]))
    if max(levels, default=0) > min(levels, default=0):
        set_level(video, max(levels))
