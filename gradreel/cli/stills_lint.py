"""The commands that draw pictures of scenes or check their layout: stills, lint."""

from __future__ import annotations

import click

from gradreel.cli.dry_runs import exit_with_errors, failure_of, run_scenes
from gradreel.cli.options import (
    OutputOptions,
    PictureOptions,
    RunOptions,
    beat_option,
    dry_run_options,
    output_options,
    still_options,
)
from gradreel.cli.scene_selection import SceneSelection, scene_selection
from gradreel.lecture_settings import LectureSettings

LAYOUT_CHECK = "gradreel.lint:layout_faults"


@click.command()
@scene_selection
@still_options
@beat_option
@dry_run_options
@output_options
def stills(
    selection: SceneSelection, picture: PictureOptions, beat: str | None, run: RunOptions,
    output: OutputOptions,
) -> None:  # fmt: skip
    """One picture for each beat of the SCENEs, as it is when the beat ends."""
    lecture = selection.lecture()
    jobs = selection.jobs(picture.settings(lecture), output.media_dir, lecture)
    runs = run_scenes(jobs, run, stills=True, beat=beat)
    if output.as_json:
        rows = [{"scene": r.job.target.name, "stills": [str(p) for p in r.stills]} for r in runs]
        output.print_json([row | failure_of(r) for row, r in zip(rows, runs, strict=True)])
    else:
        for path in (path for r in runs for path in r.stills):
            click.echo(path)
    exit_with_errors(runs)


@click.command()
@scene_selection
@dry_run_options
@output_options
def lint(selection: SceneSelection, run: RunOptions, output: OutputOptions) -> None:
    """Whether every beat can be read: in the frame, nothing over text, large enough, clear.

    Without SCENEs, those of the whole lecture.
    """
    lecture = selection.lecture(default=True)
    jobs = selection.jobs(LectureSettings.of("l"), output.media_dir, lecture)
    runs = run_scenes(jobs, run, beat_observers=(LAYOUT_CHECK,))
    faults = [fault for r in runs for rows in r.observed.get(LAYOUT_CHECK, []) for fault in rows]
    if output.as_json:
        failed = [{"scene": r.job.target.name, **failure_of(r)} for r in runs if r.error]
        output.print_json({"faults": faults, **({"failed": failed} if failed else {})})
    else:
        for fault in faults:
            click.echo("\t".join(str(part) for part in fault.values() if part))
    exit_with_errors(runs, code=int(bool(faults)))
