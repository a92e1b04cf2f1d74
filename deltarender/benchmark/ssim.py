"""Similarity of two videos: the structural similarity index (SSIM) on luma, averaged over frames.

Wang, Bovik, Sheikh, Simoncelli: Image quality assessment (2004), with a uniform window of 8.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt
from scipy import ndimage  # type: ignore[import-untyped]

from deltarender.benchmark.timed_runs import find_manim_video
from deltarender.jobs import SceneRef

Plane = npt.NDArray[np.float32]

FRAME_STEP = 10  # every tenth frame is compared, to limit the time
WINDOW = 8  # pixels
LUMA_WEIGHTS = np.array([0.299, 0.587, 0.114], np.float32)
LOSSLESS = {"crf": "0", "preset": "ultrafast"}  # of x264


def compare(target: SceneRef, folder: Path, run_manim: Callable[..., Any]) -> dict[str, float]:
    """Mean SSIM of our video and of Manim's against a lossless one by Manim.

    The videos were rendered below `folder` in batch-ours and batch-stock. `run_manim` takes a
    scene, a folder name and encoder options.
    """
    lossless = run_manim(target, "lossless", LOSSLESS)["file"]
    ours = next((folder / "batch-ours").rglob(f"{target.name}.mp4"))
    stock = find_manim_video(folder / "batch-stock", target)
    assert stock is not None
    return {"ours": video_ssim(lossless, ours), "stock": video_ssim(lossless, stock)}


def video_ssim(first: Path, second: Path, step: int = FRAME_STEP) -> float:
    """Mean SSIM over every `step`-th frame of two videos of the same size and length."""
    pairs = zip(_luma_planes(first, step), _luma_planes(second, step), strict=True)
    return float(np.mean([ssim(a, b) for a, b in pairs]))


def ssim(a: Plane, b: Plane) -> float:
    """The index of two planes of values from 0 to 255; 1 if they are equal."""
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2

    def mean(x: Plane) -> Plane:
        return np.asarray(ndimage.uniform_filter(x, WINDOW))

    mean_a, mean_b = mean(a), mean(b)
    var_a, var_b = mean(a * a) - mean_a * mean_a, mean(b * b) - mean_b * mean_b
    covariance = mean(a * b) - mean_a * mean_b
    numerator = (2 * mean_a * mean_b + c1) * (2 * covariance + c2)
    denominator = (mean_a * mean_a + mean_b * mean_b + c1) * (var_a + var_b + c2)
    return float((numerator / denominator).mean())


def _luma_planes(video: Path, step: int) -> Iterator[Plane]:
    with av.open(str(video)) as source:
        for index, frame in enumerate(source.decode(video=0)):
            if index % step == 0:
                # By way of RGB, since the luma of two videos may be that of different matrices.
                yield frame.to_ndarray(format="rgb24").astype(np.float32) @ LUMA_WEIGHTS
