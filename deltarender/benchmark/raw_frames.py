"""A digest of all frames of a scene as they are drawn, before they are encoded.

`python -m deltarender.benchmark.raw_frames stock|ours FILE CLASS WIDTH HEIGHT FPS FOLDER` prints
the number of frames and their digest.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

from deltarender.errors import RenderError
from deltarender.jobs import RenderSettings, SceneRef


def raw_frames(side: str, target: SceneRef, profile: RenderSettings, folder: Path) -> str:
    """The number and the digest of the frames, by the `side` "stock" or "ours".

    Raises RenderError if the scene fails.
    """
    size = [f"{value:g}" for value in (profile.width, profile.height, profile.fps)]
    done = subprocess.run(
        [
            sys.executable, "-m", "deltarender.benchmark.raw_frames", side, str(target.file),
            target.cls, *size, str(folder),
        ],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RenderError(f"its frames could not be drawn: {done.stderr[-1500:]}", where=target.cls)
    return done.stdout.splitlines()[-1]


def _play(side: str, file: Path, name: str, settings: dict[str, Any]) -> str:
    from manim import tempconfig
    from manim.renderer.cairo_renderer import CairoRenderer

    from deltarender.engine.dry_run import NullFileWriter
    from deltarender.engine.incremental_renderer import IncrementalRenderer
    from deltarender.engine.scene_loader import load_scene_class
    from deltarender.engine.scene_setup import create_scene, play_scene

    digest, count = hashlib.sha256(), 0

    class Digesting(NullFileWriter):
        """Digests frames instead of encoding them."""

        def write_frame(self, pixels: Any, *, repeat: int = 1) -> None:
            nonlocal count
            count += repeat
            digest.update(np.ascontiguousarray(pixels).tobytes() + repeat.to_bytes(8))

        def write_changes(self, pixels: Any, rects: Any, repeat: int) -> bool:
            self.write_frame(pixels, repeat=repeat)
            return True

    renderer = IncrementalRenderer if side == "ours" else CairoRenderer
    with tempconfig(settings):
        play_scene(
            create_scene(load_scene_class(SceneRef(file, name, name), {}), renderer, Digesting)
        )
    return f"{count} {digest.hexdigest()}"


def _main(side: str, file: str, name: str, width: str, height: str, fps: str, folder: str) -> None:
    settings = {
        "pixel_width": int(width), "pixel_height": int(height), "frame_rate": float(fps),
        "media_dir": folder, "disable_caching": True, "progress_bar": "none", "verbosity": "ERROR",
    }  # fmt: skip
    print(_play(side, Path(file), name, settings))


if __name__ == "__main__":
    _main(*sys.argv[1:])
