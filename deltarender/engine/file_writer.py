"""Manim's file writer with one video encoder for the whole scene; sound is added at the end."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy.typing as npt
from manim.utils.sounds import get_full_sound_file_path
from PIL import Image
from pydub import AudioSegment

from deltarender.encoding.encoder_thread import Encoder
from deltarender.encoding.rect import Rect, full_rect
from deltarender.encoding.soundtrack import add_soundtrack
from deltarender.engine.sectioned_writer import SectionedWriter
from deltarender.results import FrameRange

Pixels = npt.NDArray[Any]

SPLIT_INTERVAL_S = 5  # a keyframe is forced at the first play after this time, and per section


class RangeComplete(BaseException):
    """The last frame of the frame range has been written.

    A BaseException, so that `except Exception` in a scene does not stop it.
    """


class SingleFileWriter(SectionedWriter):
    """Manim's file writer with one encoder per scene instead of one per play.

    `target`, `encode` and `part` are set on the class before a scene is created; a worker process
    renders one scene only. Only the frames of the range `part` are encoded. `keyframes` are the
    frames at which the video can be split. `boundary_digests` maps the first frame of this range
    and of the next one to a digest of its pixels, to verify that ranges from two processes fit.
    """

    target: Path = Path("video.mp4")
    encode: str = "fast"
    part: FrameRange = FrameRange()

    def __init__(self, settings: Any) -> None:
        super().__init__(settings)
        spec = settings.video_encoder
        if spec is None:  # an output other than a video, which Manim's own writer has to make
            return
        self.rate: Fraction = spec.frame_rate
        self.encoder = Encoder(self.target, (spec.width, spec.height), spec.frame_rate, self.encode)
        self.keyframes: set[int] = set()
        self.boundary_digests: dict[int, str] = {}
        self.sound_files: list[Path] = []
        self.soundtrack: Path | None = None
        self.still: Path | None = None
        self._playing = False

    @property
    def at_keyframe(self) -> bool:
        """Whether the next frame is encoded without reference to earlier frames."""
        return self.frames in self.keyframes

    @property
    def needs_frame(self) -> bool:
        """Whether the next frame must be drawn: it is in the range, or the first one after it."""
        return self.part.first <= self.frames <= self.part.end

    def force_keyframe(self) -> None:
        """Encode the next frame as a keyframe at which the video can be split."""
        # Consecutive IDR frames must differ in idr_pic_id, which restarts with each encoder.
        if self.frames - max(self.keyframes, default=0) > 1:
            self.keyframes.add(self.frames)
            if self.part.first < self.frames < self.part.end:
                self.encoder.force_keyframe()

    def begin_animation(
        self, allow_write: bool = False, *, animation_index: int, file_path: Any = None
    ) -> None:
        """Write the frames that follow, if `allow_write`."""
        self._playing = allow_write
        interval = SPLIT_INTERVAL_S * self.rate
        if allow_write and self.frames - max(self.keyframes, default=0) >= interval:
            self.force_keyframe()

    def end_animation(self, allow_write: bool = False) -> None:
        """Do not write the frames that follow."""
        self._playing = False

    def next_section(self, name: str, type_: str, skip_animations: bool) -> None:
        """Begin a section, at a keyframe."""
        super().next_section(name, type_, skip_animations)
        if hasattr(self, "keyframes"):  # Manim begins the first section in __init__
            self.force_keyframe()

    def is_already_cached(self, hash_invocation: str) -> bool:
        """Always False: Manim's cache of plays is not used."""
        return False

    def write_changes(self, pixels: Pixels, rects: Sequence[Rect], repeat: int) -> bool:
        """Write a frame `repeat` times, of which only `rects` changed since the last one.

        Returns False if it was not encoded, so that `rects` must be passed again with the next
        frame. Raises RangeComplete at the first frame after the range.
        """
        if not self._playing or repeat <= 0:
            return False
        index, part = self.frames, self.part
        if part != FrameRange() and index in (part.first, part.end):
            self.boundary_digests[index] = hashlib.sha256(pixels.tobytes()).hexdigest()
        if index == part.end:
            raise RangeComplete
        self.frames += repeat
        if index < part.first:
            return False
        self.encoder.write(pixels, rects, repeat)
        return True

    def write_frame(self, pixels: Pixels, *, repeat: int = 1) -> None:
        """Write a frame of which everything may have changed."""
        height, width = pixels.shape[:2]
        self.write_changes(pixels, [full_rect(width, height)], repeat)

    def save_image(self, pixels: Pixels) -> None:
        """Save the only frame of a scene that plays no animation, as PNG."""
        self.still = self.target.with_suffix(".png")
        Image.fromarray(pixels).save(self.still)

    def add_sound(self, sound_file: Any, *args: Any, **kwargs: Any) -> None:
        """Add a sound, and record its file as read."""
        self.sound_files.append(get_full_sound_file_path(sound_file, self.settings.assets_dir))
        super().add_sound(sound_file, *args, **kwargs)

    def finish(self) -> None:
        """Complete the file. The soundtrack of a range stays a WAV file of its own."""
        self.encoder.close()
        if self.includes_sound and self.frames:
            # Pads the soundtrack to the end of the last sound, as Manim does.
            self.add_audio_segment(AudioSegment.silent(0))
            self.soundtrack = self.target.with_suffix(".wav")
            self.audio_segment.export(str(self.soundtrack), format="wav")
            if self.part == FrameRange():
                add_soundtrack(self.target, self.soundtrack)
                self.soundtrack = None

    def combine_to_movie(self) -> None:
        """Do nothing: there are no partial movie files."""

    def abort_encode_jobs(self, reraise_encoder_failures: bool = False) -> None:
        """Write no more frames."""
        self._playing = False
