"""Where Manim's renderer leaves its frames: one encoder for the whole scene, then the sound."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy.typing as npt
from manim.scene.scene_file_writer import SceneFileWriter
from PIL import Image
from pydub import AudioSegment

from deltarender.encoding.encoder import Encoder
from deltarender.engine.dirty_tiles import Rect, whole
from deltarender.results import FrameRange

Pixels = npt.NDArray[Any]

PART_SECONDS = 5  # at the first play after so long, and at each section, the film can be cut


class RangeComplete(BaseException):
    """The last frame of a part is written; no `except Exception` of a scene may hold it up."""


class SingleFileWriter(SceneFileWriter):
    """Manim's file writer with one encoder a scene instead of one a play.

    `target`, `encode` and `part` are set before a scene is made; a worker renders one scene only.
    Of a part, only its own frames are encoded. `cuts` are the frames at which a film can be taken
    apart; `seen` tells how the first frame of this part and of the next one look here, so that
    parts from two processes can be held against each other.
    """

    target: Path = Path("video.mp4")
    encode: str = "fast"
    part: FrameRange = FrameRange()

    def __init__(self, settings: Any) -> None:
        self.section_starts: list[tuple[str, int]] = []
        super().__init__(settings)
        spec = settings.video_encoder
        if spec is None:  # of an output without pictures in a row, which is not ours to make
            return
        self.rate: Fraction = spec.frame_rate
        self.encoder = Encoder(self.target, (spec.width, spec.height), spec.frame_rate, self.encode)
        self.frames = 0
        self.cuts: set[int] = set()
        self.seen: dict[int, str] = {}
        self.sounds: list[Path] = []
        self.sound: Path | None = None
        self.picture: Path | None = None
        self._playing = False

    @property
    def at_cut(self) -> bool:
        """Whether the next frame is one that owes nothing to those before."""
        return self.frames in self.cuts

    @property
    def wanted(self) -> bool:
        """Whether the next frame is to be drawn: it is in the part, or the first one after it."""
        return self.part.first <= self.frames <= self.part.end

    def cut(self) -> None:
        """Let the next frame be one at which the film can be cut."""
        # Two key frames in a row must differ in a number that each new encoder begins with.
        if self.frames - max(self.cuts, default=0) > 1:
            self.cuts.add(self.frames)
            if self.part.first < self.frames < self.part.end:
                self.encoder.cut()

    def begin_animation(
        self, allow_write: bool = False, *, animation_index: int, file_path: Any = None
    ) -> None:
        """Frames from here on belong to the film, if `allow_write`."""
        self._playing = allow_write
        if allow_write and self.frames - max(self.cuts, default=0) >= PART_SECONDS * self.rate:
            self.cut()

    def end_animation(self, allow_write: bool = False) -> None:
        """Frames from here on do not belong to the film."""
        self._playing = False

    def next_section(self, name: str, type_: str, skip_animations: bool) -> None:
        """Begin a section; where it begins is counted in frames."""
        begun = hasattr(self, "frames")  # the first section comes before
        self.section_starts.append((name, self.frames if begun else 0))
        if begun:
            self.cut()
        super().next_section(name, type_, skip_animations)

    def is_already_cached(self, hash_invocation: str) -> bool:
        """Never: a play is drawn from what is there now."""
        return False

    def write_changes(self, pixels: Pixels, rects: Sequence[Rect], repeat: int) -> bool:
        """Show a frame of which only `rects` have changed; False if it is not part of the film.

        Raises PartDone at the first frame after the part.
        """
        if not self._playing or repeat <= 0:
            return False
        now, part = self.frames, self.part
        if part != FrameRange() and now in (part.first, part.end):
            self.seen[now] = hashlib.sha256(pixels.tobytes()).hexdigest()
        if now == part.end:
            raise RangeComplete
        self.frames += repeat
        if now < part.first:
            return False
        self.encoder.write(pixels, rects, repeat)
        return True

    def write_frame(self, pixels: Pixels, *, repeat: int = 1) -> None:
        """Show a whole frame."""
        height, width = pixels.shape[:2]
        self.write_changes(pixels, [whole(width, height)], repeat)

    def save_image(self, pixels: Pixels) -> None:
        """Keep the picture of a scene in which nothing is played."""
        self.picture = self.target.with_suffix(".png")
        Image.fromarray(pixels).save(self.picture)

    def add_sound(self, sound_file: Any, *args: Any, **kwargs: Any) -> None:
        """Add a sound at the present time; its file is one the film depends on."""
        from manim.utils.sounds import get_full_sound_file_path

        self.sounds.append(get_full_sound_file_path(sound_file, self.settings.assets_dir))
        super().add_sound(sound_file, *args, **kwargs)

    def finish(self) -> None:
        """Complete the file."""
        self.encoder.close()
        if self.includes_sound:
            # Manim makes the sound as long as the last one asks for.
            self.add_audio_segment(AudioSegment.silent(0))
            self.sound = self.target.with_suffix(".wav")
            self.audio_segment.export(str(self.sound), format="wav")
            if self.part == FrameRange():
                add_sound(self.target, self.sound)
                self.sound = None

    def combine_to_movie(self) -> None:
        """Nothing: the film is one file from the beginning."""

    def abort_encode_jobs(self, reraise_encoder_failures: bool = False) -> None:
        """Give the film up."""
        self._playing = False


def add_sound(video: Path, wav: Path) -> None:
    """Put the sound of the file `wav` into the file `video` as AAC; it may outlast the pictures."""
    mixed = video.with_suffix(".mixed.mp4")
    options = {"movflags": "faststart"}
    with (
        av.open(str(video)) as pictures,
        av.open(str(wav)) as tones,
        av.open(str(mixed), "w", format="mp4", options=options) as out,
    ):
        film = pictures.streams.video[0]
        picture = out.add_stream_from_template(film)
        tone = out.add_stream("aac", rate=tones.streams.audio[0].rate)
        tone.bit_rate = 192_000
        for packet in pictures.demux(film):
            if packet.dts is not None:
                packet.stream = picture
                out.mux(packet)
        for frame in tones.decode(audio=0):
            out.mux(tone.encode(frame))
        out.mux(tone.encode(None))
    mixed.replace(video)
    wav.unlink()
