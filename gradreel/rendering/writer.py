"""Where Manim's renderer leaves its frames: one encoder for the whole scene, then the sound."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy.typing as npt
from manim.scene.scene_file_writer import SceneFileWriter
from PIL import Image
from pydub import AudioSegment

from gradreel.rendering.encoder import Encoder
from gradreel.rendering.tiles import Rect, whole

Pixels = npt.NDArray[Any]

PART_SECONDS = 5  # at the first play after so long, and at each section, the film can be cut


class OneFileWriter(SceneFileWriter):
    """Manim's file writer with one encoder a scene instead of one a play.

    `target` and `encode` are set before a scene is made; a worker renders one scene only.
    """

    target: Path = Path("video.mp4")
    encode: str = "fast"

    def __init__(self, settings: Any) -> None:
        self.section_starts: list[tuple[str, int]] = []
        super().__init__(settings)
        spec = settings.video_encoder
        self.rate: Fraction = spec.frame_rate
        self.encoder = Encoder(self.target, (spec.width, spec.height), spec.frame_rate, self.encode)
        self.sounds: list[Path] = []
        self.picture: Path | None = None
        self._playing = False

    @property
    def frames(self) -> int:
        """How many frames the film has so far."""
        return self.encoder.frames

    @property
    def at_cut(self) -> bool:
        """Whether the next frame is one that owes nothing to those before."""
        return self.frames in self.encoder.cuts

    def begin_animation(
        self, allow_write: bool = False, *, animation_index: int, file_path: Any = None
    ) -> None:
        """Frames from here on belong to the film, if `allow_write`."""
        self._playing = allow_write
        cuts = self.encoder.cuts
        if allow_write and self.frames - max(cuts, default=0) >= PART_SECONDS * self.rate:
            self.encoder.cut()

    def end_animation(self, allow_write: bool = False) -> None:
        """Frames from here on do not belong to the film."""
        self._playing = False

    def next_section(self, name: str, type_: str, skip_animations: bool) -> None:
        """Begin a section; where it begins is counted in frames."""
        encoder = getattr(self, "encoder", None)  # the first section comes before the encoder
        self.section_starts.append((name, encoder.frames if encoder else 0))
        if encoder:
            encoder.cut()
        super().next_section(name, type_, skip_animations)

    def is_already_cached(self, hash_invocation: str) -> bool:
        """Never: a play is drawn from what is there now."""
        return False

    def write_changes(self, pixels: Pixels, rects: Sequence[Rect], repeat: int) -> bool:
        """Show a frame of which only `rects` have changed; False if it is not part of the film."""
        if self._playing and repeat > 0:
            self.encoder.write(pixels, rects, repeat)
            return True
        return False

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
            # Manim makes the sound as long as the last one asks for, and cuts it with the picture.
            self.add_audio_segment(AudioSegment.silent(0))
            _add_sound(self.target, self.audio_segment)

    def combine_to_movie(self) -> None:
        """Nothing: the film is one file from the beginning."""

    def abort_encode_jobs(self, reraise_encoder_failures: bool = False) -> None:
        """Give the film up."""
        self._playing = False


def _add_sound(video: Path, sound: Any) -> None:
    """Put `sound` (a pydub segment) into the file `video` as AAC, cut to its length."""
    wav, mixed = video.with_suffix(".wav"), video.with_suffix(".mixed.mp4")
    sound.export(str(wav), format="wav")
    options = {"movflags": "faststart"}
    with (
        av.open(str(video)) as pictures,
        av.open(str(wav)) as tones,
        av.open(str(mixed), "w", format="mp4", options=options) as out,
    ):
        film = pictures.streams.video[0]
        picture = out.add_stream_from_template(film)
        tone = out.add_stream("aac", rate=sound.frame_rate)
        tone.bit_rate = 192_000
        for packet in pictures.demux(film):
            if packet.dts is not None:
                packet.stream = picture
                out.mux(packet)
        length = float((film.duration or 0) * (film.time_base or 0))
        for frame in tones.decode(audio=0):
            if frame.time is not None and frame.time < length:
                out.mux(tone.encode(frame))
        out.mux(tone.encode(None))
    mixed.replace(video)
    wav.unlink()
