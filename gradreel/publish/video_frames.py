"""Single frames of rendered videos: for posters, and for the last frame of each beat."""

from __future__ import annotations

import io
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.filter import Graph

from gradreel.errors import RenderError
from gradreel.publish.rendered_scenes import RenderedScene

JPEG_QUALITY = 90


def frame_at(video: Path, seconds: float) -> Any:
    """The frame shown at `seconds` as a Pillow image. Raises RenderError for a damaged video."""
    try:
        with av.open(str(video)) as source:
            stream = source.streams.video[0]
            time_base = stream.time_base or Fraction(1, 1000)
            source.seek(max(int(seconds / time_base), 0), stream=stream)
            last: Any = None
            for frame in source.decode(stream):
                if last is not None and frame.time is not None and frame.time > seconds + 1e-6:
                    break
                last = frame
            if last is None:
                raise RenderError("the video has no frames.", where=str(video))
            return _exact_rgb(last).to_image()
    except (av.FFmpegError, IndexError) as error:
        raise RenderError(
            f"the video is damaged ({error}).", where=str(video), hint="Render it again."
        ) from None


def _exact_rgb(frame: Any) -> Any:
    """A frame in RGB, rounded to the nearest; PyAV's own conversion is up to two levels darker."""
    graph = Graph()
    source = graph.add_buffer(
        width=frame.width, height=frame.height, format=frame.format, time_base=frame.time_base
    )
    scale = graph.add("scale", "flags=bicubic+accurate_rnd+full_chroma_int+full_chroma_inp")
    rgb, sink = graph.add("format", "rgb24"), graph.add("buffersink")
    source.link_to(scale)
    scale.link_to(rgb)
    rgb.link_to(sink)
    graph.configure()
    source.push(frame)
    return sink.pull()


def jpeg_of(picture: Any, quality: int = JPEG_QUALITY) -> bytes:
    """A Pillow image as a JPEG in which the color of thin lines keeps its resolution."""
    file = io.BytesIO()
    picture.convert("RGB").save(file, "JPEG", quality=quality, subsampling=0, optimize=True)
    return file.getvalue()


def poster_of(scene: RenderedScene) -> bytes:
    """A JPEG of the last frame of the last beat but one: that shows most, the last may clear it."""
    beats = scene.beats
    seconds = float(beats[max(len(beats) - 2, 0)]["end"]) - 1 / scene.fps
    return jpeg_of(frame_at(scene.video, seconds))
