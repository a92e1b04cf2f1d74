"""One H.264 encoder for a whole scene, in a thread of its own, fed with changed rectangles.

The encoder keeps one picture in its own colour format. A change is converted into its place there;
a repeated frame costs nothing where it can be written by hand, else an encode. Colours are
converted as Manim converts them (BT.601, limited range) and, unlike there, the file says so.

At a cut x264 begins anew (9 ms at 1080p), so that what comes after owes nothing to what came
before: a film made in parts, each from a cut to a cut, has the very frames of one made in one go.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from queue import Queue
from time import thread_time
from types import MappingProxyType
from typing import Any

import av
from av.codec.context import Flags

from gradreel.errors import RenderError
from gradreel.rendering import hints
from gradreel.rendering.buffers import Buffers
from gradreel.rendering.picture import Patch, Picture, Pixels, patch_of, tag
from gradreel.rendering.repeats import Stream
from gradreel.rendering.tiles import Rect, whole

# Chosen by measurement: three scenes of the lecture, 1080p60; CPU a frame on one thread, size of
# 300 frames, mean SSIM. Manim's own settings: 13.4 ms, 152 kB, 0.99932. fast: 2.7 ms, 194 kB,
# 0.99955. small: 12.6 ms, 108 kB, 0.99928. A constant quantizer need not guess what a frame will
# cost: ultrafast at crf 29 takes 3.7 ms, 192 kB for 0.99927. superfast takes 4.7 ms. That was at
# quantizer 23; 24 keeps the busiest scenes within 2.5 times Manim's size (ChainRule 2.44 instead of
# 2.62) and is still no less alike (0.99937 for Manim's 0.99932).
ENCODINGS = MappingProxyType(
    {
        # Without force-cfr x264 holds each frame back to see how long it lasts.
        "fast": {
            "preset": "ultrafast",
            "qp": "24",
            "x264-params": "analyse=i4x4,i8x8:force-cfr=1",
        },
        "small": {"preset": "medium", "crf": "23"},
    }
)
QUEUE_BYTES = 6_000_000  # samples that may wait, so that memory stays bounded


def options_for(encode: str, fps: float) -> dict[str, str]:
    """x264's options: one thread (scenes run side by side), a key frame at least every 5 s."""
    gop = str(max(round(5 * fps), 1))
    return {**ENCODINGS[encode], "threads": "1", "g": gop}


class Encoder:
    """Encodes one scene to `path`; `write` hands over changes, `close` completes the file.

    `size` is width, height in pixels. Raises RenderError where the file cannot be written.
    """

    def __init__(self, path: Path, size: tuple[int, int], rate: Fraction, encode: str) -> None:
        self.path = path
        self.frames = 0
        self.cuts: set[int] = set()
        self.seconds = {"convert": 0.0, "encode": 0.0}
        self._size = size
        self._rate = rate
        self._options = options_for(encode, float(rate))
        self._queue: Queue[tuple[list[Patch], int] | None] = Queue()
        self._room = threading.Condition()
        self._waiting = 0
        self._buffers = Buffers()
        self._fault: BaseException | None = None
        self._thread: threading.Thread | None = None

    def write(self, pixels: Pixels, rects: Sequence[Rect], repeat: int = 1) -> None:
        """Show `pixels` (height, width, 4; RGBA) for `repeat` frames; only `rects` have changed."""
        if self._fault is not None:
            raise self._told(self._fault)
        if self._thread is None or self.frames in self.cuts:
            rects = [whole(*self._size)]
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="encoder", daemon=True)
            self._thread.start()
        start = thread_time()
        changes = [patch_of(pixels, rect, self._buffers) for rect in rects]
        self.seconds["convert"] += thread_time() - start
        amount = sum(len(samples) for _, samples in changes)
        with self._room:
            # One change larger than the limit must still get through.
            self._room.wait_for(lambda: not self._waiting or self._waiting + amount <= QUEUE_BYTES)
            self._waiting += amount
        self.frames += repeat
        self._queue.put((changes, repeat))

    def cut(self) -> None:
        """Let the next frame be one where the film can be cut, sought or joined uncoded."""
        self.cuts.add(self.frames)

    def close(self) -> None:
        """Wait for the last frame and complete the file."""
        self._queue.put(None)
        if self._thread is not None:
            self._thread.join()
        if self._fault is not None:
            raise self._told(self._fault)

    def _run(self) -> None:
        try:
            with av.open(
                str(self.path), "w", format="mp4", options={"movflags": "faststart"}
            ) as out:
                self._encode_all(out)
        except BaseException as fault:
            self._fault = fault
            self._drain()

    def _encode_all(self, out: Any) -> None:
        stream = out.add_stream("libx264", rate=self._rate, options=self._options)
        coder = self._set_up(stream.codec_context)
        picture = Picture(*self._size)
        film = _Film(out, stream, self._rate)
        gop = int(self._options["g"])
        while (item := self._queue.get()) is not None:
            changes, repeat = item
            start = thread_time()
            for rect, samples in changes:
                picture.put(rect, samples)
            for again in range(repeat):
                if film.frames in self.cuts and film.frames:
                    film.add(coder, None)
                    coder = self._set_up(av.CodecContext.create("libx264", "w"))
                stale = film.frames - film.key >= gop
                if (again or not changes) and not stale and film.repeat():
                    continue
                hints.tell(picture.frame, [] if again else [rect for rect, _ in changes])
                film.add(coder, picture.at(film.frames, self._rate, key=stale))
            self.seconds["encode"] += thread_time() - start
            self._release(changes)
        start = thread_time()
        film.add(coder, None)
        self.seconds["encode"] += thread_time() - start

    def _set_up(self, coder: Any) -> Any:
        coder.width, coder.height = self._size
        coder.pix_fmt = "yuv420p"
        coder.framerate = self._rate
        coder.time_base = 1 / self._rate
        coder.options = {**self._options, **hints.option()}
        coder.flags |= Flags.global_header
        tag(coder)
        return coder

    def _release(self, changes: list[Patch]) -> None:
        for _, samples in changes:
            self._buffers.give_back(samples)
        with self._room:
            self._waiting -= sum(len(samples) for _, samples in changes)
            self._room.notify()

    def _drain(self) -> None:
        """Let a waiting `write` go on; it will find the fault next time."""
        with self._room:
            self._waiting = -(10**12)
            self._room.notify()

    def _told(self, fault: BaseException) -> BaseException:
        if isinstance(fault, OSError):
            return fault
        return RenderError(f"the video could not be encoded: {fault}", where=str(self.path))


class _Film:
    """The file being written: coded pictures, and between them repeats of the one before."""

    def __init__(self, out: Any, stream: Any, rate: Fraction) -> None:
        self.frames = self.key = 0
        self._out, self._stream, self._rate = out, stream, rate
        self._syntax: Stream | None = None
        self._number = self._behind = 0  # of the last picture; by how much x264's own is less

    def add(self, coder: Any, picture: av.VideoFrame | None) -> None:
        """Code a picture; with None, what the coder still holds."""
        for packet in coder.encode(picture):
            if packet.is_keyframe:
                self._syntax = Stream.read(bytes(coder.extradata))
                self._number = self._behind = 0
                self.key = self.frames
            else:
                self._number += 1
            if self._syntax is not None and self._behind:
                packet = av.Packet(self._syntax.renumbered(bytes(packet), self._behind))
            self._mux(packet)
        self.frames += picture is not None

    def repeat(self) -> bool:
        """Show the last picture once more; False if that must be coded."""
        if self._syntax is None:
            return False
        self._number += 1
        self._behind += 1
        self._mux(av.Packet(self._syntax.repeat(self._number)))
        self.frames += 1
        return True

    def _mux(self, packet: av.Packet[Any]) -> None:
        if self._syntax is not None:  # x264 knows of coded frames only
            packet.pts = packet.dts = self.frames
            packet.time_base = 1 / self._rate
            packet.duration = 1
        packet.stream = self._stream
        self._out.mux(packet)
