"""The commands that run scenes without a film: stills, values, lint."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from deltarender.jobs import VECTORS, Job, RenderSettings
from gradreel.cli.options import (
    as_json,
    beat_option,
    jobs_of,
    media_dir,
    picture,
    scene_names,
    settings,
    workers,
)


@click.command()
@scene_names
@picture
@settings
@beat_option
@click.option(
    "--format", "format_", type=click.Choice(("png", *VECTORS)), default="png", show_default=True,
    help="svg and pdf are vector pictures, for slides and papers",
)  # fmt: skip
@click.option("--transparent", is_flag=True, help="no background")
@workers
@media_dir
@as_json
def stills(
    scenes: tuple[str, ...], quality: str, fps: float | None, resolution: tuple[int, int] | None,
    theme: str, captions: bool, params: tuple[tuple[str, str], ...], beat: str | None,
    format_: str, transparent: bool, workers: int | None, media_dir: Path, as_json: bool,
) -> None:  # fmt: skip
    """One picture for each beat of the SCENEs, as it is when the beat ends."""
    profile = RenderSettings.of(
        quality, fps=fps, resolution=resolution, theme=theme, captions=captions, format=format_,
        transparent=transparent,
    )  # fmt: skip
    jobs = jobs_of(scenes, profile, params, media_dir)
    done = _rehearsed(jobs, workers, stills=True, beat=beat)
    good = [r for r in done if r.fault is None]
    if as_json:
        rows = [{"scene": r.job.target.name, "stills": [str(p) for p in r.stills]} for r in good]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
    else:
        for rehearsal in good:
            for path in rehearsal.stills:
                click.echo(path)
    _end_with_faults(done)


@click.command()
@scene_names
@settings
@workers
@media_dir
@click.option("--check", is_flag=True, help="compare with the golden files; exit 1 on a difference")
@click.option("--update", is_flag=True, help="rewrite the golden files")
@as_json
def values(
    scenes: tuple[str, ...], params: tuple[tuple[str, str], ...], workers: int | None,
    media_dir: Path, check: bool, update: bool, as_json: bool,
) -> None:  # fmt: skip
    """The numbers that scenes show, beat by beat, without rendering.

    Without SCENEs, those of the whole lecture.
    """
    from gradreel import golden

    jobs = jobs_of(scenes, RenderSettings.of("l"), params, media_dir, every=not scenes)
    for job in jobs if update else ():
        golden.check_golden_path(job.stem)
    done = _rehearsed(jobs, workers)
    told = [(r.job.stem, golden.extract_values(r.score)) for r in done if r.score is not None]
    wrong: list[str] = []
    if update:
        for name, found in told:
            click.echo(golden.write_golden_file(name, found), err=as_json)
    elif check:
        wrong = [line for name, found in told for line in golden.find_differences(name, found)]
        click.echo("\n".join(wrong) if wrong else f"{len(told)} scenes agree.", err=as_json)
    if as_json:
        documents = [found for _, found in told]
        click.echo(json.dumps(documents[0] if len(jobs) == 1 and documents else documents,
                              ensure_ascii=False, indent=1))  # fmt: skip
    elif not check and not update:
        _tell_values(told)
    _end_with_faults(done, bool(wrong))


def _tell_values(told: list[tuple[str, dict[str, Any]]]) -> None:
    for name, found in told:
        click.echo(name)
        for beat in found["beats"]:
            click.echo(f"  {beat['name']}")
            for number in beat["numbers"]:
                click.echo(f"    {number['text']}\t{number['value']!r}\t{number['source']}")


@click.command()
@scene_names
@settings
@workers
@media_dir
@as_json
def lint(
    scenes: tuple[str, ...], params: tuple[tuple[str, str], ...], workers: int | None,
    media_dir: Path, as_json: bool,
) -> None:  # fmt: skip
    """Whether every beat can be read: in the frame, nothing over text, large enough, clear.

    Without SCENEs, those of the whole lecture.
    """
    watcher = "gradreel.lint:layout_faults"
    jobs = jobs_of(scenes, RenderSettings.of("l"), params, media_dir, every=not scenes)
    done = _rehearsed(jobs, workers, watchers=(watcher,))
    found = [fault for r in done for rows in r.watched.get(watcher, []) for fault in rows]
    if as_json:
        click.echo(json.dumps({"faults": found}, ensure_ascii=False, indent=1))
    else:
        for fault in found:
            click.echo("\t".join(str(part) for part in fault.values() if part))
    _end_with_faults(done, bool(found))


def _rehearsed(jobs: list[Job], workers: int | None, **what: Any) -> list[Any]:
    from deltarender.batch import dry_run
    from deltarender.progress import ProgressBars

    with ProgressBars(len(jobs)) as bars:
        return dry_run(jobs, workers=workers or 0, listen=bars, **what)


def _end_with_faults(done: list[Any], otherwise: bool = False) -> None:
    """Tell what failed and leave: 2 if all of it was wrong use, 1 for anything else."""
    faults = [(r.job, r.fault) for r in done if r.fault is not None]
    for job, fault in faults:
        click.echo(f"{job} failed: {fault.message}", err=True)
        if fault.line:
            click.echo(f"  at {fault.line}", err=True)
    usage = bool(faults) and all(fault.usage for _, fault in faults)
    raise SystemExit(2 if usage else int(bool(faults) or otherwise))
