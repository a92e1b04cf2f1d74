"""The commands that publish rendered scenes: film, slides, gallery."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gradreel.cli.options import (
    OutputOptions,
    PictureOptions,
    RunOptions,
    SceneSelection,
    is_default,
    option_group,
    output_options,
    picture_options,
    publish_run_options,
    scene_selection,
    target_options,
)
from gradreel.errors import SetupError
from gradreel.lecture_settings import LectureSettings

if TYPE_CHECKING:
    from deltarender.progress import ProgressBars
    from gradreel.publish.film import Film
    from gradreel.publish.gallery import Gallery
    from gradreel.publish.lecture_file import Lecture
    from gradreel.publish.slides import Deck

lecture_option = click.option(
    "-l", "--lecture", "lecture_file", type=click.Path(path_type=Path), default=None,
    help="a TOML file that says what belongs to it",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class FilmOptions:
    """What a film has besides its scenes; None where the lecture file decides."""

    cards: bool | None = None
    narrate: bool | None = None
    voice: str | None = None


film_options = option_group(
    "film_options", FilmOptions,
    click.option("--cards/--no-cards", default=None, help="title cards  [default: with]"),
    click.option(
        "--narrate/--no-narrate", " /--silent", "narrate", default=None,
        help="have the captions spoken, or else drawn  [default: spoken, if a voice is installed]",
    ),
    click.option(
        "--voice", metavar="NAME", default=None,
        help="narrate with piper, piper:model.onnx, espeak-ng, espeak-ng:en-gb, or file.py:Class "
        "of your own",
    ),
)  # fmt: skip


@click.command()
@scene_selection
@lecture_option
@picture_options
@film_options
@publish_run_options
@target_options
def film(
    selection: SceneSelection, lecture_file: Path | None, picture: PictureOptions,
    film_options: FilmOptions, run: RunOptions, output: OutputOptions,
) -> None:  # fmt: skip
    """One MP4 of the lecture, with chapters and subtitles.

    Without SCENEs and without a lecture file it is the built-in lecture. Its captions are spoken,
    and a subtitle track holds them too; --captions draws them on the picture. With --silent, or
    where no voice is installed, it has no sound and its captions are drawn.
    """
    from gradreel.publish.film import build_film

    lecture = choose_lecture(selection, lecture_file)
    cards = film_options.cards
    profile = _settings(lecture, picture)
    voice, notes = _choose_voice(lecture, film_options, profile.language)
    if is_default("captions") and "captions" not in lecture.settings:
        profile = replace(profile, captions=not voice)
    profile = replace(profile, voice=voice)
    with _progress_bars() as bars:
        built = build_film(
            lecture, profile, output.media_dir, target=output.target, force=run.force,
            cards=lecture.settings.get("cards", True) if cards is None else cards,
            options=run.batch_options(), listen=bars,
        )  # fmt: skip
    _print_files(replace(built, notes=(*notes, *built.notes)), output)


@click.command()
@scene_selection
@lecture_option
@click.option(
    "--to", "kind", type=click.Choice(("html", "pptx", "pdf")), default="html", show_default=True
)
@click.option("--one-file", is_flag=True, help="html: one page with everything in it")
@picture_options
@publish_run_options
@target_options
def slides(
    selection: SceneSelection, lecture_file: Path | None, kind: str, one_file: bool,
    picture: PictureOptions, run: RunOptions, output: OutputOptions,
) -> None:  # fmt: skip
    """A deck with one step per beat, the captions as speaker notes.

    An html deck is a folder that needs no network: open its index.html.
    """
    from gradreel.publish.slides import build_deck

    lecture = choose_lecture(selection, lecture_file)
    profile = _settings(lecture, picture)
    with _progress_bars() as bars:
        built = build_deck(
            lecture, profile, output.media_dir, kind, one_file=one_file, target=output.target,
            force=run.force, options=run.batch_options(), listen=bars,
        )  # fmt: skip
    _print_files(built, output)


@click.command()
@click.option("--open", "open_it", is_flag=True, help="show it in the browser")
@output_options
def gallery(open_it: bool, output: OutputOptions) -> None:
    """A web page of everything rendered; it needs no network."""
    from gradreel import catalog
    from gradreel.publish.gallery import build_gallery
    from gradreel.publish.lecture_file import builtin_lecture

    chapters = {entry.name: entry.chapter for entry in catalog.syllabus_scenes()}
    built = build_gallery(output.media_dir, chapters, builtin_lecture().title)
    _print_files(built, output)
    if open_it and click.launch(built.path.resolve().as_uri()):
        raise SetupError(
            "no browser could be started.", hint=f"Open {built.path} in a browser yourself."
        )


def choose_lecture(selection: SceneSelection, file: Path | None) -> Lecture:
    """The lecture of a file, of the selected scenes, or the built-in one. Raises UsageError."""
    from gradreel.errors import UsageError
    from gradreel.publish import lecture_file

    if file is not None and (selection.scenes or selection.params):
        raise UsageError("a lecture file says itself which scenes and parameters it has.")
    if file is not None:
        return lecture_file.read_lecture(file)
    if selection.scenes:
        params = tuple(dict(selection.params).items())
        return lecture_file.lecture_of_scenes(selection.scenes, params)
    if selection.params:
        raise UsageError("parameters need a scene.", where="-P")
    return lecture_file.builtin_lecture()


def _settings(lecture: Lecture, picture: PictureOptions) -> LectureSettings:
    """The render settings from the options; the lecture file replaces defaults."""
    from_file = {
        key: lecture.settings[key]
        for key in ("quality", "theme", "captions", "language")
        if key in lecture.settings and is_default(key)
    }
    return picture.settings(**from_file)


def _choose_voice(
    lecture: Lecture, options: FilmOptions, catalogue: str
) -> tuple[str, tuple[str, ...]]:
    """The identity of the voice that narrates, "" for none, and notes for the user.

    Without a choice it is an installed one that speaks the language of `catalogue`.

    Raises UsageError or SetupError.
    """
    from gradreel.errors import UsageError
    from gradreel.narrate import voices
    from gradreel.translate.catalogue import language_of

    if options.narrate is False:
        if options.voice:
            raise UsageError("a silent film has no voice.", where="--voice")
        return "", ()
    name = options.voice or lecture.settings.get("voice", "")
    language = language_of(catalogue)
    if not name and options.narrate:
        name = voices.require_installed_voice(language)
    elif not name and "voice" not in lecture.settings:
        name = voices.installed_voice(language)
        if not name:
            hint = 'pip install "gradreel[narration]", or --voice' if not language else "--voice"
            return "", (f"no voice is installed for it: the film is silent. See {hint}.",)
    return (voices.load_voice(name).identity if name else ""), ()


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
