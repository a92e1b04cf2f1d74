"""Frames repeated by hand: what a decoder shows must be what it showed before, and no more."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from gradreel.rendering.encoder import Encoder
from gradreel.rendering.repeats import Stream, _escaped

SIZE = (128, 64)


def film(
    path: Path,
    holds: list[int],
    *,
    encode: str = "fast",
    cuts: tuple[int, ...] = (),
    fps: int = 100,
) -> Path:
    """Noise that changes in a corner, each picture held for so many frames."""
    rng = np.random.default_rng(7)
    pixels = rng.integers(0, 255, (SIZE[1], SIZE[0], 4), dtype=np.uint8)
    encoder = Encoder(path, SIZE, Fraction(fps), encode)
    for index, hold in enumerate(holds):
        x = 8 * (index % 12)
        pixels[8:40, x : x + 24] = rng.integers(0, 255, (32, 24, 4), dtype=np.uint8)
        if encoder.frames in cuts:
            encoder.cut()
        encoder.write(pixels, [(x, 8, x + 24, 40)] if index else [(0, 0, *SIZE)], hold)
    encoder.close()
    return path


def decoded(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as source:
        source.streams.video[0].codec_context.options = {"err_detect": "explode"}
        return [frame.to_ndarray() for frame in source.decode(video=0)]


def packets(path: Path) -> list[tuple[int, bool]]:
    with av.open(str(path)) as source:
        return [(p.size, p.is_keyframe) for p in source.demux(video=0) if p.size]


HOLDS = [
    [1] * 40,
    [1, 2, 1, 3, 1, 1, 5, 1],
    [20, 1, 1, 37, 1, 2],
    [1, 17, 16, 15, 1, 33, 1, 1],  # numbers run over at sixteen
]


@pytest.mark.parametrize("holds", HOLDS)
def test_pictures_are_those_of_a_film_without_holds(tmp_path: Path, holds: list[int]) -> None:
    plain = decoded(film(tmp_path / "plain.mp4", [1] * len(holds)))
    held = decoded(film(tmp_path / "held.mp4", holds))
    wanted = [picture for picture, hold in zip(plain, holds, strict=True) for _ in range(hold)]
    assert len(held) == len(wanted)
    for own, other in zip(held, wanted, strict=True):
        np.testing.assert_array_equal(own, other)


def test_a_repeat_takes_a_dozen_bytes(tmp_path: Path) -> None:
    sizes = [size for size, _ in packets(film(tmp_path / "f.mp4", [1, 30, 1]))]
    assert max(sizes[2:31]) <= 16 < min(sizes[0], sizes[1], sizes[31])


def test_long_holds_can_be_sought_in(tmp_path: Path) -> None:
    path = film(tmp_path / "f.mp4", [1, 300, 1], fps=10)
    keys = [k for k, (_, key) in enumerate(packets(path)) if key]
    assert len(keys) > 5
    assert max(np.diff([*keys, 302])) <= 50


def test_a_cut_within_a_film_with_holds(tmp_path: Path) -> None:
    whole = decoded(film(tmp_path / "w.mp4", [3, 20, 4, 9], cuts=(23,)))
    assert len(whole) == 36
    assert packets(tmp_path / "w.mp4")[23][1]
    np.testing.assert_array_equal(whole[22], whole[3])


def test_the_small_encoding_still_codes_every_frame(tmp_path: Path) -> None:
    path = film(tmp_path / "s.mp4", [1, 10, 1], encode="small")
    assert len(decoded(path)) == 12


@pytest.mark.parametrize("preset", ["medium", "veryfast"])
def test_streams_with_more_in_their_headers_are_left_alone(preset: str) -> None:
    coder = av.CodecContext.create("libx264", "w")
    coder.width, coder.height, coder.pix_fmt = 64, 64, "yuv420p"
    coder.time_base = Fraction(1, 10)
    coder.options = {"preset": preset}
    coder.flags |= av.codec.context.Flags.global_header
    coder.open()
    assert Stream.read(bytes(coder.extradata or b"")) is None


def test_what_looks_like_a_start_code_is_escaped() -> None:
    assert _escaped(bytes([0, 0, 1, 0, 0, 0, 0, 5])) == bytes([0, 0, 3, 1, 0, 0, 3, 0, 0, 5])
