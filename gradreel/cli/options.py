"""Option groups that commands share: each is parsed into one frozen dataclass.

    @click.command()
    @scene_selection
    @picture_options
    def command(selection: SceneSelection, picture: PictureOptions) -> None: ...

A group decorator adds the options to the command and passes their values as one argument.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from deltarender.cli_errors import print_json
from deltarender.cli_options import (
    Resolution,
    animations_option,
    background_option,
    last_frame_option,
    with_last_frame,
)
from deltarender.jobs import ALL_ANIMATIONS, ENCODINGS, FORMATS, PRORES, QUALITIES, VECTORS
from deltarender.manim_cfg import media_dir
from deltarender.option_sources import configured_options, is_default
from gradreel.cli.option_types import option_group
from gradreel.extras import missing_package
from gradreel.lecture_settings import THEMES, LectureSettings, modules_to_preload

if TYPE_CHECKING:
    from deltarender.batch import BatchOptions
    from deltarender.results import Executor
    from gradreel.publish.lecture_file import Lecture

# What scenes of the lecture draw with: workers of a cluster must have the same.
CLUSTER_EXTRAS = ("lecture",)
CLUSTER_PACKAGES = ("gradreel",)


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
    last_frame: bool = False
    animations: tuple[int, int] = ALL_ANIMATIONS
    background: str = ""

    def settings(self, lecture: Lecture | None = None, **overrides: Any) -> LectureSettings:
        """The settings of a render. Raises UsageError.

        Options left at their defaults are replaced by the keys of a lecture file, or else of a
        `manim.cfg`; `overrides` replace any.
        """
        from gradreel.translate.catalogue import require_catalogue

        values = {field.name: getattr(self, field.name) for field in fields(self)}
        from_file = lecture.settings if lecture is not None else {}
        sized = {"resolution", "fps"} if "quality" in from_file else set()
        values |= {k: v for k, v in configured_options().items() if k not in sized}
        values |= {k: v for k, v in from_file.items() if k in values and is_default(k)}
        values.pop("preview", None)  # of the run, not of the picture
        values = with_last_frame(values, format_given=not is_default("format"))
        values["language"] = require_catalogue(str(values["language"]))
        return LectureSettings.of(**{**values, **overrides})


_resolution = click.option("--resolution", type=Resolution(), default=None, help="size in pixels")
_theme = click.option("--theme", type=click.Choice(THEMES), default="dark", show_default=True)
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
    _resolution,
    _theme,
    click.option("--captions/--no-captions", default=True, help="draw captions on the picture"),
    language_option,
)  # fmt: skip
layout_options = option_group("picture", PictureOptions, _resolution, _theme, language_option)
picture_options = option_group("picture", PictureOptions, *_picture)
film_picture_options = option_group(
    "picture", PictureOptions, *_picture,
    click.option(
        "--encode", type=click.Choice([name for name in ENCODINGS if name != PRORES]),
        default="fast", show_default=True, help="fast to make, or small",
    ),
)  # fmt: skip
video_options = option_group(
    "picture", PictureOptions, *_picture,
    click.option("--format", type=click.Choice(FORMATS), default="mp4", show_default=True),
    last_frame_option, animations_option,
    click.option(
        "--transparent", is_flag=True,
        help="no background (mov, webm, png; gif, where a pixel is clear or not)",
    ),
    background_option,
    click.option(
        "--encode", type=click.Choice(ENCODINGS), default="fast", show_default=True,
        help="fast to make, or small; prores is ProRes 4444 for editors, with --format mov",
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
        scope = Scope(CLUSTER_EXTRAS, CLUSTER_PACKAGES)
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
    click.option(
        "--force", is_flag=True,
        help="render even what is fresh; and let -o replace a file not rendered by this program",
    ),
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
        print_json(document)


_media_dir = click.option(
    "--media-dir", type=click.Path(path_type=Path), default=media_dir, show_default="media",
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
