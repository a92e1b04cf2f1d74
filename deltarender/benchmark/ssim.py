"""How near two films are: the structural similarity index, on luma, averaged over frames.

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

from deltarender.jobs import RenderSettings, SceneRef

Plane = npt.NDArray[np.float32]
EVERY = 10  # frames, so that a comparison stays affordable


def compare(
    target: SceneRef, profile: RenderSettings, folder: Path, stock: Callable[..., Any]
) -> dict[str, float]:
    """Mean SSIM of our file and of stock's against a lossless one by stock."""
    exact = stock(target, profile, folder / "lossless", crf="0", preset="ultrafast")["file"]
    own = next((folder / "batch-ours").rglob(f"{target.name}.mp4"))
    theirs = next(
        p for p in (folder / "batch-stock").rglob(f"{target.cls}.mp4")
        if "partial_movie_files" not in p.parts
    )  # fmt: skip
    return {"ours": films(exact, own), "stock": films(exact, theirs)}


def films(one: Path, other: Path, every: int = EVERY) -> float:
    """Mean SSIM over every `every`-th frame of two films of the same size and length."""
    pairs = zip(_luma(one, every), _luma(other, every), strict=True)
    return float(np.mean([ssim(a, b) for a, b in pairs]))


def ssim(a: Plane, b: Plane) -> float:
    """The index of two planes of values up to 255."""
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2

    def mean(x: Plane) -> Plane:
        return np.asarray(ndimage.uniform_filter(x, 8))

    ma, mb = mean(a), mean(b)
    va, vb, cov = mean(a * a) - ma * ma, mean(b * b) - mb * mb, mean(a * b) - ma * mb
    top = (2 * ma * mb + c1) * (2 * cov + c2)
    return float((top / ((ma * ma + mb * mb + c1) * (va + vb + c2))).mean())


def _luma(film: Path, every: int) -> Iterator[Plane]:
    with av.open(str(film)) as source:
        for index, frame in enumerate(source.decode(video=0)):
            if index % every == 0:
                plane = frame.reformat(format="gray").to_ndarray()
                yield plane.astype(np.float32)
