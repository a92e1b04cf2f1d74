"""Measures encoding alone: frames of videos are decoded into memory and encoded again.

python -m deltarender.benchmark.encode_only fast|small|x264 VIDEO...
"""

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
import numpy as np
from av.video.frame import PictureType

from deltarender.encoding.encoder_thread import ENCODINGS
from deltarender.encoding.rect import full_rect
from deltarender.encoding.x264_stream import x264_options
from deltarender.encoding.yuv_frame import RectSamples

MAX_FRAMES = 150  # held in memory, 3 MB each at 1080p

# The fastest x264 settings whose output is as similar to the drawing as our encoder's.
COMPARABLE_X264 = {
    "preset": "ultrafast", "qp": "24", "x264-params": "analyse=i4x4,i8x8:force-cfr=1",
}  # fmt: skip


def measure(videos: Sequence[str], encode: str) -> dict[str, float]:
    """Seconds to encode all frames of `videos`, extrapolated from the middle of each; their number.

    `encode` is a key of ENCODINGS, or "x264" for the settings COMPARABLE_X264.
    """
    samples = [_measure_middle(video, encode) for video in videos]
    return {
        "seconds": sum(per_frame * count for per_frame, count in samples),
        "frames": sum(count for _, count in samples),
    }


def _measure_middle(video: str, encode: str) -> tuple[float, int]:
    """Seconds per frame, and the number of frames of the video."""
    with av.open(video) as source:
        stream = source.streams.video[0]
        rate = stream.average_rate
        count = stream.frames
        first = max(count - MAX_FRAMES, 0) // 2
        frames = list(islice(source.decode(stream), first, first + MAX_FRAMES))
    assert rate is not None
    with av.open(io.BytesIO(), "w", format="mp4") as out:
        if encode == "x264":
            seconds = _time_x264(out, frames, rate)
        else:
            seconds = _time_stream(out, frames, rate, encode)
    return seconds / len(frames), count


def _time_x264(out: Any, frames: list[av.VideoFrame], rate: Fraction) -> float:
    start = time.perf_counter()
    options = x264_options(COMPARABLE_X264, float(rate))
    stream = out.add_stream("libx264", rate=rate, options=options)
    stream.width, stream.height = frames[0].width, frames[0].height
    stream.pix_fmt = "yuv420p"
    for index, frame in enumerate(frames):
        frame.pts, frame.time_base = index, 1 / rate
        frame.pict_type = PictureType.NONE
        out.mux(stream.encode(frame))
    out.mux(stream.encode(None))
    return time.perf_counter() - start


def _time_stream(out: Any, frames: list[av.VideoFrame], rate: Fraction, encode: str) -> float:
    size = frames[0].width, frames[0].height
    pictures = [frame.to_ndarray() for frame in frames]
    changes = [_changed_rows(*pair) for pair in zip([None, *pictures], pictures, strict=False)]
    start = time.perf_counter()
    stream = ENCODINGS[encode](out, size, rate)
    for rects in changes:
        for rect, samples in rects:
            stream.update_rect(rect, samples)
        stream.add_frame()
    stream.finish()
    return time.perf_counter() - start


def _changed_rows(last: Any, picture: Any) -> list[RectSamples]:
    """The rows of a picture in YUV 4:2:0 that differ from the last one, as one rectangle."""
    height, width = picture.shape[0] * 2 // 3, picture.shape[1]
    if last is None:
        return [(full_rect(width, height), picture.reshape(-1))]
    rows = np.flatnonzero((last[:height] != picture[:height]).any(axis=1))
    if not len(rows):
        return []
    top, bottom = rows[0] // 2 * 2, rows[-1] // 2 * 2 + 2
    planes = np.split(picture.reshape(-1), [width * height, width * height * 5 // 4])
    parts = [
        plane.reshape(height // n, -1)[top // n : bottom // n].reshape(-1)
        for plane, n in zip(planes, (1, 2, 2), strict=True)
    ]
    return [((0, int(top), width, int(bottom)), np.concatenate(parts))]


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[2:], sys.argv[1])))
