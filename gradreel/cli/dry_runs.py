"""Runs scenes without rendering, for the commands that need no video, and prints their errors."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

import click

from deltarender.jobs import Job
from gradreel.cli.options import RunOptions
from gradreel.cli.script_errors import missing_character_notes, script_errors
from gradreel.lecture_settings import modules_to_preload

if TYPE_CHECKING:
    from deltarender.batch import DryRun


def run_scenes(jobs: list[Job], run: RunOptions, **options: Any) -> list[DryRun]:
    """Play the scenes of `jobs` without video, with progress bars; see `deltarender.batch`."""
    from deltarender.batch import dry_run
    from deltarender.progress import ProgressBars

    with ProgressBars(len(jobs)) as bars:
        return dry_run(
            jobs, workers=run.workers or 0, timeout=run.timeout, preload=modules_to_preload,
            listen=bars, **options,
        )  # fmt: skip


def exit_with_errors(runs: list[DryRun], *, code: int = 0) -> None:
    """Print the errors of `runs` and exit: 2 if all are wrong use, 1 for others, else `code`.

    If the script of a scene ended with an exception, that is printed, and `code` is at least 1.
    """
    manifests = [run.manifest for run in runs]
    ended = script_errors(manifests)
    for sentence in (*ended, *missing_character_notes(manifests)):
        click.echo(f"Note: {sentence}", err=True)
    code = code or int(bool(ended))
    errors = [(r.job, r.error) for r in runs if r.error is not None]
    for job, error in errors:
        click.echo(f"{job} failed: {error.message}", err=True)
        if error.line:
            click.echo(f"  at {error.line}", err=True)
    if errors:
        code = 2 if all(error.usage for _, error in errors) else 1
    raise SystemExit(code)


def failure_of(run: DryRun) -> dict[str, Any]:
    """What is added to the JSON row of a scene that failed; nothing for another."""
    if run.error is None:
        return {}
    return {"error": run.error.message, "line": run.error.line or None}


def command_for(command: str, job: Job, *options: str) -> str:
    """The command line, as the user types it, that runs `command` for the scene of `job`."""
    from gradreel import catalog

    words = [command, catalog.argument_for(job.target.file, job.target.cls)]
    for name, value in job.params:
        words += ["-P", f"{name}={value}"]
    context = click.get_current_context(silent=True)
    program = (context.find_root().info_name if context else "") or "gradreel"
    return f"{program} {shlex.join([*words, *options])}"
