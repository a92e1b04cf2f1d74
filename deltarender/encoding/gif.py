"""A film as a GIF that can be mailed: one palette, few frames a second, only what changes.

Manim's own writer codes every frame whole and dithers it: 46 MB for a scene at 480p. Here the
palette is chosen from the whole film, nothing is dithered (noise neither packs nor looks like
anything on a flat ground), and each frame is the rectangle that differs from the one before.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import Any

import av
from av.filter import Graph

from deltarender.jobs import RenderSettings

MOST_FPS = 15  # more makes the file larger than it makes the motion smoother
PALETTE_SIZE = "16x16"


def possible(profile: RenderSettings) -> bool:
    """Whether a film of ours can be the source: not of a transparent GIF, nor of odd size."""
    even = profile.width % 2 == profile.height % 2 == 0
    return profile.format == "gif" and not profile.transparent and even


def made(film: Path, target: Path) -> tuple[int, float]:
    """Write the pictures of `film` to `target`; gives how many there are, and how many a second."""
    with av.open(str(film)) as source:
        stream = source.streams.video[0]
        size, rate = (stream.width, stream.height), Fraction(stream.average_rate or MOST_FPS)
    every = ceil(rate / MOST_FPS)
    palette = _palette(film, every, size)
    return _written(film, every, rate / every, size, palette, target), float(rate / every)


def _palette(film: Path, every: int, size: tuple[int, int]) -> Any:
    """The 256 colours that serve the whole film best, as a picture of 16 by 16."""
    graph = Graph()
    entry, exit_ = _buffer(graph, size, "yuv420p"), graph.add("buffersink")
    colours = graph.add("palettegen", "reserve_transparent=1")
    entry.link_to(colours)
    colours.link_to(exit_)
    graph.configure()
    for picture in _pictures(film, every):
        entry.push(picture)
    entry.push(None)
    return exit_.pull()


def _written(
    film: Path, every: int, rate: Fraction, size: tuple[int, int], palette: Any, target: Path
) -> int:
    graph = Graph()
    entry, exit_ = _buffer(graph, size, "yuv420p"), graph.add("buffersink")
    colours = _buffer(graph, PALETTE_SIZE, palette.format.name)
    painted = graph.add("paletteuse", "dither=none:diff_mode=rectangle")
    entry.link_to(painted, 0, 0)
    colours.link_to(painted, 0, 1)
    painted.link_to(exit_)
    graph.configure()
    palette.pts = 0
    colours.push(palette)
    colours.push(None)
    count = 0
    with av.open(str(target), "w", format="gif") as out:
        stream: Any = out.add_stream("gif", rate=rate)
        stream.width, stream.height, stream.pix_fmt = *size, "pal8"
        for picture in (*_pictures(film, every), None):
            entry.push(picture)
            for done in _ready(exit_):
                done.pts, done.time_base = count, 1 / rate
                out.mux(stream.encode(done))
                count += 1
        out.mux(stream.encode(None))
    return count


def _buffer(graph: Graph, size: tuple[int, int] | str, pixels: str) -> Any:
    told = size if isinstance(size, str) else f"{size[0]}x{size[1]}"
    # The range and matrix of our films: BT.601, limited.
    look = ":colorspace=smpte170m:range=tv" if pixels.startswith("yuv") else ""
    return graph.add("buffer", f"video_size={told}:pix_fmt={pixels}:time_base=1/1000{look}")


def _pictures(film: Path, every: int) -> Iterator[Any]:
    """Every `every`-th picture of `film`, numbered by a clock that only has to rise."""
    with av.open(str(film)) as source:
        for index, picture in enumerate(source.decode(video=0)):
            if index % every == 0:
                picture.pts, picture.time_base = index, Fraction(1, 1000)
                yield picture


def _ready(exit_: Any) -> Iterator[Any]:
    while True:
        try:
            yield exit_.pull()
        except (av.error.BlockingIOError, av.error.EOFError):
            return
