"""Parts of one film become the film, without a frame being coded anew."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import av

from deltarender.errors import RenderError


def join(parts: Sequence[Path], film: Path, sound: Path | None = None) -> None:
    """Write the films `parts`, of one encoder, one after the other to `film`, with `sound` (WAV).

    Raises RenderError for parts that were encoded differently.
    """
    with av.open(str(film), "w", format="mp4", options={"movflags": "faststart"}) as out:
        with av.open(str(parts[0])) as first:
            picture = out.add_stream_from_template(first.streams.video[0])
            header = first.streams.video[0].codec_context.extradata
        offset = 0
        for path in parts:
            with av.open(str(path)) as source:
                video = source.streams.video[0]
                if video.codec_context.extradata != header:
                    raise RenderError("its parts were not encoded alike")
                for packet in source.demux(video):
                    if packet.dts is None or packet.pts is None:
                        continue
                    packet.pts += offset
                    packet.dts += offset
                    packet.stream = picture
                    out.mux(packet)
                # All parts have one clock, and a whole number of its ticks is a frame.
                offset += video.duration or 0
    if sound is not None:
        from deltarender.engine.file_writer import add_sound

        add_sound(film, Path(shutil.copy(sound, film.with_suffix(".wav"))))
