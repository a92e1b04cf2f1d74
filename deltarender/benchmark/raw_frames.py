"""All frames of a scene as they are drawn, before they are encoded, one after the other.

`python -m deltarender.benchmark.raw_frames stock|ours FILE CLASS WIDTH HEIGHT FPS FOLDER` writes
them to its standard output: for each picture a head (HEAD), then its pixels as RGBA.
"""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, BinaryIO

import numpy as np
import numpy.typing as npt

from deltarender.errors import RenderError
from deltarender.jobs import RenderSettings, SceneRef

Frame = npt.NDArray[np.uint8]  # (height, width, 4)

HEAD = struct.Struct("<QII")  # for how many frames the picture stays, its height and width


@contextmanager
def raw_frames(
    side: str, target: SceneRef, profile: RenderSettings, folder: Path
) -> Iterator[Iterator[Frame]]:
    """The frames drawn by the `side` "stock" or "ours", in a process that begins at once.

    Only one frame is held. The iterator raises RenderError if the scene fails.
    """
    size = [f"{value:g}" for value in (profile.width, profile.height, profile.fps)]
    command = [
        sys.executable, "-m", "deltarender.benchmark.raw_frames", side, str(target.file),
        target.cls, *size, str(folder),
    ]  # fmt: skip
    with (
        tempfile.TemporaryFile() as errors,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors) as process,
    ):
        try:
            yield _received(process, errors, target.cls)
        finally:
            process.kill()  # where the caller has not read all


def _received(process: subprocess.Popen[bytes], errors: IO[bytes], scene: str) -> Iterator[Frame]:
    assert process.stdout is not None
    while head := process.stdout.read(HEAD.size):
        repeat, height, width = HEAD.unpack(head)
        pixels = np.frombuffer(process.stdout.read(height * width * 4), np.uint8)
        for _ in range(repeat):
            yield pixels.reshape(height, width, 4)
    if process.wait():
        errors.seek(0)
        message = errors.read()[-1500:].decode(errors="replace")
        raise RenderError(f"its frames could not be drawn: {message}", where=scene)


def _play(side: str, target: SceneRef, settings: dict[str, Any], sink: BinaryIO) -> None:
    from manim import tempconfig
    from manim.renderer.cairo_renderer import CairoRenderer

    from deltarender.engine.dry_run import NullFileWriter
    from deltarender.engine.incremental_renderer import IncrementalRenderer
    from deltarender.engine.scene_loader import load_scene_class
    from deltarender.engine.scene_setup import create_scene, play_scene

    class Sending(NullFileWriter):
        """Sends frames instead of encoding them."""

        def write_frame(self, pixels: Any, *, repeat: int = 1) -> None:
            sink.write(HEAD.pack(repeat, *pixels.shape[:2]))
            sink.write(np.ascontiguousarray(pixels).data)

        def write_changes(self, pixels: Any, rects: Any, repeat: int) -> bool:
            self.write_frame(pixels, repeat=repeat)
            return True

    renderer = IncrementalRenderer if side == "ours" else CairoRenderer
    with tempconfig(settings):
        play_scene(create_scene(load_scene_class(target, {}), renderer, Sending))


def _main(side: str, file: str, name: str, width: str, height: str, fps: str, folder: str) -> None:
    settings = {
        "pixel_width": int(width), "pixel_height": int(height), "frame_rate": float(fps),
        "media_dir": folder, "disable_caching": True, "progress_bar": "none", "verbosity": "ERROR",
    }  # fmt: skip
    with os.fdopen(os.dup(1), "wb") as sink:
        os.dup2(2, 1)  # what the scene prints must not get between the pictures
        _play(side, SceneRef(Path(file), name, name), settings, sink)


if __name__ == "__main__":
    _main(*sys.argv[1:])
