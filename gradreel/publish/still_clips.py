"""A scene without animations as a video: its picture, for a second.

Such a scene is rendered to a PNG, as by Manim. In a film it is a second, in a deck a slide.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
from PIL import Image

from deltarender.encoding.encoder_thread import Encoder
from deltarender.encoding.rect import full_rect
from deltarender.output_files import STILL_SECONDS
from gradreel.errors import RenderError
from gradreel.publish.rendered_scenes import RenderedScene


def as_video(scene: RenderedScene, target: Path, encode: str = "fast") -> RenderedScene:
    """`scene` if it has an MP4; one that is a picture with an MP4 of it, written to `target`.

    Raises RenderError for a scene whose file asks Manim for another format.
    """
    if scene.video.suffix == ".mp4":
        return scene
    if scene.video.suffix != ".png":
        raise RenderError(
            f"its own file sets Manim's output to {scene.video.suffix[1:]}, and films and decks "
            "are made of MP4.",
            where=scene.name, hint="Take the setting out of the file.",
        )  # fmt: skip
    with Image.open(scene.video) as picture:
        pixels = np.ascontiguousarray(picture.convert("RGBA"))
    height, width = pixels.shape[:2]
    rate = Fraction(scene.fps).limit_denominator(1001)
    frames = max(round(rate * Fraction(STILL_SECONDS)), 1)
    encoder = Encoder(target, (width, height), rate, encode)
    encoder.write(pixels, [full_rect(width, height)], frames)
    encoder.close()
    manifest = {**scene.manifest, "frames": frames, "beats": []}
    return replace(scene, video=target, manifest=manifest)
