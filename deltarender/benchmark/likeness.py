"""How near videos are to the pictures that were drawn, and whether both sides draw the same.

All is compared frame by frame, while the frames are drawn; nothing is kept.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

from deltarender.benchmark.raw_frames import Frame, raw_frames
from deltarender.benchmark.ssim import FRAME_STEP, LUMA_WEIGHTS, ssim
from deltarender.errors import RenderError
from deltarender.jobs import RenderSettings, SceneRef

BLOCK = 8  # pixels
MOST_PSNR = 100.0  # dB, said of equal pictures


@dataclass(slots=True)
class Likeness:
    """Figures of a video against the drawn frames, which are added one by one.

    A row or column of blocks that the picture has only in part counts for the PSNR alone.
    """

    video: Path
    frames: int = 0
    worst_block: float = 0.0  # root of the mean squared error of any block of any frame
    _squares: float = 0.0
    _samples: int = 0
    _ssim: list[float] = field(default_factory=list)
    _decoded: Iterator[Frame] = field(init=False)

    def __post_init__(self) -> None:
        self._decoded = _decoded(self.video)

    def add(self, drawn: Frame) -> None:
        """Compare the next frame. Raises RenderError if the video has fewer."""
        shown = next(self._decoded, None)
        if shown is None or shown.shape != drawn.shape:
            raise RenderError(
                f"it has not the {self.frames + 1} frames drawn.", where=str(self.video)
            )
        errors = squared_errors(drawn, shown)
        self._squares += float(errors.sum(dtype=np.uint64))
        self._samples += 3 * drawn.shape[0] * drawn.shape[1]
        self.worst_block = max(self.worst_block, worst_block(errors))
        if self.frames % FRAME_STEP == 0:
            self._ssim.append(ssim(*(frame[..., :3] @ LUMA_WEIGHTS for frame in (drawn, shown))))
        self.frames += 1

    @property
    def psnr(self) -> float:
        """Of red, green and blue over all frames, in dB."""
        if not self._squares:
            return MOST_PSNR
        return 10 * math.log10(255**2 * self._samples / self._squares)

    @property
    def ssim(self) -> float:
        """Mean of every tenth frame."""
        return float(np.mean(self._ssim))

    def as_json(self) -> dict[str, float]:
        """The three figures, rounded."""
        return {
            "psnr": round(self.psnr, 2), "worst_block": round(self.worst_block, 1),
            "ssim": round(self.ssim, 4),
        }  # fmt: skip


def squared_errors(a: Frame, b: Frame) -> npt.NDArray[np.uint16]:
    """Of each sample; of alpha 0."""
    difference = np.subtract(a, b, dtype=np.int16)
    difference[..., 3] = 0
    # 255 squared needs all 16 bits: the product wraps, and its bits are right.
    return np.multiply(difference, difference, out=difference).view(np.uint16)


def worst_block(errors: npt.NDArray[np.uint16]) -> float:
    """The root of the mean squared error of the worst whole block of 8x8 pixels."""
    height, width = (size - size % BLOCK for size in errors.shape[:2])
    if not height or not width:
        return 0.0
    rows = errors[:height, :width].reshape(height // BLOCK, BLOCK, width * 4)
    sums = rows.sum(axis=1, dtype=np.uint32).reshape(height // BLOCK, width // BLOCK, BLOCK * 4)
    return math.sqrt(int(sums.sum(axis=2).max()) / (3 * BLOCK * BLOCK))


def _decoded(video: Path) -> Iterator[Frame]:
    with av.open(str(video)) as source:
        for frame in source.decode(video=0):
            yield np.asarray(frame.to_ndarray(format="rgba"), np.uint8)


def compare(
    target: SceneRef, profile: RenderSettings, folder: Path, videos: Mapping[str, Path]
) -> tuple[bool, dict[str, Likeness]]:
    """Whether both sides draw the same frames, and the likeness of each of the `videos`.

    Raises RenderError if the scene fails.
    """
    measured = {name: Likeness(video) for name, video in videos.items()}
    equal = True
    with (
        raw_frames("stock", target, profile, folder / "drawn-stock") as stock,
        raw_frames("ours", target, profile, folder / "drawn-ours") as ours,
    ):
        for theirs, mine in zip_longest(stock, ours):
            equal = equal and np.array_equal(theirs, mine)
            if theirs is not None:
                for likeness in measured.values():
                    likeness.add(theirs)
    return equal, measured
