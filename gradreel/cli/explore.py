"""The command `explore`: a self-contained page of a scene's states, to touch."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gradreel.cli.options import OutputOptions, output_options
from gradreel.cli.scene_selection import SceneSelection, scene_selection
from gradreel.errors import UsageError
from gradreel.extras import missing_package
from gradreel.lecture_settings import LectureSettings

if TYPE_CHECKING:
    from deltarender.jobs import Job
    from deltarender.owned_files import Rule
    from gradreel.explore.export_page import ExplorerPage


@click.command()
@scene_selection
@click.option(
    "--export", "page_file", type=click.Path(path_type=Path), default=None,
    help="the page to write, such as tangent.html  [default: in MEDIA/explorers, for gallery and "
    "slides]",
)  # fmt: skip
@click.option(
    "--positions", type=click.IntRange(2, 1001), default=None,
    help="positions along each drag  [default: 161, or 21 by 21]",
)  # fmt: skip
@click.option("--force", is_flag=True, help="replace a page that another program wrote")
@output_options
def explore(
    selection: SceneSelection,
    page_file: Path | None,
    positions: int | None,
    force: bool,
    output: OutputOptions,
) -> None:
    """Record the states of SCENEs in pages to touch, for a course site or a disk.

    A page needs no network and no server. It shows recorded states only.
    """
    from deltarender.owned_files import Rule, check_file

    jobs = selection.jobs(LectureSettings.of("m"), output.media_dir)
    if page_file is not None and len(jobs) != 1:
        raise UsageError("one page shows one scene.", hint="Name one SCENE.")
    targets = [page_file or output.media_dir / "explorers" / f"{job.stem}.html" for job in jobs]
    rule = Rule(force=frozenset(targets) if force else frozenset())
    for target in targets:
        check_file(target, (".html", ".htm"), rule)
    pages = [_record(*row, positions or 0, rule) for row in zip(jobs, targets, strict=True)]
    if output.as_json:
        rows = [{"page": str(t), "states": p.states} for t, p in zip(targets, pages, strict=True)]
        output.print_json(rows[0] if page_file is not None else {"pages": rows})
        return
    for target, page in zip(targets, pages, strict=True):
        click.echo(f"{target} ({page.states} states, {len(page.html) / 1e3:.0f} kB)")


def _record(job: Job, target: Path, positions: int, rule: Rule) -> ExplorerPage:
    try:
        from gradreel.explore.export_page import record_page
    except ModuleNotFoundError as missing:
        raise missing_package(missing) from None
    from deltarender.atomic_files import ensure_writable
    from deltarender.owned_files import put

    with click.progressbar(length=1000, label=job.target.name, file=sys.stderr) as bar:
        page = record_page(
            job, positions=positions,
            report=lambda share: bar.update(round(1000 * share) - bar.pos),
        )  # fmt: skip
    put(ensure_writable(target.parent), {target.name: page.html}, rule)
    return page
