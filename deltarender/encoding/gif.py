"""Converts a video to a small GIF: one palette, at most 15 frames per second, only changed areas.

Manim's GIF writer codes every frame whole and dithers it: 46 MB for a scene at 480p. Here the
palette is computed from the whole video. Colors are not dithered, because noise compresses badly
and shows on uniform areas. Each frame is the rectangle that differs from the previous one.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import Any

import av
from av.filter import Graph

from deltarender.encoding.yuv_frame import is_hd
from deltarender.jobs import RenderSettings

MAX_FPS = 15  # a higher rate adds more bytes than smoothness
PALETTE_SIZE = (16, 16)  # one pixel per color
_CLOCK = Fraction(1, 1000)  # time base of filter inputs; only the order of timestamps counts


def can_convert(profile: RenderSettings) -> bool:
    """Whether a GIF with these settings can be made from an MP4: opaque and of even size."""
    is_even = profile.width % 2 == profile.height % 2 == 0
    return profile.format == "gif" and not profile.transparent and is_even


def convert(video: Path, target: Path) -> tuple[int, float]:
    """Write `video` as the GIF `target`; return its number of frames and frames per second."""
    with av.open(str(video)) as source:
        stream = source.streams.video[0]
        size, rate = (stream.width, stream.height), Fraction(stream.average_rate or MAX_FPS)
    step = ceil(rate / MAX_FPS)
    palette = _compute_palette(video, step, size)
    return _write(video, step, rate / step, size, palette, target), float(rate / step)


def _compute_palette(video: Path, step: int, size: tuple[int, int]) -> Any:
    """The 256 colors that represent the video best, as a frame of PALETTE_SIZE."""
    graph = Graph()
    source, sink = _add_buffer(graph, size, "yuv420p"), graph.add("buffersink")
    palettegen = graph.add("palettegen", "reserve_transparent=1")
    source.link_to(palettegen)
    palettegen.link_to(sink)
    graph.configure()
    for frame in _every_nth_frame(video, step):
        source.push(frame)
    source.push(None)
    return sink.pull()


def _write(
    video: Path, step: int, rate: Fraction, size: tuple[int, int], palette: Any, target: Path
) -> int:
    """Encode every `step`-th frame with a palette; return the number of frames written."""
    graph = Graph()
    source, sink = _add_buffer(graph, size, "yuv420p"), graph.add("buffersink")
    palette_source = _add_buffer(graph, PALETTE_SIZE, palette.format.name)
    paletteuse = graph.add("paletteuse", "dither=none:diff_mode=rectangle")
    source.link_to(paletteuse, 0, 0)
    palette_source.link_to(paletteuse, 0, 1)
    paletteuse.link_to(sink)
    graph.configure()
    palette.pts = 0
    palette_source.push(palette)
    palette_source.push(None)
    count = 0
    with av.open(str(target), "w", format="gif") as out:
        stream: Any = out.add_stream("gif", rate=rate)
        stream.width, stream.height, stream.pix_fmt = *size, "pal8"
        for frame in (*_every_nth_frame(video, step), None):
            source.push(frame)
            for filtered in _pull_available(sink):
                filtered.pts, filtered.time_base = count, 1 / rate
                out.mux(stream.encode(filtered))
                count += 1
        out.mux(stream.encode(None))
    return count


def _add_buffer(graph: Graph, size: tuple[int, int], pixel_format: str) -> Any:
    """A source node of a filter graph for frames of this size and format."""
    width, height = size
    matrix = "bt709" if is_hd(height) else "smpte170m"
    color = f":colorspace={matrix}:range=tv" if pixel_format.startswith("yuv") else ""
    return graph.add(
        "buffer",
        f"video_size={width}x{height}:pix_fmt={pixel_format}:time_base={_CLOCK}{color}",
    )


def _every_nth_frame(video: Path, step: int) -> Iterator[Any]:
    """Every `step`-th frame of `video`, with increasing timestamps."""
    with av.open(str(video)) as source:
        for index, frame in enumerate(source.decode(video=0)):
            if index % step == 0:
                frame.pts, frame.time_base = index, _CLOCK
                yield frame


def _pull_available(sink: Any) -> Iterator[Any]:
    """The frames that a filter graph has ready."""
    while True:
        try:
            yield sink.pull()
        except (av.error.BlockingIOError, av.error.EOFError):
            return
