"""One track of sound for a film of which some scenes sound and others do not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt

RATE = 48_000
CHUNK = 1024


@dataclass(frozen=True, slots=True)
class Mix:
    """Samples of shape (2, n), stereo, -1 to 1, `rate` a second."""

    samples: npt.NDArray[np.float32]
    rate: int = RATE

    def frames(self) -> Iterator[Any]:
        """The samples as frames for an encoder."""
        for start in range(0, self.samples.shape[1], CHUNK):
            piece = np.ascontiguousarray(self.samples[:, start : start + CHUNK])
            frame = av.AudioFrame.from_ndarray(piece, format="fltp", layout="stereo")
            frame.sample_rate = self.rate
            frame.pts = start
            frame.time_base = Fraction(1, self.rate)
            yield frame


def mix(videos: Sequence[tuple[Path, int]], rate: Fraction) -> Mix | None:
    """The sound of `videos` (file, frames at `rate`) one after the other; None if all are silent.

    A video's sound is cut or filled up to the length of its pictures, so that nothing drifts.
    """
    tracks = [_samples(path) for path, _ in videos]
    if all(track is None for track in tracks):
        return None
    ends = np.cumsum([0, *(frames for _, frames in videos)])
    at = [round(float(Fraction(int(end)) / rate * RATE)) for end in ends]
    whole = np.zeros((2, at[-1]), np.float32)
    for track, start, end in zip(tracks, at, at[1:], strict=False):
        if track is not None:
            length = min(track.shape[1], end - start)
            whole[:, start : start + length] = track[:, :length]
    return Mix(whole)


def _samples(path: Path) -> npt.NDArray[np.float32] | None:
    with av.open(str(path)) as source:
        if not source.streams.audio:
            return None
        resampler = av.AudioResampler(format="fltp", layout="stereo", rate=RATE)
        pieces = [
            even.to_ndarray()
            for frame in source.decode(audio=0)
            for even in resampler.resample(frame)
        ]
        pieces += [even.to_ndarray() for even in resampler.resample(None)]
    return np.concatenate(pieces, axis=1).astype(np.float32) if pieces else None
