"""Brings speech to one loudness, as EBU R 128 measures it, without clipping.

normalize_loudness(Path("spoken.wav"), Path("speech.wav"))     # 48 kHz, -16 LUFS

FFmpeg's filters measure and limit, through PyAV.
"""

from __future__ import annotations

import wave
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt

TARGET_LUFS = -16.0
MAX_TRUE_PEAK_DB = -2.0  # lossy encoding can raise a peak by about one decibel
SAMPLE_RATE = 48_000
TOLERANCE_LU = 0.1
MAX_PASSES = 4
# Loudness is measured in windows of 0.4 s: a shorter sound is measured as if it were repeated.
MIN_MEASURED_S = 3.0
# It limits samples; peaks between them are higher, so that its limit is lower than theirs.
LIMITER = "alimiter=level=disabled:attack=2:release=40:limit={limit:.6f}"
MAX_SAMPLE_PEAK_DB = MAX_TRUE_PEAK_DB - 0.6

Samples = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Loudness:
    """Integrated loudness in LUFS, and the true peak in dB of full scale; -inf for silence."""

    lufs: float
    peak_db: float


def normalize_loudness(source: Path, target: Path) -> None:
    """Write the sound of `source` to the WAV file `target` at TARGET_LUFS and SAMPLE_RATE.

    Its true peak is MAX_TRUE_PEAK_DB at most; silence stays silence.
    """
    samples = decode(source)
    write_wav(target, amplified(samples) if np.abs(samples).max(initial=0) > 1e-4 else samples)


def amplified(samples: Samples) -> Samples:
    """`samples`, of shape (channels, n), at TARGET_LUFS with their peaks limited."""
    gain, result = 1.0, samples
    for _ in range(MAX_PASSES):
        difference = TARGET_LUFS - measure_loudness(result, peak=False).lufs
        if abs(difference) < TOLERANCE_LU:
            break
        # Limiting takes back a part of each further gain.
        gain *= _ratio(difference if result is samples else 1.6 * difference)
        result = _limited(samples * np.float32(gain))
    peak = measure_loudness(result).peak_db
    return result * np.float32(min(1.0, _ratio(MAX_TRUE_PEAK_DB - peak)))


def measure_loudness(samples: Samples, *, peak: bool = True) -> Loudness:
    """The loudness of `samples`, of shape (channels, n), at SAMPLE_RATE.

    Measuring the true peak takes most of the time; without `peak` it is -inf.
    """
    if samples.shape[1]:
        repeats = int(np.ceil(MIN_MEASURED_S * SAMPLE_RATE / samples.shape[1]))
        samples = np.tile(samples, (1, max(repeats, 1)))
    metadata: dict[str, str] = {}
    for frame in _filtered(samples, f"ebur128=metadata=1:peak={'true' if peak else 'none'}"):
        metadata = dict(frame.metadata) or metadata  # the last, incomplete window has none
    peaks = [float(v) for k, v in metadata.items() if k.startswith("lavfi.r128.true_peaks_ch")]
    highest = max(peaks, default=0.0)
    return Loudness(
        float(metadata.get("lavfi.r128.I", "-inf")),
        20 * float(np.log10(highest)) if highest else float("-inf"),
    )


def decode(source: Path) -> Samples:
    """The sound of a file at SAMPLE_RATE: mono, or stereo if it has more channels."""
    with av.open(str(source)) as container:
        stream = container.streams.audio[0]
        layout = "mono" if stream.codec_context.channels == 1 else "stereo"
        resampler = av.AudioResampler(format="fltp", layout=layout, rate=SAMPLE_RATE)
        frames = [*container.decode(stream), None]
        pieces = [piece.to_ndarray() for frame in frames for piece in resampler.resample(frame)]
    empty = np.zeros((1 if layout == "mono" else 2, 0), np.float32)
    return np.concatenate([empty, *pieces], axis=1).astype(np.float32)


def write_wav(target: Path, samples: Samples) -> None:
    """Write `samples` as a WAV file of 16 bits."""
    clipped = np.clip(samples, -1.0, 1.0)
    with wave.open(str(target), "wb") as file:
        file.setnchannels(samples.shape[0])
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes(np.round(clipped.T * 32767).astype("<i2").tobytes())


def _limited(samples: Samples) -> Samples:
    filters = LIMITER.format(limit=_ratio(MAX_SAMPLE_PEAK_DB))
    pieces = [frame.to_ndarray() for frame in _filtered(samples, filters)]
    result = np.concatenate(pieces, axis=1)[:, : samples.shape[1]]
    return result.astype(np.float32)


def _ratio(decibels: float) -> float:
    return float(10 ** (decibels / 20))


def _filtered(samples: Samples, filters: str) -> Iterator[Any]:
    """The frames that a chain of FFmpeg's audio filters makes of `samples`, planar floats."""
    layout = "mono" if samples.shape[0] == 1 else "stereo"
    graph: Any = av.filter.Graph()
    ends = [
        graph.add_abuffer(
            sample_rate=SAMPLE_RATE,
            format="fltp",
            layout=layout,
            time_base=Fraction(1, SAMPLE_RATE),
        )
    ]
    for description in [*filters.split(","), "aformat=sample_fmts=fltp"]:
        name, _, options = description.partition("=")
        ends.append(graph.add(name, options))
    graph.link_nodes(*ends, graph.add("abuffersink")).configure()
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples), "fltp", layout)
    frame.sample_rate, frame.pts, frame.time_base = SAMPLE_RATE, 0, Fraction(1, SAMPLE_RATE)
    graph.push(frame)
    graph.push(None)
    while True:
        try:
            yield graph.pull()
        except (av.BlockingIOError, av.EOFError):
            return
