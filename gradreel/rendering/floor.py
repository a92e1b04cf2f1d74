"""What encoding alone costs: pictures of films, decoded into memory, encoded again."""

from __future__ import annotations

import io
import json
import sys
import time
from collections.abc import Sequence
from itertools import islice

import av

from gradreel.rendering.encoder import options_for

MOST = 150  # frames held in memory: 3 MB each at 1080p


def measure(films: Sequence[str], encode: str) -> dict[str, float]:
    """Seconds of encoding all frames of `films`, as the middle of each tells, and how many."""
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
    start = time.perf_counter()
    with av.open(io.BytesIO(), "w", format="mp4") as out:
        target = out.add_stream("libx264", rate=rate, options=options_for(encode, float(rate)))
        target.width, target.height = frames[0].width, frames[0].height
        target.pix_fmt = "yuv420p"
        for index, frame in enumerate(frames):
            frame.pts, frame.time_base = index, 1 / rate
            frame.pict_type = av.video.frame.PictureType.NONE
            out.mux(target.encode(frame))
        out.mux(target.encode(None))
    return (time.perf_counter() - start) / len(frames), count


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[2:], sys.argv[1])))
