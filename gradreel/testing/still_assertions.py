"""`assert_stills`: the pictures of a scene, one per beat, against golden pictures."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from deltarender.atomic_files import atomic_write, ensure_writable
from gradreel.errors import UsageError
from gradreel.testing import session
from gradreel.testing.golden_assertions import UPDATE
from gradreel.testing.picture_difference import (
    Mask,
    Pixels,
    difference_picture,
    different_pixels,
    read_picture,
    worst_window,
)
from gradreel.testing.played_scene import job_for, play, short_traceback

THRESHOLD = 12.0  # delta E; 2.3 is just noticeable side by side, black and white are 100 apart
MOST_PIXELS = 8  # in one window
_STILL = re.compile(r"\d\d-.*\.png")


def assert_stills(
    scene: str,
    /,
    *,
    folder: Path | str | None = None,
    theme: str = "dark",
    quality: str = "l",
    threshold: float = THRESHOLD,
    most_pixels: int = MOST_PIXELS,
    **params: Any,
) -> None:
    """Assert that each beat of a scene ends with the picture that it had before.

    `scene` is as in `scene_values`, with `params`. The pictures are in a folder of the scene's name
    and parameters in `folder`, by default `golden` beside the test. A picture differs if more than
    `most_pixels` pixels in a window of the size of a digit differ in color by more than `threshold`
    (CIELAB). Then a picture of the difference is kept in media/differences. With
    `pytest --update-golden` the pictures are written.
    """
    __tracebackhide__ = True
    state = session.current()
    with short_traceback():
        job = job_for(scene, params, quality, theme=theme)
        now = {path.name: path for path in play(job, stills=True).stills}
    name = job.stem if theme == "dark" else f"{job.stem}-{theme}"
    target = Path(folder or state.golden_folder) / name
    if state.update:
        _write(target, now)
        state.written += len(now)
        return
    golden = {path.name: path for path in target.glob("*.png") if _STILL.fullmatch(path.name)}
    where = os.path.relpath(target, state.root)
    if not golden:
        raise AssertionError(f"there are no golden pictures in {where}\nWrite them: {UPDATE}")
    differing = state.media_dir / "differences" / name
    lines = [
        line
        for still in sorted({*golden, *now})
        for line in _compare(still, golden.get(still), now.get(still), differing, threshold,
                             most_pixels)
    ]  # fmt: skip
    if lines:
        count = len(lines)
        title = f"{name}, {where}: {count} picture{' differs' if count == 1 else 's differ'}"
        raise AssertionError("\n".join([title, *lines, f"If this is meant: {UPDATE}"]))


def _compare(
    still: str, golden: Path | None, now: Path | None, folder: Path, threshold: float,
    most_pixels: int,
) -> Sequence[str]:  # fmt: skip
    """What differs in one picture, as at most one line; a picture of it is written to `folder`."""
    kept = folder / still
    kept.unlink(missing_ok=True)
    if golden is None or now is None:
        return [f"  {still}: this picture is {'new' if golden is None else 'gone'}"]
    old, new = _read(golden), read_picture(now)
    if old.shape != new.shape:
        _keep(kept, old, new, None)
        sizes = [f"{p.shape[1]}x{p.shape[0]}" for p in (old, new)]
        return [f"  {still}: was {sizes[0]} pixels, is {sizes[1]}; see {kept}"]
    mask = different_pixels(old, new, threshold)
    if worst_window(mask) <= most_pixels:
        return []
    _keep(kept, old, new, mask)
    return [f"  {still}: {int(mask.sum())} pixels differ; see {kept}"]


def _read(golden: Path) -> Pixels:
    try:
        return read_picture(golden)
    except (OSError, ValueError) as error:
        raise UsageError(
            f"this picture cannot be read ({error}).", where=str(golden), hint=f"Write it: {UPDATE}"
        ) from None


def _keep(path: Path, old: Pixels, new: Pixels, mask: Mask | None) -> None:
    """Write the picture of a difference."""
    ensure_writable(path.parent)
    buffer = io.BytesIO()
    difference_picture(old, new, mask).save(buffer, "png")
    atomic_write(path, buffer.getvalue())


def _write(target: Path, stills: dict[str, Path]) -> None:
    """Write golden pictures, and remove those of beats that are no more."""
    ensure_writable(target)
    for old in target.glob("*.png"):
        if _STILL.fullmatch(old.name) and old.name not in stills:
            old.unlink()
    for name, path in stills.items():
        atomic_write(target / name, path.read_bytes())
