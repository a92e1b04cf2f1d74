"""The command `bench`: this renderer against `manim`."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from deltarender.jobs import SceneRef
from gradreel.cli.options import (
    as_json,
    needs_cluster,
    picture,
    resolve_targets,
    scene_names,
    workers,
)
from gradreel.errors import UsageError
from gradreel.lecture_settings import LectureSettings


@click.command()
@scene_names
@picture
@workers
@click.option("--curves", is_flag=True, help="also time against frames, mobjects, scenes, jobs")
@click.option(
    "--cluster",
    metavar="N,...",
    default=None,
    help="instead: what a Dask cluster costs beside this machine, and how N workers are kept busy",
)
@as_json
def bench(
    scenes: tuple[str, ...], quality: str, fps: float | None, resolution: tuple[int, int] | None,
    theme: str, captions: bool, workers: int | None, curves: bool,
    cluster: str | None, as_json: bool,
) -> None:  # fmt: skip
    """This renderer against `manim` itself: same scenes, same machine, alternately, as a ratio.

    Without SCENEs, the whole lecture.
    """
    from deltarender import batch
    from deltarender.benchmark import compare as measure

    profile = LectureSettings.of(
        quality, fps=fps, resolution=resolution, theme=theme, captions=captions
    )
    found = resolve_targets(scenes, every=not scenes)
    if cluster is not None:
        click.echo(_of_a_cluster(found, profile, cluster, as_json))
        return
    result = measure.measure(
        found, profile, workers or batch.cores(),
        curves=curves, environment={"GRADREEL_THEME": theme},
    )  # fmt: skip
    click.echo(json.dumps(result, indent=1) if as_json else measure.as_text(result))


def _of_a_cluster(
    found: list[SceneRef], profile: LectureSettings, counts: str, as_json: bool
) -> str:
    try:
        from deltarender.benchmark import cluster_scaling
    except ModuleNotFoundError as missing:
        raise needs_cluster(missing) from None
    try:
        workers = [int(count) for count in counts.split(",")]
    except ValueError:
        workers = []
    if not workers or min(workers) < 1:
        raise UsageError(
            f"--cluster takes numbers of workers, not {counts!r}.", hint="Give --cluster 4,16,64"
        )
    with TemporaryDirectory(prefix="gradreel-bench-") as folder:
        result = cluster_scaling.measure(found, profile, workers, Path(folder))
    return json.dumps(result, indent=1) if as_json else cluster_scaling.as_text(result)
