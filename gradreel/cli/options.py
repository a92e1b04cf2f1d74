"""Option groups that commands share: each is parsed into one frozen dataclass.

    @click.command()
    @scene_selection
    @picture_options
    def command(selection: SceneSelection, picture: PictureOptions) -> None: ...

A group decorator adds the options to the command and passes their values as one argument.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from deltarender.cli import Resolution
from deltarender.cli_errors import json_document
from deltarender.jobs import ENCODINGS, FORMATS, QUALITIES, VECTORS, Job, SceneRef
from gradreel.cli.option_types import KeyValue
from gradreel.errors import UsageError
from gradreel.extras import missing_package, require_lecture_extra
from gradreel.lecture_settings import THEMES, LectureSettings, modules_to_preload

if TYPE_CHECKING:
    from deltarender.batch import BatchOptions
    from deltarender.results import Executor

Command = Callable[..., None]
Decorator = Callable[[Command], Command]

# What scenes of the lecture draw with: workers of a cluster must have the same.
CLUSTER_LIBRARIES = ("torch", "scipy", "pydantic", "grandalf")
CLUSTER_PACKAGES = ("gradreel",)


def option_group(argument: str, group: type[Any], *options: Decorator) -> Decorator:
    """A decorator that adds `options` and passes their values as `argument`, a `group`.

    Fields of the dataclass `group` for which there is no option keep their defaults.
    """
    names = {field.name for field in fields(group)}

    def decorate(command: Command) -> Command:
        @functools.wraps(command)
        def call_grouped(*args: Any, **values: Any) -> None:
            grouped = {name: values.pop(name) for name in names & values.keys()}
            command(*args, **values, **{argument: group(**grouped)})

        decorated: Command = call_grouped
        for option in reversed(options):
            decorated = option(decorated)
        return decorated

    return decorate


@dataclass(frozen=True, slots=True)
class SceneSelection:
    """The scenes that a command works on, and their parameters."""

    scenes: tuple[str, ...] = ()
    params: tuple[tuple[str, str], ...] = ()
    every: bool = False

    def jobs(
        self, profile: LectureSettings, media: Path, *, default_all: bool = False
    ) -> list[Job]:
        """One job per scene; without scenes and with `default_all`, one per scene of the lecture.

        Raises UsageError for an unknown scene or parameter, SetupError if the extra `lecture` is
        needed and missing.
        """
        from gradreel import catalog

        params, names = dict(self.params), catalog.join_file_and_classes(self.scenes)
        entries = [entry for name in names for entry in catalog.find_entries(name)]
        for entry in entries:
            with _for_scene(entry.name if len(entries) > 1 else ""):
                catalog.check_params(entry, params)
        every = self.every or (default_all and not self.scenes)
        refs = resolve_targets(names, every)
        require_lecture_extra(ref.file for ref in refs)
        return [Job(ref, profile, tuple(params.items()), media) for ref in refs]


@contextlib.contextmanager
def _for_scene(name: str) -> Iterator[None]:
    """Say in a UsageError which of several scenes it is about; `name` is "" if there is one."""
    try:
        yield
    except UsageError as error:
        if not name or name in error.where:
            raise
        where = f"{name}, {error.where}" if error.where else name
        raise type(error)(error.what, where=where, hint=error.hint, valid=error.valid) from None


scene_names = click.argument("scenes", nargs=-1, metavar="[SCENE...]")
_param = click.option(
    "-P", "--param", "params", type=KeyValue(), multiple=True, help="a parameter of the scene"
)
scene_selection = option_group("selection", SceneSelection, scene_names, _param)
scene_selection_or_all = option_group(
    "selection", SceneSelection, scene_names,
    click.option("--all", "every", is_flag=True, help="all scenes of the lecture"),
    _param,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PictureOptions:
    """What the pictures look like and how they are encoded."""

    quality: str = "h"
    fps: float | None = None
    resolution: tuple[int, int] | None = None
    theme: str = "dark"
    captions: bool = True
    language: str = ""
    format: str = "mp4"
    transparent: bool = False
    encode: str = "fast"

    def settings(self, **overrides: Any) -> LectureSettings:
        """The settings of a render; `overrides` replace options. Raises UsageError."""
        from gradreel.translate.catalogue import require_catalogue

        values = {field.name: getattr(self, field.name) for field in fields(self)}
        values["language"] = require_catalogue(self.language)
        return LectureSettings.of(**{**values, **overrides})


language_option = click.option(
    "--language", metavar="LANG", default="",
    help="what is said, in the words of a catalogue: de, or FILE.po",
)  # fmt: skip
_picture = (
    click.option(
        "-q", "--quality", type=click.Choice(list(QUALITIES)), default="h", show_default=True,
        help="size and rate",
    ),
    click.option("--fps", type=float, default=None, help="frames per second"),
    click.option("--resolution", type=Resolution(), default=None, help="size in pixels"),
    click.option("--theme", type=click.Choice(THEMES), default="dark", show_default=True),
    click.option("--captions/--no-captions", default=True, help="draw captions on the picture"),
    language_option,
)  # fmt: skip
picture_options = option_group("picture", PictureOptions, *_picture)
video_options = option_group(
    "picture", PictureOptions, *_picture,
    click.option("--format", type=click.Choice(FORMATS), default="mp4", show_default=True),
    click.option("--transparent", is_flag=True, help="no background (mov, webm, gif, png)"),
    click.option(
        "--encode", type=click.Choice(ENCODINGS), default="fast", show_default=True,
        help="fast to make, or small",
    ),
)  # fmt: skip
still_options = option_group(
    "picture", PictureOptions, *_picture,
    click.option(
        "--format", type=click.Choice(("png", *VECTORS)), default="png", show_default=True,
        help="svg and pdf are vector pictures, for slides and papers",
    ),
    click.option("--transparent", is_flag=True, help="no background"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How a batch is run: where, with how many processes, and what counts as done."""

    workers: int | None = None
    timeout: float = 0.0
    force: bool = False
    fail_fast: bool = False
    split: int | None = None
    cluster: str | None = None

    def batch_options(self) -> BatchOptions:
        """The options as `deltarender.batch.BatchOptions`."""
        from deltarender import batch

        return batch.BatchOptions(
            self.workers or batch.cores(), self.force, self.fail_fast, self.timeout,
            self.split or 0, modules_to_preload,
        )  # fmt: skip

    def executor(self) -> Executor | None:
        """A DaskExecutor with --cluster, else None. Raises SetupError if Dask is not installed."""
        if self.cluster is None:
            return None
        try:
            from deltarender.distributed import DaskExecutor, Scope
        except ModuleNotFoundError as missing:
            raise missing_package(missing) from None
        scope = Scope(CLUSTER_LIBRARIES, CLUSTER_PACKAGES)
        return DaskExecutor(self.cluster, self.timeout, scope=scope)


_workers = click.option(
    "-j", "--jobs", "workers", type=click.IntRange(1), default=None,
    help="how many scenes at once  [default: the cores]",
)  # fmt: skip
_timeout = click.option(
    "--timeout", type=click.FloatRange(0), default=0.0,
    help="seconds a scene may take; 0 for no limit",
)  # fmt: skip
worker_options = option_group("run", RunOptions, _workers)
dry_run_options = option_group("run", RunOptions, _workers, _timeout)
publish_run_options = option_group(
    "run", RunOptions, _workers, _timeout,
    click.option(
        "--force", is_flag=True,
        help="render even what is fresh; and let -o replace a file that was not rendered by this "
        "program, or go into a folder that holds other files, which stay",
    ),
)  # fmt: skip
render_run_options = option_group(
    "run", RunOptions, _workers,
    click.option("--cluster", metavar="ADDRESS", default=None, help="render on a Dask cluster"),
    click.option(
        "--split", type=click.IntRange(1), default=None, metavar="N",
        help="render a scene in up to N parts at once  [default: as workers are to spare]",
    ),
    _timeout,
    click.option("--force", is_flag=True, help="render even what is fresh"),
    click.option("--fail-fast", is_flag=True, help="begin no more scenes after a failure"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class OutputOptions:
    """Where output files go, and whether the result is printed as JSON."""

    media_dir: Path = Path("media")
    as_json: bool = False
    target: Path | None = None

    def print_json(self, document: Any) -> None:
        """Print one JSON document on stdout."""
        click.echo(json_document(document))


_media_dir = click.option(
    "--media-dir", type=click.Path(path_type=Path), default=Path("media"), show_default=True,
    help="where all output goes",
)  # fmt: skip
_json = click.option("--json", "as_json", is_flag=True, help="one JSON document on stdout")
json_option = option_group("output", OutputOptions, _json)
output_options = option_group("output", OutputOptions, _media_dir, _json)
target_options = option_group(
    "output", OutputOptions,
    click.option(
        "-o", "--output", "target", type=click.Path(path_type=Path), default=None,
        help="the file or folder to write",
    ),
    _media_dir, _json,
)  # fmt: skip
beat_option = click.option(
    "--beat", metavar="NAME", default=None,
    help="one beat only: its name or number; `show SCENE` lists them",
)  # fmt: skip


def is_default(option: str) -> bool:
    """Whether an option of the running command was left at its default."""
    source = click.get_current_context().get_parameter_source(option)
    return source is ParameterSource.DEFAULT


def resolve_targets(names: Iterable[str], every: bool = False) -> list[SceneRef]:
    """The scenes that `names` mean: names of the syllabus, `path.py:Class`, or `path.py`.

    With `every`, those of the lecture come first. Raises UsageError for an unknown scene, or if
    there is none.
    """
    from gradreel import catalog

    entries = catalog.syllabus_scenes() if every else []
    for name in names:
        entries = [*entries, *catalog.find_entries(name)]
    if not entries:
        raise UsageError("no scene was named.", hint="Name scenes, or give --all for the lecture.")
    return [SceneRef(Path(entry.file), entry.cls, entry.name) for entry in entries]
