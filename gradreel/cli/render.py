"""The command `render`: options to jobs, a batch, a report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from deltarender.jobs import ENCODINGS, FORMATS, Job
from gradreel.cli.options import (
    as_json,
    beat_option,
    jobs_of,
    media_dir,
    needs_cluster,
    picture,
    scene_names,
    settings,
    timeout,
    workers,
)
from gradreel.lecture_settings import LectureSettings, modules_to_preload

# What scenes of the lecture draw with: workers of a cluster must have the same.
LIBRARIES = ("torch", "scipy", "pydantic", "grandalf")
PACKAGES = ("gradreel",)


@click.command()
@scene_names
@click.option("--all", "every", is_flag=True, help="all scenes of the lecture")
@picture
@click.option("--format", "format_", type=click.Choice(FORMATS), default="mp4", show_default=True)
@click.option("--transparent", is_flag=True, help="no background (mov, webm, gif, png)")
@click.option(
    "--encode", type=click.Choice(ENCODINGS), default="fast", show_default=True,
    help="fast to make, or small",
)  # fmt: skip
@settings
@workers
@beat_option
@click.option("--cluster", metavar="ADDRESS", default=None, help="render on a Dask cluster")
@click.option(
    "--split",
    type=click.IntRange(1),
    default=None,
    metavar="N",
    help="render a scene in up to N parts at once  [default: as workers are to spare]",
)
@media_dir
@timeout
@click.option("--force", is_flag=True, help="render even what is fresh")
@click.option("--fail-fast", is_flag=True, help="begin no more scenes after a failure")
@click.option("--dry-run", is_flag=True, help="only say what would be rendered, and why")
@as_json
def render(
    scenes: tuple[str, ...], every: bool, quality: str, fps: float | None,
    resolution: tuple[int, int] | None, theme: str, captions: bool, format_: str,
    transparent: bool, encode: str, params: tuple[tuple[str, str], ...], beat: str | None,
    workers: int | None, cluster: str | None, split: int | None, media_dir: Path, timeout: float,
    force: bool, fail_fast: bool, dry_run: bool, as_json: bool,
) -> None:  # fmt: skip
    """Render scenes to video.

    A SCENE is a name from the syllabus, path.py:Class, or path.py for all scenes of a file. With
    --beat, its video is cut out of the scene's, frame by frame the same. A GIF has at most 15
    frames a second, 256 colours and only what changes, to be small enough to mail: use -q l.
    """
    from deltarender import batch

    profile = LectureSettings.of(
        quality, fps=fps, resolution=resolution, theme=theme, captions=captions, format=format_,
        transparent=transparent, encode=encode,
    )  # fmt: skip
    if beat is not None:
        from gradreel.publish import beat_export

        profile = beat_export.profile_of(profile)
    jobs = jobs_of(scenes, profile, params, media_dir, every)
    if dry_run:
        _tell_plan(batch.plan(jobs, force), as_json)
        return
    options = batch.BatchOptions(
        workers or batch.cores(), force, fail_fast, timeout, split or 0, modules_to_preload
    )
    report = _run(jobs, options, cluster)
    if beat is not None:
        beat_export.instead(report, beat, format_)
    _tell_report(report, as_json)


def _run(jobs: list[Job], options: Any, cluster: str | None) -> Any:
    from deltarender import batch

    executor = _farm(cluster, options.timeout) if cluster is not None else None
    if all(not why for _, why in batch.plan(jobs, options.force)):
        return batch.render(jobs, options)
    from deltarender.progress import ProgressBars

    with ProgressBars(len(jobs)) as bars:
        return batch.render(jobs, options, bars, executor)


def _farm(address: str, timeout: float) -> Any:
    try:
        from deltarender.distributed import DaskExecutor, Scope
    except ModuleNotFoundError as missing:
        raise needs_cluster(missing) from None
    return DaskExecutor(address, timeout, scope=Scope(LIBRARIES, PACKAGES))


def _tell_plan(plan: list[tuple[Job, list[str]]], as_json: bool) -> None:
    if as_json:
        rows = [
            {"scene": job.target.name, "path": str(job.video), "render": bool(why), "why": why}
            for job, why in plan
        ]
        click.echo(json.dumps({"plan": rows}, ensure_ascii=False, indent=1))
        return
    for job, why in plan:
        click.echo(f"{job}: " + (f"render ({'; '.join(why)})" if why else "fresh"))


def _tell_report(report: Any, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(report.as_json(), ensure_ascii=False, indent=1))
        for result in report.failed:
            click.echo(f"{result.job} failed: {result.error}", err=True)
    else:
        from deltarender.progress import summary

        summary(report, click.echo)
    raise SystemExit(report.exit_code)
