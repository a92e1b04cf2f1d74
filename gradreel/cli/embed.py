"""The command `embed`: players of scenes, to paste into course pages."""

from __future__ import annotations

from dataclasses import replace

import click

from deltarender.option_sources import is_default
from deltarender.progress import ProgressBars
from gradreel.cli.options import (
    OutputOptions,
    PictureOptions,
    RunOptions,
    film_picture_options,
    output_options,
    publish_run_options,
)
from gradreel.cli.scene_selection import SceneSelection, scene_selection
from gradreel.errors import UsageError


@click.command()
@scene_selection
@click.option("--url", default="", help="the address at which the folder of the player will be")
@film_picture_options
@publish_run_options
@output_options
def embed(
    selection: SceneSelection, url: str, picture: PictureOptions, run: RunOptions,
    output: OutputOptions,
) -> None:  # fmt: skip
    """Players of SCENEs for a course page, Quarto, reveal.js or Moodle.

    Each is a folder to upload, with a video, its captions, buttons for its beats and a slider.
    Paste the text of its snippet.html into a page, or open its index.html. Captions are below the
    picture; --captions draws them on it.
    """
    from gradreel.publish.embed import write_player
    from gradreel.publish.rendered_scenes import render_scenes

    lecture = selection.lecture()
    profile = picture.settings(lecture)
    if is_default("captions") and (lecture is None or "captions" not in lecture.settings):
        profile = replace(profile, captions=False)
    if not profile.fast_path:
        raise UsageError("a player plays an MP4 with a background.", hint="Leave out --format.")
    jobs = selection.jobs(profile, output.media_dir, lecture)
    if url and len(jobs) > 1:
        raise UsageError("each player has an address of its own.", where="--url",
            hint="Give it with one SCENE.")  # fmt: skip
    with ProgressBars(len(jobs)) as bars:
        scenes = render_scenes(jobs, run.batch_options(), bars)
    players = [write_player(s, output.media_dir, url=url) for s in scenes]
    if output.as_json:
        output.print_json(
            [{"scene": s.name, "page": str(p.page), "snippet": str(p.snippet)}
             for s, p in zip(scenes, players, strict=True)]
        )  # fmt: skip
    else:
        for player in players:
            click.echo(player.page)
            click.echo(player.snippet)
