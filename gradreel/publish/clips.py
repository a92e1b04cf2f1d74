"""Cuts a scene's video into its beats, without coding a frame anew.

The renderer begins every beat with a key frame, so that its packets stand for themselves. A video
of another writer is coded anew where a beat begins between key frames.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from gradreel.publish.shots import Shot

RECODED = {"preset": "veryfast", "crf": "20"}


def cut(shot: Shot, folder: Path) -> list[Path]:
    """One video a beat, `01.mp4` and on, in `folder`, which must exist."""
    rate = Fraction(shot.fps).limit_denominator(1001)
    bounds = [(frame(b["start"], rate), frame(b["end"], rate)) for b in shot.beats]
    made = []
    for number, (start, end) in enumerate(bounds, 1):
        target = folder / f"{number:02}.mp4"
        if not _copied(shot.video, rate, start, end, target):
            _recoded(shot.video, rate, start, end, target)
        made.append(target)
    return made


def frame(seconds: float, rate: Fraction) -> int:
    """The number of the frame that is shown from `seconds` on."""
    return round(Fraction(seconds) * rate)


def _copied(video: Path, rate: Fraction, start: int, end: int, target: Path) -> bool:
    """Copy the packets of frames `start` to `end`; False if these cannot stand alone."""
    with av.open(str(video)) as source:
        stream = source.streams.video[0]
        step = 1 / (rate * (stream.time_base or Fraction(1, 1000)))
        packets = [p for p in source.demux(stream) if p.dts is not None and p.pts is not None]
        first, last = start * step, end * step
        kept = [p for p in packets if first - step / 2 <= (p.pts or 0) < last - step / 2]
        if not kept or not kept[0].is_keyframe or len(kept) != end - start:
            return False
        with av.open(str(target), "w", format="mp4", options={"movflags": "faststart"}) as out:
            picture = out.add_stream_from_template(stream)
            for packet in kept:
                packet.pts = (packet.pts or 0) - round(first)
                packet.dts = (packet.dts or 0) - round(first)
                packet.stream = picture
                out.mux(packet)
    return True


def _recoded(video: Path, rate: Fraction, start: int, end: int, target: Path) -> None:
    options = {"movflags": "faststart"}
    with av.open(str(video)) as source, av.open(str(target), "w", "mp4", options=options) as out:
        stream = source.streams.video[0]
        picture: Any = out.add_stream("libx264", rate=rate, options=RECODED)
        picture.width, picture.height, picture.pix_fmt = stream.width, stream.height, "yuv420p"
        for shown in source.decode(stream):
            place = frame(shown.time or 0.0, rate)
            if place >= end:
                break
            if place >= start:
                shown.pts, shown.time_base = place - start, 1 / rate
                shown.pict_type = av.video.frame.PictureType.NONE
                out.mux(picture.encode(shown))
        out.mux(picture.encode(None))
