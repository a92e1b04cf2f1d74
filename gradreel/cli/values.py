"""The command `values`: the numbers of scenes, printed, compared with golden files, or written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from deltarender.jobs import Job
from gradreel import golden
from gradreel.cli.dry_runs import command_for, exit_with_errors, failure_of, run_scenes
from gradreel.cli.options import OutputOptions, RunOptions, dry_run_options, output_options
from gradreel.cli.scene_selection import SceneSelection, scene_selection
from gradreel.lecture_settings import LectureSettings
from gradreel.project import Project, find_project, relative_to_cwd
from gradreel.project.project_settings import GOLDEN

if TYPE_CHECKING:
    from deltarender.batch import DryRun


@dataclass(frozen=True, slots=True)
class Comparison:
    """The values of a scene beside those of its golden file; None if there is no such file."""

    job: Job
    document: dict[str, Any]
    file: Path
    differences: list[golden.Difference] | None

    def to_dict(self) -> dict[str, Any]:
        """The document of `values` and, under "golden", what the comparison has found."""
        rows = self.differences
        status = "missing" if rows is None else "differs" if rows else "agrees"
        found = {
            "file": str(self.file), "status": status,
            "differences": [row.to_dict() for row in rows or ()],
        }  # fmt: skip
        return {**self.document, "golden": found}


@click.command()
@scene_selection
@dry_run_options
@click.option("--check", is_flag=True, help="compare with the golden files; exit 1 on a difference")
@click.option("--update", is_flag=True, help="rewrite the golden files")
@click.option(
    "--golden", "folder", type=click.Path(path_type=Path, file_okay=False), default=None,
    help="where the golden files are  [default: tests/golden in the project's folder or, without "
    "a project, in this one]",
)  # fmt: skip
@output_options
def values(
    selection: SceneSelection, run: RunOptions, check: bool, update: bool, folder: Path | None,
    output: OutputOptions,
) -> None:  # fmt: skip
    """The numbers that scenes show, beat by beat, without rendering.

    Without SCENEs, those of the whole lecture. Golden files hold them, to be compared later: one
    file per scene, and one per scene with parameters.
    """
    project = find_project()
    folder = folder or _golden_folder(project)
    lecture = selection.lecture(default=True)
    jobs = selection.jobs(LectureSettings.of("l"), output.media_dir, lecture)
    for job in jobs if update else ():
        golden.check_golden_path(job.stem, folder)
    runs = run_scenes(jobs, run)
    documents = [(r.job, golden.extract_values(r.manifest)) for r in runs if r.manifest is not None]
    if update:
        for job, document in documents:
            click.echo(golden.write_golden_file(job.stem, document, folder), err=output.as_json)
    compared = [_compare(*row, folder, project) for row in documents] if check else []
    if output.as_json:
        rows = [c.to_dict() for c in compared] or [document for _, document in documents]
        rows += [{"scene": r.job.target.name, **failure_of(r)} for r in runs if r.error]
        output.print_json(rows[0] if len(jobs) == 1 and rows else rows)
    elif not check and not update:
        _print_values(documents)
    _print_comparison(compared, quiet=output.as_json)
    _exit(runs, compared)


def _golden_folder(project: Project | None) -> Path:
    """The project's golden files, as a path from the working folder where that is possible."""
    return relative_to_cwd(project.root / project.golden) if project else GOLDEN


def _compare(
    job: Job, document: dict[str, Any], folder: Path, project: Project | None
) -> Comparison:
    tolerance = golden.Tolerance(by_source=project.tolerances if project else {})
    found = golden.find_differences(job.stem, document, folder, tolerance)
    return Comparison(job, document, folder / f"{job.stem}.json", found)


def _print_values(documents: Sequence[tuple[Job, dict[str, Any]]]) -> None:
    for job, document in documents:
        click.echo(job.stem)
        for beat in document["beats"]:
            click.echo(f"  {beat['name']}")
            for number in beat["numbers"]:
                click.echo(f"    {number['text']}\t{number['value']!r}\t{number['source']}")


def _print_comparison(compared: Sequence[Comparison], *, quiet: bool) -> None:
    """Print what differs on stdout, or with `quiet` on stderr; what is missing, on stderr."""
    for each in compared:
        update = command_for("values", each.job, *_golden_option(), "--update")
        if each.differences:
            hint = f"  If this is meant: {update}"
            text = golden.as_text(each.differences, f"{each.job.stem}, {each.file}", hint)
            click.echo(text, err=quiet)
        elif each.differences is None:
            click.echo(f"{each.job.stem}: there is no golden file {each.file}.", err=True)
            click.echo(f"  Write it: {update}", err=True)
    agreeing = sum(each.differences == [] for each in compared)
    if agreeing:
        which = f"{agreeing} scene{' agrees' if agreeing == 1 else 's agree'}"
        click.echo(f"{which}.", err=quiet)


def _golden_option() -> tuple[str, ...]:
    """The option --golden as it was given to the running command."""
    folder = click.get_current_context().params.get("folder")
    return ("--golden", str(folder)) if folder is not None else ()


def _exit(runs: list[DryRun], compared: Sequence[Comparison]) -> None:
    """Exit with 1 for a difference; with 2 if files are missing and nothing differs."""
    differs = any(each.differences for each in compared)
    missing = any(each.differences is None for each in compared)
    exit_with_errors(runs, code=1 if differs else 2 if missing else 0)
