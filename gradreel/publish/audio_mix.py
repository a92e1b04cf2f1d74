"""Builds the audio track of a film from the audio of its videos, some of which have none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt

from gradreel.publish.subcaption_speech import SpokenCaption

SAMPLE_RATE = 48_000
SAMPLES_PER_FRAME = 1024


@dataclass(frozen=True, slots=True)
class AudioMix:
    """Stereo samples of shape (2, n), between -1 and 1, at `rate` samples per second."""

    samples: npt.NDArray[np.float32]
    rate: int = SAMPLE_RATE

    @property
    def silent(self) -> bool:
        """Whether nothing can be heard."""
        return not np.any(self.samples)

    def between(self, start: float, end: float) -> AudioMix:
        """The part from `start` to `end`, in seconds."""
        first, last = (round(time * self.rate) for time in (start, end))
        return AudioMix(self.samples[:, first:last], self.rate)

    def frames(self) -> Iterator[Any]:
        """The samples as `av.AudioFrame`s for an encoder."""
        for start in range(0, self.samples.shape[1], SAMPLES_PER_FRAME):
            chunk = np.ascontiguousarray(self.samples[:, start : start + SAMPLES_PER_FRAME])
            frame = av.AudioFrame.from_ndarray(chunk, format="fltp", layout="stereo")
            frame.sample_rate = self.rate
            frame.pts = start
            frame.time_base = Fraction(1, self.rate)
            yield frame


def mix_audio(
    videos: Sequence[tuple[Path, int]], rate: Fraction, spoken: Sequence[SpokenCaption] = ()
) -> AudioMix | None:
    """The audio of `videos` (file, number of frames at `rate` per second), one after the other.

    The audio of each video is cut or padded with silence to the length of its pictures, so that
    sound and picture stay in step. `spoken` is heard as well. Returns None if there is no audio.
    """
    tracks = [_decode_samples(path) for path, _ in videos]
    if all(track is None for track in tracks) and not spoken:
        return None
    frame_ends = np.cumsum([0, *(frames for _, frames in videos)])
    boundaries = [round(float(Fraction(int(end)) / rate * SAMPLE_RATE)) for end in frame_ends]
    mixed = np.zeros((2, boundaries[-1]), np.float32)
    for track, start, end in zip(tracks, boundaries, boundaries[1:], strict=False):
        if track is not None:
            length = min(track.shape[1], end - start)
            mixed[:, start : start + length] = track[:, :length]
    for speech in spoken:
        track = _decode_samples(speech.file)
        start, end = (round(time * SAMPLE_RATE) for time in (speech.start, speech.end))
        if track is not None:
            heard = track[:, : min(end, mixed.shape[1]) - start]
            mixed[:, start : start + heard.shape[1]] += heard
    return AudioMix(mixed)


def _decode_samples(path: Path) -> npt.NDArray[np.float32] | None:
    """The audio of a file, resampled to stereo at SAMPLE_RATE; None if it has none."""
    with av.open(str(path)) as source:
        if not source.streams.audio:
            return None
        resampler = av.AudioResampler(format="fltp", layout="stereo", rate=SAMPLE_RATE)
        chunks = [
            resampled.to_ndarray()
            for frame in source.decode(audio=0)
            for resampled in resampler.resample(frame)
        ]
        chunks += [resampled.to_ndarray() for resampled in resampler.resample(None)]
    return np.concatenate(chunks, axis=1).astype(np.float32) if chunks else None
