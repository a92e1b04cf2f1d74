"""The command `studio`: scenes live in the browser."""

from __future__ import annotations

import webbrowser
from pathlib import Path

import click

from gradreel.extras import missing_package
from gradreel.lecture_settings import THEMES, LectureSettings


@click.command()
@click.argument("scenes", nargs=-1, metavar="[SCENE|FILE...]")
@click.option(
    "-l", "--lecture", "lecture_file", type=click.Path(path_type=Path), default=None,
    help="a TOML file whose scenes come first",
)  # fmt: skip
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="[default: a free one]")
@click.option("--open/--no-open", "opens", default=True, help="open the page in a browser")
@click.option("--theme", type=click.Choice(THEMES), default="dark", show_default=True)
@click.option(
    "--media-dir", type=click.Path(path_type=Path), default=Path("media"), show_default=True,
    help="where rendered files go",
)  # fmt: skip
def studio(
    scenes: tuple[str, ...], lecture_file: Path | None, port: int, opens: bool, theme: str,
    media_dir: Path,
) -> None:  # fmt: skip
    """Scenes live in the browser: play, scrub, drag, change parameters, edit and see.

    SCENE is a scene of the lecture, FILE a Python file with scenes, of gradreel or of Manim. The
    page is for this machine and whoever has its address with the token.
    """
    from gradreel.explore.scene_list import SceneList
    from gradreel.explore.warm_up import start_importing

    offered = SceneList.of([*scenes, *_names_in(lecture_file)], media_dir)
    start_importing()
    try:
        from gradreel.explore.studio_server import Studio, bind, serve
    except ModuleNotFoundError as missing:
        raise missing_package(missing) from None
    app = Studio(offered, LectureSettings.of("m", theme=theme))

    def announce(address: str) -> None:
        click.echo(f"The studio is at {address}\nEnd it with Ctrl-C.", err=True)
        if opens and not webbrowser.open(address):
            click.echo("No browser could be opened: open the address yourself.", err=True)

    serve(app, bind(port), announce)


def _names_in(lecture_file: Path | None) -> list[str]:
    """The scenes of a lecture file, as arguments of this command. Raises UsageError."""
    from gradreel.catalog import argument_for
    from gradreel.publish.lecture_file import read_lecture

    parts = read_lecture(lecture_file).parts if lecture_file is not None else ()
    return [argument_for(part.file, part.cls) for part in parts]
