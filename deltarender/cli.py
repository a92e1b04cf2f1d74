"""The command `deltarender`: render the scenes of any Manim file to video.

    deltarender film.py                   all its scenes
    deltarender film.py Intro Proof -q m  two of them, at 1280x720 and 30 frames per second
    deltarender on                        `manim` renders through deltarender; off: as before

Results go to stdout, progress bars and messages to stderr. Exit codes: 0 success, 1 a scene failed,
2 wrong use, 130 interrupted.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from deltarender.cli_errors import (
    begin,
    discard_output,
    fail,
    ignore_interrupts,
    is_broken_pipe,
    print_any_path,
    print_json,
)
from deltarender.cli_options import (
    Resolution,
    animations_option,
    background_option,
    last_frame_option,
    preview_option,
    with_last_frame,
)
from deltarender.cli_switch import COMMANDS as SWITCH_COMMANDS
from deltarender.cli_switch import switch
from deltarender.jobs import ENCODINGS, FORMATS, QUALITIES, Job, RenderSettings
from deltarender.manim_cfg import media_dir
from deltarender.option_sources import configured_options, is_default
from deltarender.own_size import with_own_size
from deltarender.scene_files import find_scenes


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("file", metavar="FILE.py")
@click.argument("scenes", nargs=-1, metavar="[SCENE...]")
@click.option(
    "-q", "--quality", type=click.Choice(list(QUALITIES)), default="h", show_default=True,
    help="size and rate",
)  # fmt: skip
@click.option("--fps", type=float, default=None, help="frames per second")
@click.option("--resolution", type=Resolution(), default=None, help="size in pixels")
@click.option("--format", type=click.Choice(FORMATS), default="mp4", show_default=True)
@last_frame_option
@animations_option
@click.option(
    "--transparent",
    is_flag=True,
    help="no background (mov, webm, png; gif, where a pixel is clear or not)",
)
@background_option
@click.option(
    "--encode", type=click.Choice(ENCODINGS), default="fast", show_default=True,
    help="fast to make, or small; prores is ProRes 4444 for editors, with --format mov",
)  # fmt: skip
@click.option(
    "-j", "--jobs", "workers", type=click.IntRange(1), default=None,
    help="how many scenes at once  [default: the cores]",
)  # fmt: skip
@click.option(
    "--split", type=click.IntRange(1), default=None, metavar="N",
    help="render a scene in up to N parts at once  [default: as workers are to spare]",
)  # fmt: skip
@click.option(
    "-o", "--output", "target", type=click.Path(path_type=Path), default=None,
    help="the file to write, of one scene",
)  # fmt: skip
@click.option(
    "--media-dir", type=click.Path(path_type=Path), default=media_dir, show_default="media",
    help="where all output goes",
)  # fmt: skip
@preview_option
@click.option(
    "--timeout", type=click.FloatRange(0), default=0.0,
    help="seconds a scene may take; 0 for no limit",
)  # fmt: skip
@click.option("--force", is_flag=True, help="render even what is fresh")
@click.option("--fail-fast", is_flag=True, help="begin no more scenes after a failure")
@click.option("--json", "as_json", is_flag=True, help="one JSON document on stdout")
def command(
    file: str, scenes: tuple[str, ...], workers: int | None, split: int | None, media_dir: Path,
    timeout: float, force: bool, fail_fast: bool, as_json: bool, target: Path | None,
    preview: bool, **picture: Any,
) -> None:  # fmt: skip
    """Render the SCENEs of a Manim file to video, or all of them.

    A scene whose file, imports, assets and libraries are unchanged since the last time is skipped.
    `deltarender on` lets the command `manim` render through deltarender, `deltarender off` as
    before.
    """
    from deltarender import batch, render_target
    from deltarender.preview import open_results
    from deltarender.progress import ProgressBars, summary

    names = [f"{file}:{scene}" for scene in scenes] or [file]
    configured = configured_options()
    preview |= configured.pop("preview", False)
    picture = with_last_frame(picture | configured, format_given=not is_default("format"))
    settings = RenderSettings.of(**picture | render_target.format_of(target))
    refs = [ref for name in names for ref in find_scenes(name)]
    jobs = [with_own_size(Job(ref, settings, (), media_dir)) for ref in refs]
    rule = render_target.check(target, jobs, settings.format, force)
    options = batch.BatchOptions(workers or batch.cores(), force, fail_fast, timeout, split or 0)
    with ProgressBars(len(jobs)) as bars:
        report = batch.render(jobs, options, bars)
    render_target.write(target, report, rule)
    if as_json:
        print_json(report.as_json())
        for result in report.failed:
            click.echo(f"{result.job} failed: {result.error}", err=True)
    else:
        summary(report, click.echo)
    if preview:
        open_results(report)
    raise SystemExit(report.exit_code)


def main(arguments: list[str] | None = None) -> None:
    """Run the command and exit with its exit code."""
    print_any_path()
    begin()
    try:
        given = sys.argv[1:] if arguments is None else arguments
        chosen = switch if given[:1] in [[name] for name in SWITCH_COMMANDS] else command
        chosen.main(given, prog_name="deltarender", standalone_mode=False)
    except SystemExit:
        if arguments is None:  # the process ends; a caller's must go on as it was
            ignore_interrupts()
        if not is_broken_pipe():
            raise
        discard_output()
        sys.exit(0)
    except BaseException as error:
        sys.exit(fail(error, "deltarender", arguments))


if __name__ == "__main__":
    main()
