"""What the commands share: options, their types, and the way from names to jobs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import click

from deltarender.jobs import QUALITIES, THEMES, Job, RenderSettings, SceneRef
from gradreel.errors import SetupError, UsageError

Command = Callable[..., None]


class Resolution(click.ParamType[Any]):
    """Two whole numbers: W,H."""

    name = "W,H"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[int, int]:
        """Read `960,720` or `960x720`."""
        try:
            width, height = (int(part) for part in str(value).replace("x", ",").split(","))
        except ValueError:
            self.fail(f"{value!r} is not a size such as 960,720.", param, ctx)
        return width, height


class KeyValue(click.ParamType[Any]):
    """A parameter: NAME=VALUE."""

    name = "NAME=VALUE"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[str, str]:
        """Split at the first `=`."""
        if isinstance(value, tuple):
            return value
        name, equals, text = str(value).partition("=")
        if not equals or not name:
            self.fail(f"{value!r} is not of the form NAME=VALUE.", param, ctx)
        return name.strip(), text


def option_group(*options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


scene_names = click.argument("scenes", nargs=-1, metavar="[SCENE...]")
media_dir = click.option(
    "--media-dir", type=click.Path(path_type=Path), default=Path("media"), show_default=True,
    help="where all output goes",
)  # fmt: skip
settings = click.option(
    "-P", "--param", "params", type=KeyValue(), multiple=True, help="a parameter of the scene"
)
workers = click.option(
    "-j", "--jobs", "workers", type=click.IntRange(1), default=None,
    help="how many scenes at once  [default: the cores]",
)  # fmt: skip
beat_option = click.option(
    "--beat", metavar="NAME", default=None,
    help="one beat only: its name or number; `show SCENE` lists them",
)  # fmt: skip
timeout = click.option(
    "--timeout", type=click.FloatRange(0), default=0.0, help="seconds a scene may take; 0 for ever"
)
as_json = click.option("--json", "as_json", is_flag=True, help="one JSON document on stdout")
picture = option_group(
    click.option(
        "-q", "--quality", type=click.Choice(list(QUALITIES)), default="h", show_default=True,
        help="size and rate",
    ),
    click.option("--fps", type=float, default=None, help="frames a second"),
    click.option("--resolution", type=Resolution(), default=None, help="size in pixels"),
    click.option(
        "--theme", type=click.Choice(THEMES), default="dark", show_default=True,
    ),
    click.option("--captions/--no-captions", default=True, help="draw captions on the picture"),
)  # fmt: skip


def resolve_targets(names: Iterable[str], every: bool = False) -> list[SceneRef]:
    """The scenes that `names` mean: names of the syllabus, `path.py:Class`, or `path.py`.

    Without names, the lecture's. Raises UsageError for what is not there.
    """
    from gradreel import catalog

    found = catalog.syllabus_scenes() if every else []
    for name in names:
        found = [*found, *catalog.find_entries(name)]
    if not found:
        raise UsageError("no scene was named.", hint="Name scenes, or give --all for the lecture.")
    return [SceneRef(Path(t.file), t.cls, t.name) for t in found]


def jobs_of(
    names: Iterable[str], profile: RenderSettings, params: Iterable[tuple[str, str]], media: Path,
    every: bool = False,
) -> list[Job]:  # fmt: skip
    from gradreel import catalog

    given = dict(params)
    for name in names if given else ():
        for entry in catalog.find_entries(name):
            catalog.check_params(entry, given)
    return [Job(t, profile, tuple(given.items()), media) for t in resolve_targets(names, every)]


def needs_cluster(missing: ModuleNotFoundError) -> SetupError:
    """The error of a command that needs Dask where it is not installed."""
    return SetupError(
        f"--cluster needs {missing.name}, which is not installed.",
        hint='Install it: pip install "gradreel[cluster]"',
    )
