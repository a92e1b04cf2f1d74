"""The command `bench`: this renderer against `manim`."""

from __future__ import annotations

import json

import click

from gradreel.cli.options import as_json, picture, scene_names, targets, workers
from gradreel.rendering.job import Profile


@click.command()
@scene_names
@picture
@workers
@click.option("--curves", is_flag=True, help="also time against frames, mobjects, scenes, jobs")
@as_json
def bench(
    scenes: tuple[str, ...], quality: str, fps: float | None, resolution: tuple[int, int] | None,
    theme: str, captions: bool, workers: int | None, curves: bool, as_json: bool,
) -> None:  # fmt: skip
    """This renderer against `manim` itself: same scenes, same machine, alternately, as a ratio.

    Without SCENEs, the whole lecture.
    """
    from gradreel.rendering import batch
    from gradreel.rendering import bench as measure

    profile = Profile.of(quality, fps=fps, resolution=resolution, theme=theme, captions=captions)
    found = targets(scenes, every=not scenes)
    result = measure.measure(found, profile, workers or batch.cores(), curves=curves)
    click.echo(json.dumps(result, indent=1) if as_json else measure.as_text(result))
