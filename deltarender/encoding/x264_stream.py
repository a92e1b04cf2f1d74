"""Films of x264, for files as small as Manim's own or smaller."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Any

import av
from av.codec.context import Flags

from deltarender.encoding.yuv_frame import KEY_SECONDS, Pixels, YuvFrame, set_color_metadata
from deltarender.engine.dirty_tiles import Rect

SMALL = MappingProxyType({"preset": "medium", "crf": "23"})


def options_for(settings: Mapping[str, str], fps: float) -> dict[str, str]:
    """x264's options: one thread (scenes run side by side), a key frame at least every 5 s."""
    return {**settings, "threads": "1", "g": str(max(round(KEY_SECONDS * fps), 1))}


class X264Stream:
    """A film that is being written to `out`; its pictures are the last one, changed.

    At a cut x264 begins anew (9 ms at 1080p), so that what comes after owes nothing to what came
    before.
    """

    def __init__(self, out: Any, size: tuple[int, int], rate: Fraction) -> None:
        self._out, self._size, self._rate = out, size, rate
        self._options = options_for(SMALL, float(rate))
        self._stream = out.add_stream("libx264", rate=rate, options=self._options)
        self._coder = self._set_up(self._stream.codec_context)
        self._picture = YuvFrame(*size)
        self._frames = 0

    def put(self, rect: Rect, samples: Pixels) -> None:
        """Take over the samples of a part that has changed."""
        self._picture.put(rect, samples)

    def add(self, cut: bool = False) -> None:
        """Show the picture for one more frame; at a cut it owes nothing to those before."""
        if cut and self._frames:
            self.end()
            self._coder = self._set_up(av.CodecContext.create("libx264", "w"))
        self._mux(self._coder.encode(self._picture.at(self._frames, self._rate)))
        self._frames += 1

    def end(self) -> None:
        """Write what x264 still holds."""
        self._mux(self._coder.encode(None))

    def _mux(self, packets: list[av.Packet[Any]]) -> None:
        for packet in packets:
            packet.stream = self._stream
            self._out.mux(packet)

    def _set_up(self, coder: Any) -> Any:
        coder.width, coder.height = self._size
        coder.pix_fmt = "yuv420p"
        coder.framerate = self._rate
        coder.time_base = 1 / self._rate
        coder.options = self._options
        coder.flags |= Flags.global_header
        set_color_metadata(coder)
        return coder
