"""The scenes that a command works on: named, all, or those of a lecture file."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from deltarender.jobs import Job, SceneRef
from deltarender.own_size import with_own_size
from gradreel.cli.option_types import KeyValue, option_group
from gradreel.errors import UsageError
from gradreel.extras import require_lecture_extra
from gradreel.lecture_settings import LectureSettings

if TYPE_CHECKING:
    from gradreel.publish.lecture_file import Lecture


@dataclass(frozen=True, slots=True)
class SceneSelection:
    """The scenes that a command works on, and their parameters; or a file that says both."""

    scenes: tuple[str, ...] = ()
    params: tuple[tuple[str, str], ...] = ()
    every: bool = False
    lecture_file: Path | None = None

    def lecture(self, *, default: bool = False) -> Lecture | None:
        """The lecture of the file. With --all, or with `default` if nothing is named, it is that of
        the project, or the built-in one; else None.

        Raises UsageError for a wrong file, or one beside scenes or parameters.
        """
        from gradreel.publish import lecture_file

        if self.lecture_file is not None:
            if self.scenes or self.params or self.every:
                raise UsageError("a lecture file says itself which scenes and parameters it has.")
            return lecture_file.read_lecture(self.lecture_file)
        every = self.every or (default and not self.scenes)
        return lecture_file.default_lecture() if every else None

    def jobs(
        self, profile: LectureSettings, media: Path, lecture: Lecture | None = None
    ) -> list[Job]:
        """One job per scene: those of `lecture`, if given, then those that are named.

        Raises UsageError for an unknown scene or parameter, SetupError if the extra `lecture` is
        needed and missing.
        """
        from gradreel import catalog
        from gradreel.publish.rendered_scenes import job_for_part

        params, names = dict(self.params), catalog.join_file_and_classes(self.scenes)
        entries = [entry for name in names for entry in catalog.find_entries(name)]
        for entry in entries:
            with _for_scene(entry.name if len(entries) > 1 else ""):
                catalog.check_params(entry, params)
        parts = lecture.parts if lecture is not None else ()
        jobs = [job_for_part(part, profile, media) for part in parts]
        jobs = [replace(job, params=tuple({**dict(job.params), **params}.items())) for job in jobs]
        if names or not jobs:
            given = tuple(params.items())
            refs = resolve_targets(names)
            jobs += [with_own_size(Job(ref, profile, given, media)) for ref in refs]
        require_lecture_extra(job.target.file for job in jobs)
        return jobs


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
_lecture = click.option(
    "-l", "--lecture", "lecture_file", type=click.Path(path_type=Path), default=None,
    help="a TOML file that says which scenes, and what they look like",
)  # fmt: skip
scene_selection = option_group("selection", SceneSelection, scene_names, _param, _lecture)
scene_selection_or_all = option_group(
    "selection", SceneSelection, scene_names,
    click.option("--all", "every", is_flag=True, help="all scenes of the lecture"),
    _param, _lecture,
)  # fmt: skip


def resolve_targets(names: Iterable[str], every: bool = False) -> list[SceneRef]:
    """The scenes that `names` mean: names of the syllabus, `path.py:Class`, or `path.py`.

    With `every`, those of the lecture come first: the project's, or the built-in one. Raises
    UsageError for an unknown scene, or if there is none.
    """
    from gradreel import catalog

    entries = catalog.lecture_scenes() if every else []
    for name in names:
        entries = [*entries, *catalog.find_entries(name)]
    if not entries:
        raise UsageError("no scene was named.", hint="Name scenes, or give --all for the lecture.")
    return [SceneRef(Path(entry.file), entry.cls, entry.name) for entry in entries]
