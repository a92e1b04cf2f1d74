"""What encoding alone costs: the pictures of a film, decoded into memory, encoded again."""

from __future__ import annotations

import io
import json
import sys
import time
from itertools import islice

import av

from gradreel.rendering.encoder import options_for

MOST = 150  # frames held in memory: 3 MB each at 1080p


def measure(film: str, encode: str) -> dict[str, float]:
    """Seconds and frames of encoding the beginning of `film`."""
    with av.open(film) as source:
        stream = source.streams.video[0]
        rate = stream.average_rate
        frames = list(islice(source.decode(stream), MOST))
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
    return {"seconds": time.perf_counter() - start, "frames": len(frames)}


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], sys.argv[2])))
