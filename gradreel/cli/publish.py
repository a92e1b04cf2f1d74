"""The commands that put rendered scenes together: film, slides, gallery."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from deltarender.jobs import RenderSettings
from gradreel.cli.options import (
    as_json,
    media_dir,
    picture,
    scene_names,
    settings,
    timeout,
    workers,
)  # fmt: skip

lecture_option = click.option(
    "-l", "--lecture", "lecture_file", type=click.Path(path_type=Path), default=None,
    help="a TOML file that says what belongs to it",
)  # fmt: skip
force = click.option(
    "--force", is_flag=True,
    help="render even what is fresh; and let -o replace a file that was not rendered by this "
    "program, or go into a folder that holds other files, which stay",
)  # fmt: skip


def _lecture(scenes: tuple[str, ...], file: Path | None, params: Any) -> Any:
    """The lecture asked for: of a file, of scenes named, or the built-in one."""
    from gradreel.errors import UsageError
    from gradreel.publish import lecture_file

    if file is not None and (scenes or params):
        raise UsageError("a lecture file says itself which scenes and parameters it has.")
    if file is not None:
        return lecture_file.read(file)
    if scenes:
        return lecture_file.of_scenes(scenes, tuple(dict(params).items()))
    if params:
        raise UsageError("parameters need a scene.", where="-P")
    return lecture_file.built_in()


def _profile(lecture: Any, context: click.Context, **given: Any) -> RenderSettings:
    """The profile from the options, and from the lecture file where no option was given."""
    from click.core import ParameterSource

    for key in ("quality", "theme", "captions"):
        if context.get_parameter_source(key) is ParameterSource.DEFAULT:
            given[key] = lecture.settings.get(key, given[key])
    return RenderSettings.of(given.pop("quality"), **given)


def _voice(lecture: Any, narrate: bool | None, name: str | None) -> str:
    """The identity of the voice that is to speak, "" for none; one that is not there is told."""
    from gradreel.narrate import voices

    if narrate is False:
        return ""
    wanted = name or lecture.settings.get("voice") or (voices.DEFAULT_VOICE if narrate else "")
    return voices.load_voice(wanted).identity if wanted else ""


def _batch(workers: int | None, force: bool, timeout: float) -> Any:
    from deltarender import batch

    return batch.BatchOptions(workers or batch.cores(), force, timeout=timeout)


def _bars() -> Any:
    from deltarender.progress import ProgressBars

    return ProgressBars(0)


@click.command()
@scene_names
@lecture_option
@picture
@settings
@click.option("--cards/--no-cards", default=None, help="title cards  [default: with]")
@click.option("--narrate/--no-narrate", default=None, help="have the captions spoken (espeak-ng)")
@click.option(
    "--voice", metavar="NAME", default=None,
    help="narrate with espeak-ng, espeak-ng:en-gb, or file.py:Class of your own",
)  # fmt: skip
@click.option("-o", "--output", type=click.Path(path_type=Path), default=None, help="the MP4")
@workers
@media_dir
@timeout
@force
@as_json
@click.pass_context
def film(
    context: click.Context, /, scenes: tuple[str, ...], lecture_file: Path | None,
    params: tuple[tuple[str, str], ...], cards: bool | None, narrate: bool | None,
    voice: str | None, output: Path | None, workers: int | None, media_dir: Path, timeout: float,
    force: bool, as_json: bool,
    **look: Any,
) -> None:  # fmt: skip
    """One MP4 of the lecture, with chapters and subtitles.

    Without SCENEs and without a lecture file it is the built-in lecture. With --narrate each beat
    lasts until its caption is said.
    """
    from gradreel.publish.film import build_film

    lecture = _lecture(scenes, lecture_file, params)
    look["voice"] = _voice(lecture, narrate, voice)
    profile = _profile(lecture, context, **look)
    with_cards = lecture.settings.get("cards", True) if cards is None else cards
    with _bars() as bars:
        done = build_film(
            lecture, profile, media_dir, cards=with_cards, target=output, force=force,
            options=_batch(workers, force, timeout), listen=bars,
        )  # fmt: skip
    _tell(done, as_json)


def _tell(done: Any, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(done.as_json(), ensure_ascii=False, indent=1))
    else:
        for path in done.files:
            click.echo(path)
    for note in done.notes:
        click.echo(f"Note: {note}", err=True)


@click.command()
@scene_names
@lecture_option
@click.option(
    "--to", "kind", type=click.Choice(("html", "pptx", "pdf")), default="html", show_default=True
)
@click.option("--one-file", is_flag=True, help="html: one page with everything in it")
@picture
@settings
@click.option("-o", "--output", type=click.Path(path_type=Path), default=None)
@workers
@media_dir
@timeout
@force
@as_json
@click.pass_context
def slides(
    context: click.Context, /, scenes: tuple[str, ...], lecture_file: Path | None, kind: str,
    one_file: bool, params: tuple[tuple[str, str], ...], output: Path | None,
    workers: int | None, media_dir: Path, timeout: float, force: bool, as_json: bool,
    **look: Any,
) -> None:  # fmt: skip
    """A deck with one step a beat, the captions as speaker notes.

    An html deck is a folder that needs no network: open its index.html.
    """
    from gradreel.publish.slides import build_deck

    lecture = _lecture(scenes, lecture_file, params)
    profile = _profile(lecture, context, **look)
    with _bars() as bars:
        done = build_deck(
            lecture, profile, media_dir, kind, one_file=one_file, target=output, force=force,
            options=_batch(workers, force, timeout), listen=bars,
        )  # fmt: skip
    _tell(done, as_json)


@click.command()
@click.option("--open", "open_it", is_flag=True, help="show it in the browser")
@media_dir
@as_json
def gallery(open_it: bool, media_dir: Path, as_json: bool) -> None:
    """A web page of everything rendered; it needs no network."""
    from gradreel import catalog
    from gradreel.publish.gallery import build_gallery
    from gradreel.publish.lecture_file import built_in

    chapters = {entry.name: entry.chapter for entry in catalog.syllabus_scenes()}
    done = build_gallery(media_dir, chapters, built_in().title)
    _tell(done, as_json)
    if open_it:
        click.launch(done.path.resolve().as_uri())
