"""What encoding alone costs: pictures of films, decoded into memory, encoded again."""

from __future__ import annotations

import io
import json
import sys
import time
from collections.abc import Sequence
from fractions import Fraction
from itertools import islice
from typing import Any

import av
from av.video.frame import PictureType

from deltarender.encoding.encoder import ENCODINGS
from deltarender.encoding.x264_stream import options_for
from deltarender.engine.dirty_tiles import whole

MOST = 150  # frames held in memory: 3 MB each at 1080p

# What x264 needs to come near our own coder: no faster settings are as like the drawing.
NEAREST = {"preset": "ultrafast", "qp": "24", "x264-params": "analyse=i4x4,i8x8:force-cfr=1"}


def measure(films: Sequence[str], encode: str) -> dict[str, float]:
    """Seconds of encoding all frames of `films`, as the middle of each tells, and how many.

    `encode` is one of our own encodings or "x264", its settings nearest to ours.
    """
    parts = [_middle(film, encode) for film in films]
    return {
        "seconds": sum(each * count for each, count in parts),
        "frames": sum(n for _, n in parts),
    }


def _middle(film: str, encode: str) -> tuple[float, int]:
    """Seconds a frame, and how many frames the film has."""
    with av.open(film) as source:
        stream = source.streams.video[0]
        rate = stream.average_rate
        count = stream.frames
        first = max(count - MOST, 0) // 2
        frames = list(islice(source.decode(stream), first, first + MOST))
    assert rate is not None
    with av.open(io.BytesIO(), "w", format="mp4") as out:
        seconds = _x264(out, frames, rate) if encode == "x264" else _ours(out, frames, rate, encode)
    return seconds / len(frames), count


def _x264(out: Any, frames: list[av.VideoFrame], rate: Fraction) -> float:
    start = time.perf_counter()
    target = out.add_stream("libx264", rate=rate, options=options_for(NEAREST, float(rate)))
    target.width, target.height = frames[0].width, frames[0].height
    target.pix_fmt = "yuv420p"
    for index, frame in enumerate(frames):
        frame.pts, frame.time_base = index, 1 / rate
        frame.pict_type = PictureType.NONE
        out.mux(target.encode(frame))
    out.mux(target.encode(None))
    return time.perf_counter() - start


def _ours(out: Any, frames: list[av.VideoFrame], rate: Fraction, encode: str) -> float:
    size = frames[0].width, frames[0].height
    samples = [frame.to_ndarray() for frame in frames]
    start = time.perf_counter()
    film = ENCODINGS[encode](out, size, rate)
    for picture in samples:
        film.put(whole(*size), picture.reshape(-1))
        film.add()
    film.end()
    return time.perf_counter() - start


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[2:], sys.argv[1])))
