"""The command `explore`: one self-contained page of a scene's states, to touch."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from gradreel.cli.options import OutputOptions, output_options
from gradreel.cli.scene_selection import SceneSelection, scene_selection
from gradreel.errors import UsageError
from gradreel.extras import missing_package
from gradreel.lecture_settings import LectureSettings


@click.command()
@scene_selection
@click.option(
    "--export", "page_file", type=click.Path(path_type=Path), required=True,
    help="the page to write, such as tangent.html",
)  # fmt: skip
@click.option(
    "--positions", type=click.IntRange(2, 1001), default=None,
    help="positions along each drag  [default: 161, or 21 by 21]",
)  # fmt: skip
@click.option("--force", is_flag=True, help="replace a page that another program wrote")
@output_options
def explore(
    selection: SceneSelection,
    page_file: Path,
    positions: int | None,
    force: bool,
    output: OutputOptions,
) -> None:
    """Record the states of one SCENE in a page to touch, for a course site or a disk.

    The page needs no network and no server. It shows recorded states only.
    """
    try:
        from gradreel.explore.export_page import record_page
        from gradreel.explore.scene_list import SceneList
    except ModuleNotFoundError as missing:
        raise missing_package(missing) from None
    from deltarender.owned_files import Rule, check_file, put

    rule = Rule(force=frozenset([page_file]) if force else frozenset())
    check_file(page_file, (".html", ".htm"), rule)
    if len(selection.jobs(LectureSettings.of("m"), output.media_dir)) != 1:
        raise UsageError("one page shows one scene.", hint="Name one SCENE.")
    scenes = SceneList.of(selection.scenes, output.media_dir)
    with click.progressbar(length=1000, label=scenes.first, file=sys.stderr) as bar:
        page = record_page(
            scenes, scenes.first, dict(selection.params), positions=positions or 0,
            report=lambda share: bar.update(round(1000 * share) - bar.pos),
        )  # fmt: skip
    put(page_file.parent, {page_file.name: page.html}, rule)
    if output.as_json:
        output.print_json({"page": str(page_file), "states": page.states})
    else:
        click.echo(f"{page_file} ({page.states} states, {len(page.html) / 1e3:.0f} kB)")
