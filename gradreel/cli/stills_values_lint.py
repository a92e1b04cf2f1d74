"""The commands that run scenes without rendering video: stills, values, lint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from deltarender.jobs import Job
from gradreel.cli.options import (
    OutputOptions,
    PictureOptions,
    RunOptions,
    SceneSelection,
    beat_option,
    layout_options,
    output_options,
    scene_selection,
    still_options,
    worker_options,
)
from gradreel.lecture_settings import LectureSettings, modules_to_preload

if TYPE_CHECKING:
    from deltarender.batch import DryRun

LAYOUT_CHECK = "gradreel.lint:layout_faults"
MOTION_CHECK = "gradreel.lint:motion_check"


@click.command()
@scene_selection
@still_options
@beat_option
@worker_options
@output_options
def stills(
    selection: SceneSelection, picture: PictureOptions, beat: str | None, run: RunOptions,
    output: OutputOptions,
) -> None:  # fmt: skip
    """One picture for each beat of the SCENEs, as it is when the beat ends."""
    jobs = selection.jobs(picture.settings(), output.media_dir)
    runs = _run_scenes(jobs, run.workers, stills=True, beat=beat)
    good = [r for r in runs if r.error is None]
    if output.as_json:
        output.print_json(
            [{"scene": r.job.target.name, "stills": [str(p) for p in r.stills]} for r in good]
        )
    else:
        for path in (path for r in good for path in r.stills):
            click.echo(path)
    _exit_with_errors(runs)


@click.command()
@scene_selection
@worker_options
@click.option("--check", is_flag=True, help="compare with the golden files; exit 1 on a difference")
@click.option("--update", is_flag=True, help="rewrite the golden files")
@output_options
def values(
    selection: SceneSelection, run: RunOptions, check: bool, update: bool, output: OutputOptions
) -> None:
    """The numbers that scenes show, beat by beat, without rendering.

    Without SCENEs, those of the whole lecture.
    """
    from gradreel import golden

    jobs = selection.jobs(LectureSettings.of("l"), output.media_dir, default_all=True)
    for job in jobs if update else ():
        golden.check_golden_path(job.stem)
    runs = _run_scenes(jobs, run.workers)
    by_name = [
        (r.job.stem, golden.extract_values(r.manifest)) for r in runs if r.manifest is not None
    ]
    differences: list[str] = []
    if update:
        for name, document in by_name:
            click.echo(golden.write_golden_file(name, document), err=output.as_json)
    elif check:
        differences = [
            line for name, document in by_name for line in golden.find_differences(name, document)
        ]
        click.echo("\n".join(differences) or f"{len(by_name)} scenes agree.", err=output.as_json)
    if output.as_json:
        documents = [document for _, document in by_name]
        output.print_json(documents[0] if len(jobs) == 1 and documents else documents)
    elif not check and not update:
        _print_values(by_name)
    _exit_with_errors(runs, failed=bool(differences))


def _print_values(by_name: list[tuple[str, dict[str, Any]]]) -> None:
    for name, document in by_name:
        click.echo(name)
        for beat in document["beats"]:
            click.echo(f"  {beat['name']}")
            for number in beat["numbers"]:
                click.echo(f"    {number['text']}\t{number['value']!r}\t{number['source']}")


@click.command()
@scene_selection
@layout_options
@worker_options
@click.option(
    "--motion/--no-motion",
    default=True,
    show_default=True,
    help="check every frame too, not only the picture at the end of each beat",
)
@click.option("--known", is_flag=True, help="print the faults too that scenes are known to have")
@output_options
def lint(
    selection: SceneSelection, picture: PictureOptions, run: RunOptions, motion: bool, known: bool,
    output: OutputOptions,
) -> None:  # fmt: skip
    """Whether scenes can be read, and every number is true when it is seen.

    At the end of each beat: in the frame, nothing over text, large enough, clear. In every frame:
    no text over text or outside, no number behind its value, nothing that comes without an
    animation, no long standstill, no number in a caption that the picture does not show. Without
    SCENEs, those of the whole lecture.
    """
    jobs = selection.jobs(picture.settings(quality="l"), output.media_dir, default_all=True)
    frames = (MOTION_CHECK,) if motion else ()
    runs = _run_scenes(jobs, run.workers, beat_observers=(LAYOUT_CHECK,), frame_observers=frames)
    rows = [row for r in runs for row in _fault_rows(r)]
    new, old = ([row for row in rows if row["known"] is state] for state in (False, True))
    if output.as_json:
        output.print_json({"faults": new, "known": old})
    else:
        for row in (*new, *(old if known else ())):
            click.echo(_fault_line(row))
    if old and not known:
        click.echo(f"{len(old)} known faults are not listed; --known lists them.", err=True)
    _exit_with_errors(runs, failed=bool(new))


def _fault_rows(run: DryRun) -> list[dict[str, Any]]:
    """The faults of a scene in the order of their times."""
    at_ends = [row for rows in run.observed.get(LAYOUT_CHECK, []) for row in rows]
    return sorted([*at_ends, *run.observed.get(MOTION_CHECK, [])], key=lambda row: row["start"])


def _fault_line(row: dict[str, Any]) -> str:
    times = f"{row['start']:.1f}-{row['end']:.1f} s"
    what = f"{row['kind']}: {' and '.join(filter(None, (row['culprit'], row['other'])))}"
    details = [row["detail"]] if row["detail"] else []
    return "\t".join([row["scene"], row["beat"], times, what, *details, row["advice"]])


def _run_scenes(jobs: list[Job], workers: int | None, **options: Any) -> list[DryRun]:
    from deltarender.batch import dry_run
    from deltarender.progress import ProgressBars

    with ProgressBars(len(jobs)) as bars:
        return dry_run(
            jobs, workers=workers or 0, preload=modules_to_preload, listen=bars, **options
        )


def _exit_with_errors(runs: list[DryRun], *, failed: bool = False) -> None:
    """Print the errors of `runs` and exit: 2 if all are wrong use, 1 for others or if `failed`."""
    errors = [(r.job, r.error) for r in runs if r.error is not None]
    for job, error in errors:
        click.echo(f"{job} failed: {error.message}", err=True)
        if error.line:
            click.echo(f"  at {error.line}", err=True)
    usage = bool(errors) and all(error.usage for _, error in errors)
    raise SystemExit(2 if usage else int(bool(errors) or failed))
