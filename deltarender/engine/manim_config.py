"""Manim's global configuration, set for one job."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from manim import ManimColor, config, console, error_console

from deltarender.errors import UsageError
from deltarender.jobs import ALL_ANIMATIONS, VECTORS, Job, RenderSettings

STANDARD_ASPECT = 16 / 9  # of Manim's default frame
ASPECT_TOLERANCE = 0.005  # relative; 854x480 is not exactly 16:9


def configure(job: Job, folder: Path) -> None:
    """Set Manim's configuration for `job`; Manim's own output files go to `folder`."""
    profile = job.profile
    os.environ.update(profile.environment)
    config.verbosity = "INFO"
    # Manim's log, in spite of what a scene does with sys.stdout.
    console.file, error_console.file = sys.stdout, sys.stderr
    config.progress_bar = "none"
    config.notify_outdated_version = False
    config.preview = False
    config.disable_caching = True
    config.input_file = str(job.target.file)
    config.media_dir = str(folder)
    config.log_to_file = False
    config.write_all = False
    config.save_sections = False
    config.output_file = ""
    config.transparent = profile.transparent
    if profile.background:
        config.background_color = _color(profile.background)
    if profile.animations != ALL_ANIMATIONS:
        config.from_animation_number, config.upto_animation_number = profile.animations
    bypasses_manim_writer = profile.format in ("mp4", *VECTORS)
    config.format = "auto" if bypasses_manim_writer else profile.format
    _set_size(profile)


def _color(name: str) -> ManimColor:
    try:
        return ManimColor(name)
    except ValueError:
        raise UsageError(
            f"Manim has no color {name}.", hint="Write for example #ece6e2, or WHITE."
        ) from None


def _set_size(profile: RenderSettings) -> None:
    config.pixel_width = profile.width
    config.pixel_height = profile.height
    config.frame_rate = profile.fps
    aspect = profile.width / profile.height
    if abs(aspect / STANDARD_ASPECT - 1) > ASPECT_TOLERANCE:
        # Manim's camera keeps the frame width and derives the height from the pixels. Scenes that
        # position mobjects by config.frame_height must see the same height.
        config.frame_height = config.frame_width / aspect
