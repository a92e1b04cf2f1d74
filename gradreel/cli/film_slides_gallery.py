"""The commands that publish rendered scenes: film, slides, gallery."""

from __future__ import annotations

import webbrowser
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from gradreel.cli.narration_options import NarrationOptions, narration_options, with_voice
from gradreel.cli.options import (
    OutputOptions,
    PictureOptions,
    RunOptions,
    film_picture_options,
    output_options,
    publish_run_options,
    target_options,
)
from gradreel.cli.scene_selection import SceneSelection, scene_selection
from gradreel.errors import SetupError

if TYPE_CHECKING:
    from deltarender.progress import ProgressBars
    from gradreel.publish.film import Film
    from gradreel.publish.gallery import Gallery
    from gradreel.publish.lecture_file import Lecture
    from gradreel.publish.slides import Deck


cards_option = click.option("--cards/--no-cards", default=None, help="title cards  [default: with]")


@click.command()
@scene_selection
@film_picture_options
@cards_option
@narration_options("spoken, if a voice is installed")
@publish_run_options
@target_options
def film(
    selection: SceneSelection, picture: PictureOptions, cards: bool | None,
    narration: NarrationOptions, run: RunOptions, output: OutputOptions,
) -> None:  # fmt: skip
    """One MP4 of the lecture, with chapters and subtitles.

    Without SCENEs and without a lecture file it is the lecture of the project that this folder is
    in, or the built-in one. Its captions are spoken, and a subtitle track holds them too;
    --captions draws them on the picture. With --silent, or where no voice is installed, it has no
    sound and its captions are drawn.
    """
    from gradreel.publish.film import build_film
    from gradreel.translate.catalogue import language_of

    lecture = choose_lecture(selection)
    profile = picture.settings(lecture)
    voice, note = narration.chosen_voice(lecture.settings, language_of(profile.language))
    profile = with_voice(profile, voice, lecture.settings)
    with _progress_bars() as bars:
        built = build_film(
            lecture, profile, output.media_dir, target=output.target, force=run.force,
            cards=lecture.settings.get("cards", True) if cards is None else cards,
            options=run.batch_options(), listen=bars,
        )  # fmt: skip
    _print_files(replace(built, notes=(*filter(None, [note]), *built.notes)), output)


@click.command()
@scene_selection
@click.option(
    "--to", "kind", type=click.Choice(("html", "pptx", "pdf")), default="html", show_default=True
)
@click.option(
    "--one-file/--folder",
    default=None,
    help="html: one page with everything in it, or all videos beside it  [default: a folder, with "
    "the videos in its page if they are small]",
)
@cards_option
@click.option(
    "--explorers",
    is_flag=True,
    help="html: after each scene its recorded page, to touch, if `explore` has written it",
)
@film_picture_options
@publish_run_options
@target_options
def slides(
    selection: SceneSelection, kind: str, one_file: bool | None, cards: bool | None,
    explorers: bool,
    picture: PictureOptions, run: RunOptions, output: OutputOptions,
) -> None:  # fmt: skip
    """A deck with one step per beat, the captions as speaker notes.

    An html deck is a folder that needs no network: open its index.html. Space goes on, a click
    too, at the left edge back; R plays a slide again, K pauses it, O shows all, S the notes.
    """
    from gradreel.publish.slides import build_deck

    lecture = choose_lecture(selection)
    profile = picture.settings(lecture)
    with _progress_bars() as bars:
        built = build_deck(
            lecture, profile, output.media_dir, kind, one_file=one_file, explorers=explorers,
            cards=lecture.settings.get("cards", True) if cards is None else cards,
            target=output.target, force=run.force, options=run.batch_options(), listen=bars,
        )  # fmt: skip
    _print_files(built, output)


@click.command()
@click.option("--open", "open_it", is_flag=True, help="show it in the browser")
@output_options
def gallery(open_it: bool, output: OutputOptions) -> None:
    """A web page of everything rendered; it needs no network.

    Scenes whose states were recorded with `explore` can be touched in it.
    """
    from gradreel import catalog
    from gradreel.publish.gallery import build_gallery
    from gradreel.publish.lecture_file import default_lecture

    entries = [*catalog.syllabus_scenes(), *catalog.lecture_scenes()]
    chapters = {entry.name: entry.chapter for entry in entries}
    built = build_gallery(output.media_dir, chapters, default_lecture().title)
    _print_files(built, output)
    # Unlike click.launch, it knows whether there is a browser at all.
    if open_it and not webbrowser.open(built.path.resolve().as_uri()):
        raise SetupError(
            "no browser could be started.", hint=f"Open {built.path} in a browser yourself."
        )


def choose_lecture(selection: SceneSelection) -> Lecture:
    """The lecture of a file, of the selected scenes, of the project, or built in.

    Raises UsageError.
    """
    from gradreel.errors import UsageError
    from gradreel.publish import lecture_file

    if selection.params and not selection.scenes and not selection.lecture_file:
        raise UsageError("parameters need a scene.", where="-P")
    params = tuple(dict(selection.params).items())
    lecture = selection.lecture(default=True)
    return lecture or lecture_file.lecture_of_scenes(selection.scenes, params)


def _progress_bars() -> ProgressBars:
    from deltarender.progress import ProgressBars

    return ProgressBars(0)


def _print_files(built: Film | Deck | Gallery, output: OutputOptions) -> None:
    """Print the files of a film, deck or gallery on stdout, and its notes on stderr."""
    if output.as_json:
        output.print_json(built.as_json())
    else:
        for path in built.files:
            click.echo(path)
    for note in built.notes:
        click.echo(f"Note: {note}", err=True)
