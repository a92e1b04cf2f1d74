"""The command `render`: renders scenes to video files, and prints a report."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from deltarender.cli_options import preview_option
from deltarender.jobs import Job
from deltarender.option_sources import configured_options
from gradreel.cli.options import (
    OutputOptions,
    PictureOptions,
    RunOptions,
    beat_option,
    render_run_options,
    target_options,
    video_options,
)
from gradreel.cli.scene_selection import SceneSelection, scene_selection_or_all
from gradreel.cli.script_errors import missing_character_notes, script_errors

if TYPE_CHECKING:
    from deltarender.report import Report


@click.command()
@scene_selection_or_all
@video_options
@beat_option
@render_run_options
@preview_option
@click.option("--dry-run", is_flag=True, help="only say what would be rendered, and why")
@target_options
def render(
    selection: SceneSelection, picture: PictureOptions, beat: str | None, run: RunOptions,
    preview: bool, dry_run: bool, output: OutputOptions,
) -> None:  # fmt: skip
    """Render scenes to video.

    A SCENE is a name from the syllabus, path.py:Class, or path.py for all scenes of a file. With
    --beat, its video is cut out of the scene's, frame by frame the same. A GIF has at most 15
    frames per second, 256 colours and only what changes, to be small enough to mail: use -q l.
    With -o, the video of one scene is copied there as well; its ending chooses the format.
    """
    from deltarender import render_target

    lecture = selection.lecture()
    profile = picture.settings(lecture, **render_target.format_of(output.target))
    form = profile.format
    if beat is not None:
        from gradreel.publish import beat_clips

        profile = beat_clips.settings_for_beat(profile)
    jobs = selection.jobs(profile, output.media_dir, lecture)
    rule = render_target.check(output.target, jobs, form, run.force)
    if dry_run:
        _print_plan(jobs, run.force, output)
        return
    report = _render(jobs, run)
    ended = _note_scripts_and_languages(report, profile.language)
    if beat is not None:
        beat_clips.replace_with_beat(report, beat, form)
    render_target.write(output.target, report, rule)
    _print_report(report, output)
    if preview or configured_options().get("preview"):
        from deltarender.preview import open_results

        open_results(report)
    raise SystemExit(report.exit_code or int(ended))


def _render(jobs: list[Job], run: RunOptions) -> Report:
    from deltarender import batch

    options, executor = run.batch_options(), run.executor()
    if all(not reasons for _, reasons in batch.plan(jobs, options.force)):
        return batch.render(jobs, options)
    from deltarender.progress import ProgressBars

    with ProgressBars(len(jobs)) as bars:
        return batch.render(jobs, options, bars, executor)


def _note_scripts_and_languages(report: Report, catalogue: str) -> bool:
    """Print which scripts ended with an exception, and note which texts stay English.

    Returns whether a script did.
    """
    walks = [r for r in report.results if "script" in dict(r.job.params)]
    results = report.results if catalogue else walks
    if not results:
        return False
    from deltarender.manifest import find_manifest

    done = (r.job.manifest for r in results if r.status in ("rendered", "fresh"))
    manifests = [found for path in done if (found := find_manifest(path)) is not None]
    ended = script_errors(manifests)
    for sentence in (*ended, *missing_character_notes(manifests)):
        click.echo(f"Note: {sentence}", err=True)
    if catalogue:
        from gradreel.translate.scene_texts import untranslated_notes

        report.notes = [*report.notes, *untranslated_notes(manifests, catalogue)]
    return bool(ended)


def _print_plan(jobs: list[Job], force: bool, output: OutputOptions) -> None:
    from deltarender import batch
    from deltarender.cache_key import may_depend_on

    plan = batch.plan(jobs, force)
    if output.as_json:
        rows = [
            {
                "scene": job.target.name, "path": str(job.video), "render": bool(why), "why": why,
                "may_depend_on": may_depend_on(job),
            }
            for job, why in plan
        ]  # fmt: skip
        output.print_json({"plan": rows})
        return
    for job, why in plan:
        fresh = "; ".join(["fresh", *(f"may depend on {cause}" for cause in may_depend_on(job))])
        click.echo(f"{job}: " + (f"render ({'; '.join(why)})" if why else fresh))


def _print_report(report: Report, output: OutputOptions) -> None:
    """Print what was rendered."""
    if output.as_json:
        output.print_json(report.as_json())
        for result in report.failed:
            click.echo(f"{result.job} failed: {result.error}", err=True)
    else:
        from deltarender.progress import summary

        summary(report, click.echo)
