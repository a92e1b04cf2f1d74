"""The command `bench`: compares this renderer with the command `manim`, or measures a cluster."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

from deltarender.errors import unknown_name
from deltarender.jobs import SceneRef
from gradreel.cli.options import (
    OutputOptions,
    PictureOptions,
    RunOptions,
    json_option,
    picture_options,
    worker_options,
)
from gradreel.cli.scene_selection import resolve_targets, scene_names
from gradreel.errors import UsageError
from gradreel.extras import missing_package, require_lecture_extra
from gradreel.lecture_settings import LectureSettings, modules_to_preload


@click.command()
@scene_names
@picture_options
@worker_options
@click.option("--curves", is_flag=True, help="also time against frames, mobjects, scenes, jobs")
@click.option(
    "--cluster", "worker_counts", metavar="N,...", default=None,
    help="instead: what a Dask cluster costs beside this machine, and how N workers are kept busy",
)  # fmt: skip
@click.option(
    "--set", "whole_set", is_flag=True,
    help="instead: small Manim scenes of many kinds, one row each",
)  # fmt: skip
@click.option("--studio", is_flag=True, help="instead: how long the studio takes to answer")
@json_option
def bench(
    scenes: tuple[str, ...], picture: PictureOptions, run: RunOptions, curves: bool,
    worker_counts: str | None, whole_set: bool, studio: bool, output: OutputOptions,
) -> None:  # fmt: skip
    """This renderer against `manim` itself: same scenes, same machine, alternately, as a ratio.

    Without SCENEs, the whole lecture.
    """
    from deltarender import batch
    from deltarender.benchmark import compare

    profile = picture.settings()
    if whole_set:
        _print(*_measure_set(scenes, profile), output)
        return
    refs = resolve_targets(scenes, every=not scenes)
    require_lecture_extra(ref.file for ref in refs)
    if studio:
        result, text = _measure_studio(scenes or ("TangentLine",))
    elif worker_counts is not None:
        result, text = _measure_cluster(refs, profile, _parse_counts(worker_counts))
    else:
        result = compare.measure(
            refs, profile, run.workers or batch.cores(), curves=curves,
            environment={"GRADREEL_THEME": picture.theme}, preload=modules_to_preload,
        )  # fmt: skip
        text = compare.as_text(result)
    _print(result, text, output)


def _print(result: dict[str, Any], text: str, output: OutputOptions) -> None:
    if output.as_json:
        output.print_json(result)
    else:
        click.echo(text)


def _measure_set(names: Sequence[str], profile: LectureSettings) -> tuple[dict[str, Any], str]:
    """The figures of the benchmark scenes, all or those named, and the same as text."""
    from deltarender.benchmark import scene_set

    targets = {target.name: target for target in scene_set.scene_set()}
    for name in names:
        if name not in targets:
            raise unknown_name("scene of the set", name, targets)
    chosen = [target for name, target in targets.items() if not names or name in names]
    result = scene_set.measure(chosen, profile, lambda name: click.echo(name, err=True))
    return result, scene_set.as_text(result)


def _parse_counts(text: str) -> list[int]:
    """The numbers of workers in `4,16,64`. Raises UsageError."""
    try:
        counts = [int(count) for count in text.split(",")]
    except ValueError:
        counts = []
    if not counts or min(counts) < 1:
        raise UsageError(
            f"--cluster takes numbers of workers, not {text!r}.", hint="Give --cluster 4,16,64"
        )
    return counts


def _measure_studio(scenes: Sequence[str]) -> tuple[dict[str, Any], str]:
    """What the studio takes for each of these scenes, and the same as text."""
    try:
        from gradreel.explore import latency
    except ModuleNotFoundError as missing:
        raise missing_package(missing) from None
    result = {scene: asdict(latency.measure(scene)) for scene in scenes}
    lines = [
        f"{scene}: first picture {row['first_picture']:.2f} s,"
        f" drag {row['drag_median'] * 1e3:.0f} ms (p95 {row['drag_p95'] * 1e3:.0f} ms),"
        f" changed parameter {row['changed_parameter']:.2f} s,"
        f" saved file {row['saved_file']:.2f} s, idle {row['idle_memory'] / 1e6:.0f} MB"
        for scene, row in result.items()
    ]
    return {"studio": result}, "\n".join(lines)


def _measure_cluster(
    refs: list[SceneRef], profile: LectureSettings, counts: list[int]
) -> tuple[dict[str, Any], str]:
    """The figures of a local Dask cluster, and the same as text."""
    try:
        from deltarender.benchmark import cluster_scaling
    except ModuleNotFoundError as missing:
        raise missing_package(missing) from None
    with TemporaryDirectory(prefix="gradreel-bench-") as folder:
        result = cluster_scaling.measure(
            refs, profile, counts, Path(folder), preload=modules_to_preload
        )
    return result, cluster_scaling.as_text(result)
