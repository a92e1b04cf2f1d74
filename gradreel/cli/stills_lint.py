"""The commands that draw pictures of scenes or check what they show: stills, lint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from gradreel.cli.dry_runs import exit_with_errors, failure_of, run_scenes
from gradreel.cli.narration_options import NarrationOptions, narration_options, with_voice
from gradreel.cli.options import (
    OutputOptions,
    PictureOptions,
    RunOptions,
    beat_option,
    dry_run_options,
    layout_options,
    output_options,
    still_options,
)
from gradreel.cli.scene_selection import SceneSelection, scene_selection

if TYPE_CHECKING:
    from deltarender.batch import DryRun

LAYOUT_CHECK = "gradreel.lint:layout_faults"
MOTION_CHECK = "gradreel.lint:motion_check"


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
    from gradreel.translate.scene_texts import untranslated_notes

    lecture = selection.lecture()
    profile = picture.settings(lecture)
    jobs = selection.jobs(profile, output.media_dir, lecture)
    runs = run_scenes(jobs, run, stills=True, beat=beat)
    if output.as_json:
        rows = [{"scene": r.job.target.name, "stills": [str(p) for p in r.stills]} for r in runs]
        output.print_json([row | failure_of(r) for row, r in zip(rows, runs, strict=True)])
    else:
        for path in (path for r in runs for path in r.stills):
            click.echo(path)
    manifests = [run.manifest for run in runs if run.manifest is not None]
    for note in untranslated_notes(manifests, profile.language):
        click.echo(f"Note: {note}", err=True)
    exit_with_errors(runs)


@click.command()
@scene_selection
@layout_options
@dry_run_options
@click.option(
    "--motion/--no-motion",
    default=False,
    show_default=True,
    help="check every frame too, not only the picture at the end of each beat",
)
@narration_options("drawn, and the times are those of a silent film")
@click.option("--known", is_flag=True, help="print the faults too that scenes are known to have")
@output_options
def lint(
    selection: SceneSelection, picture: PictureOptions, run: RunOptions, motion: bool,
    narration: NarrationOptions, known: bool, output: OutputOptions,
) -> None:  # fmt: skip
    """Whether scenes can be read, and every number is true when it is seen.

    At the end of each beat: in the frame, nothing over text, large enough, clear. With --motion, in
    every frame: no text over text or outside, no number behind its value, nothing that comes
    without an animation, no long standstill, no number in a caption that the picture does not show.
    Without SCENEs, those of the whole lecture. With --narrate, as the spoken film shows them.
    """
    from gradreel.translate.catalogue import language_of

    lecture = selection.lecture(default=True)
    profile = picture.settings(lecture, quality="l")
    if narration.narrate or narration.voice:
        voice, _ = narration.chosen_voice({}, language_of(profile.language))
        profile = with_voice(profile, voice, {})
    jobs = selection.jobs(profile, output.media_dir, lecture)
    frames = (MOTION_CHECK,) if motion else ()
    runs = run_scenes(jobs, run, beat_observers=(LAYOUT_CHECK,), frame_observers=frames)
    rows = [row for r in runs for row in _fault_rows(r)]
    new, old = ([row for row in rows if row["known"] is state] for state in (False, True))
    if output.as_json:
        failed = [{"scene": r.job.target.name, **failure_of(r)} for r in runs if r.error]
        output.print_json({"faults": new, "known": old, **({"failed": failed} if failed else {})})
    else:
        for row in (*new, *(old if known else ())):
            click.echo(_fault_line(row))
        if not new and all(r.error is None for r in runs):
            click.echo(f"{len(runs)} scene{'s' * (len(runs) != 1)} checked: no fault.", err=True)
    if old and not known:
        click.echo(f"{len(old)} known faults are not listed; --known lists them.", err=True)
    exit_with_errors(runs, code=int(bool(new)))


def _fault_rows(run: DryRun) -> list[dict[str, Any]]:
    """The faults of a scene in the order of their times."""
    at_ends = [row for rows in run.observed.get(LAYOUT_CHECK, []) for row in rows]
    return sorted([*at_ends, *run.observed.get(MOTION_CHECK, [])], key=lambda row: row["start"])


def _fault_line(row: dict[str, Any]) -> str:
    times = f"{row['start']:.1f}-{row['end']:.1f} s"
    what = f"{row['kind']}: {' and '.join(filter(None, (row['culprit'], row['other'])))}"
    details = [row["detail"]] if row["detail"] else []
    return "\t".join([row["scene"], row["beat"], times, what, *details, row["advice"]])
