"""Videos of one kind put end to end without encoding them again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av

from gradreel.errors import RenderError

_TICK = Fraction(1, 1000)  # of a chapter's time


@dataclass(frozen=True, slots=True)
class Chapter:
    """A named stretch of a film, in seconds."""

    title: str
    start: float
    end: float


def join(videos: Sequence[Path], target: Path, titles: Sequence[str]) -> list[Chapter]:
    """Write `videos` to `target`, one chapter each, named by `titles`; returns the chapters.

    The pictures are copied as they are, so all must have the same size, rate and encoding;
    RenderError names the one that differs.
    """
    kinds = {path: _kind(path) for path in videos}
    for path, kind in kinds.items():
        if kind != kinds[videos[0]]:
            raise RenderError(
                f"{path} is {kind[0]}x{kind[1]} at {kind[2]} frames a second, unlike {videos[0]}.",
                hint="Render all scenes with the same --quality, --fps and --resolution.",
            )
    chapters: list[Chapter] = []
    # The index goes to the front, so that a browser can start before it has the whole file.
    with av.open(str(target), "w", format="mp4", options={"movflags": "+faststart"}) as film:
        track = None
        for path, title in zip(videos, titles, strict=True):
            start = chapters[-1].end if chapters else 0.0
            with av.open(str(path)) as scene:
                source = scene.streams.video[0]
                if track is None:
                    track = film.add_stream_from_template(source)
                length = _copied(scene, source, film, track, start)
            chapters.append(Chapter(title, start, start + length))
        film.set_chapters([_row(k, chapter) for k, chapter in enumerate(chapters)])
    return chapters


def _kind(path: Path) -> tuple[int, int, Fraction]:
    try:
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            return stream.width, stream.height, Fraction(stream.average_rate or 0)
    except (OSError, av.FFmpegError, IndexError) as error:
        raise RenderError(f"{path} is not a video that can be read: {error}.") from None


def _copied(scene: object, source: object, film: object, track: object, start: float) -> float:
    """Copy one scene's packets behind what is there; returns its length in seconds."""
    packets = 0
    rate = Fraction(source.average_rate)  # type: ignore[attr-defined]
    for packet in scene.demux(source):  # type: ignore[attr-defined]
        if packet.dts is None:
            continue
        offset = round(Fraction(start).limit_denominator(100_000) / packet.time_base)
        packet.pts += offset
        packet.dts += offset
        packet.stream = track
        film.mux(packet)  # type: ignore[attr-defined]
        packets += 1
    return float(packets / rate)


def _row(number: int, chapter: Chapter) -> dict[str, object]:
    return {
        "id": number,
        "start": round(chapter.start / _TICK),
        "end": round(chapter.end / _TICK),
        "time_base": _TICK,
        "metadata": {"title": chapter.title},
    }
