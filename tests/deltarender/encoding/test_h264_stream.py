"""MP4 files of our H.264 encoder: held pictures, keyframes, timestamps."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from deltarender.encoding.encoder_thread import Encoder

SIZE = (128, 64)


def noise(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (SIZE[1], SIZE[0], 4), dtype=np.uint8)


def write_video(
    path: Path, holds: list[int], *, keyframes: tuple[int, ...] = (), fps: int = 100
) -> Path:
    """Noise that changes in one rectangle; each picture is held for a number of frames."""
    rng = np.random.default_rng(7)
    pixels = noise(7)
    encoder = Encoder(path, SIZE, Fraction(fps), "fast")
    for index, hold in enumerate(holds):
        x = 8 * (index % 12)
        pixels[8:40, x : x + 24] = rng.integers(0, 255, (32, 24, 4), dtype=np.uint8)
        if encoder.frames in keyframes:
            encoder.force_keyframe()
        encoder.write(pixels, [(x, 8, x + 24, 40)] if index else [(0, 0, *SIZE)], hold)
    encoder.close()
    return path


def decode(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as source:
        source.streams.video[0].codec_context.options = {"err_detect": "explode"}
        return [frame.to_ndarray() for frame in source.decode(video=0)]


def packets(path: Path) -> list[tuple[int, bool]]:
    """The size in bytes of each frame, and whether it is a keyframe."""
    with av.open(str(path)) as source:
        return [(p.size, p.is_keyframe) for p in source.demux(video=0) if p.size]


@pytest.mark.parametrize(
    "holds", [[1] * 40, [1, 2, 1, 3, 1, 5], [20, 1, 37, 1], [1, 17, 16, 15, 33]]
)
def test_a_held_picture_is_refined_and_then_stays(tmp_path: Path, holds: list[int]) -> None:
    frames = decode(write_video(tmp_path / "held.mp4", holds))
    assert len(frames) == sum(holds)
    starts = np.cumsum([0, *holds[:-1]])
    for start, hold in zip(starts, holds, strict=True):
        # What changed in this frame, and in the one before, is refined fps / 20 frames later.
        assert len({frame.tobytes() for frame in frames[start : start + hold]}) <= 3
        assert len({frame.tobytes() for frame in frames[start + 8 : start + hold]}) <= 1


def test_a_long_hold_has_keyframes_to_seek_to(tmp_path: Path) -> None:
    path = write_video(tmp_path / "f.mp4", [1, 300, 1], fps=10)
    keyframes = [k for k, (_, is_keyframe) in enumerate(packets(path)) if is_keyframe]
    assert len(keyframes) > 5
    assert max(np.diff([*keyframes, 302])) <= 50


def test_a_forced_keyframe_after_a_hold(tmp_path: Path) -> None:
    path = write_video(tmp_path / "w.mp4", [3, 20, 4, 9], keyframes=(23,))
    frames = decode(path)
    assert len(frames) == 36
    assert packets(path)[23][1]
    np.testing.assert_array_equal(frames[22], frames[12], "it was refined before")


@pytest.mark.parametrize("rate", [Fraction(60), Fraction(30000, 1001), Fraction(7), Fraction(15)])
def test_timestamps_follow_the_frame_rate(tmp_path: Path, rate: Fraction) -> None:
    encoder = Encoder(tmp_path / "f.mp4", SIZE, rate, "fast")
    encoder.write(noise(1), [], 21)
    encoder.close()
    with av.open(str(tmp_path / "f.mp4")) as source:
        stream = source.streams.video[0]
        assert stream.frames == 21
        assert stream.average_rate == pytest.approx(rate)
        times = [frame.time for frame in source.decode(video=0)]
    assert times == pytest.approx([float(k / rate) for k in range(21)], abs=1e-4)
