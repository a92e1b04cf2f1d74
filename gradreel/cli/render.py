"""The commands that run scenes: render, stills, values, lint, bench.

Each turns its options into jobs, calls the library and prints. Heavy imports wait inside.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import click

from gradreel.errors import SetupError, UsageError
from gradreel.rendering.job import ENCODINGS, FORMATS, QUALITIES, THEMES, Job, Profile, Target

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


class Setting(click.ParamType[Any]):
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


def _options(*options: Callable[[Command], Command]) -> Callable[[Command], Command]:
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
    "-P", "--param", "params", type=Setting(), multiple=True, help="a parameter of the scene"
)
workers = click.option(
    "-j", "--jobs", "workers", type=click.IntRange(1), default=None,
    help="how many scenes at once  [default: the cores]",
)  # fmt: skip
timeout = click.option(
    "--timeout", type=click.FloatRange(0), default=0.0, help="seconds a scene may take; 0 for ever"
)
as_json = click.option("--json", "as_json", is_flag=True, help="one JSON document on stdout")
picture = _options(
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


def targets(names: Iterable[str], every: bool = False) -> list[Target]:
    """The scenes that `names` mean: names of the syllabus, `path.py:Class`, or `path.py`.

    Without names, the lecture's. Raises UsageError for what is not there.
    """
    from gradreel import catalog

    found = catalog.lecture() if every else []
    for name in names:
        found = [*found, *catalog.find(name)]
    if not found:
        raise UsageError("no scene was named.", hint="Name scenes, or give --all for the lecture.")
    return [Target(Path(t.file), t.cls, t.name) for t in found]


def _jobs(
    names: Iterable[str], profile: Profile, params: Iterable[tuple[str, str]], media: Path,
    every: bool = False,
) -> list[Job]:  # fmt: skip
    from gradreel import catalog

    given = dict(params)
    for name in names if given else ():
        for entry in catalog.find(name):
            catalog.check_params(entry, given)
    return [Job(t, profile, tuple(given.items()), media) for t in targets(names, every)]


@click.command()
@scene_names
@click.option("--all", "every", is_flag=True, help="all scenes of the lecture")
@picture
@click.option("--format", "format_", type=click.Choice(FORMATS), default="mp4", show_default=True)
@click.option("--transparent", is_flag=True, help="no background (mov, webm, gif, png)")
@click.option(
    "--encode", type=click.Choice(ENCODINGS), default="fast", show_default=True,
    help="fast to make, or small",
)  # fmt: skip
@settings
@workers
@click.option("--cluster", metavar="ADDRESS", default=None, help="render on a Dask cluster")
@media_dir
@timeout
@click.option("--force", is_flag=True, help="render even what is fresh")
@click.option("--fail-fast", is_flag=True, help="begin no more scenes after a failure")
@click.option("--dry-run", is_flag=True, help="only say what would be rendered, and why")
@as_json
def render(
    scenes: tuple[str, ...], every: bool, quality: str, fps: float | None,
    resolution: tuple[int, int] | None, theme: str, captions: bool, format_: str,
    transparent: bool, encode: str, params: tuple[tuple[str, str], ...], workers: int | None,
    cluster: str | None, media_dir: Path, timeout: float, force: bool, fail_fast: bool,
    dry_run: bool, as_json: bool,
) -> None:  # fmt: skip
    """Render scenes to video.

    A SCENE is a name from the syllabus, path.py:Class, or path.py for all scenes of a file.
    """
    from gradreel.rendering import batch

    profile = Profile.of(
        quality, fps=fps, resolution=resolution, theme=theme, captions=captions, format=format_,
        transparent=transparent, encode=encode,
    )  # fmt: skip
    jobs = _jobs(scenes, profile, params, media_dir, every)
    if dry_run:
        _tell_plan(batch.plan(jobs, force), as_json)
        return
    options = batch.Options(workers or batch.cores(), force, fail_fast, timeout)
    _tell_report(_run(jobs, options, cluster), as_json)


def _run(jobs: list[Job], options: Any, cluster: str | None) -> Any:
    from gradreel.rendering import batch

    if cluster is not None:
        try:
            distributed = importlib.import_module("gradreel.rendering.cluster")
        except ModuleNotFoundError as missing:
            raise SetupError(f"--cluster needs {missing.name}, which is not installed.") from None
        return distributed.render(jobs, options, cluster)
    if all(not why for _, why in batch.plan(jobs, options.force)):
        return batch.render(jobs, options)
    from gradreel.rendering.progress import Bars

    with Bars(len(jobs)) as bars:
        return batch.render(jobs, options, bars)


def _tell_plan(plan: list[tuple[Job, list[str]]], as_json: bool) -> None:
    if as_json:
        rows = [
            {"scene": job.target.name, "path": str(job.video), "render": bool(why), "why": why}
            for job, why in plan
        ]
        click.echo(json.dumps({"plan": rows}, ensure_ascii=False, indent=1))
        return
    for job, why in plan:
        click.echo(f"{job}: " + (f"render ({'; '.join(why)})" if why else "fresh"))


def _tell_report(report: Any, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(report.as_json(), ensure_ascii=False, indent=1))
        for result in report.failed:
            click.echo(f"{result.job} failed: {result.error}", err=True)
    else:
        from gradreel.rendering.progress import summary

        summary(report, click.echo)
    raise SystemExit(report.exit_code)


@click.command()
@scene_names
@picture
@settings
@workers
@media_dir
@as_json
def stills(
    scenes: tuple[str, ...], quality: str, fps: float | None, resolution: tuple[int, int] | None,
    theme: str, captions: bool, params: tuple[tuple[str, str], ...], workers: int | None,
    media_dir: Path, as_json: bool,
) -> None:  # fmt: skip
    """One PNG for each beat of the SCENEs."""
    profile = Profile.of(quality, fps=fps, resolution=resolution, theme=theme, captions=captions)
    done = _rehearsed(_jobs(scenes, profile, params, media_dir), workers, stills=True)
    good = [r for r in done if r.fault is None]
    if as_json:
        rows = [{"scene": r.job.target.name, "stills": [str(p) for p in r.stills]} for r in good]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
    else:
        for rehearsal in good:
            for path in rehearsal.stills:
                click.echo(path)
    _end_with_faults(done)


@click.command()
@scene_names
@settings
@workers
@media_dir
@click.option("--check", is_flag=True, help="compare with the golden files; exit 1 on a difference")
@click.option("--update", is_flag=True, help="rewrite the golden files")
@as_json
def values(
    scenes: tuple[str, ...], params: tuple[tuple[str, str], ...], workers: int | None,
    media_dir: Path, check: bool, update: bool, as_json: bool,
) -> None:  # fmt: skip
    """The numbers that scenes show, beat by beat, without rendering.

    Without SCENEs, those of the whole lecture.
    """
    from gradreel import golden

    jobs = _jobs(scenes, Profile.of("l"), params, media_dir, every=not scenes)
    done = _rehearsed(jobs, workers)
    told = [(r.job.stem, golden.values_of(r.score)) for r in done if r.score is not None]
    wrong: list[str] = []
    if update:
        for name, found in told:
            click.echo(golden.update(name, found), err=as_json)
    elif check:
        wrong = [line for name, found in told for line in golden.check(name, found)]
        click.echo("\n".join(wrong) if wrong else f"{len(told)} scenes agree.", err=as_json)
    if as_json:
        documents = [found for _, found in told]
        click.echo(json.dumps(documents[0] if len(jobs) == 1 and documents else documents,
                              ensure_ascii=False, indent=1))  # fmt: skip
    elif not check and not update:
        _tell_values(told)
    _end_with_faults(done, bool(wrong))


def _tell_values(told: list[tuple[str, dict[str, Any]]]) -> None:
    for name, found in told:
        click.echo(name)
        for beat in found["beats"]:
            click.echo(f"  {beat['name']}")
            for number in beat["numbers"]:
                click.echo(f"    {number['text']}\t{number['value']!r}\t{number['source']}")


@click.command()
@scene_names
@settings
@workers
@media_dir
@as_json
def lint(
    scenes: tuple[str, ...], params: tuple[tuple[str, str], ...], workers: int | None,
    media_dir: Path, as_json: bool,
) -> None:  # fmt: skip
    """Whether every beat can be read: in the frame, nothing over text, large enough, clear.

    Without SCENEs, those of the whole lecture.
    """
    watcher = "gradreel.lint:faults"
    jobs = _jobs(scenes, Profile.of("l"), params, media_dir, every=not scenes)
    done = _rehearsed(jobs, workers, watchers=(watcher,))
    found = [fault for r in done for rows in r.watched.get(watcher, []) for fault in rows]
    if as_json:
        click.echo(json.dumps({"faults": found}, ensure_ascii=False, indent=1))
    else:
        for fault in found:
            click.echo("\t".join(str(part) for part in fault.values() if part))
    _end_with_faults(done, bool(found))


def _rehearsed(jobs: list[Job], workers: int | None, **what: Any) -> list[Any]:
    from gradreel.rendering.batch import rehearse
    from gradreel.rendering.progress import Bars

    with Bars(len(jobs)) as bars:
        return rehearse(jobs, workers=workers or 0, listen=bars, **what)


def _end_with_faults(done: list[Any], otherwise: bool = False) -> None:
    """Tell what failed and leave: 2 if all of it was wrong use, 1 for anything else."""
    faults = [(r.job, r.fault) for r in done if r.fault is not None]
    for job, fault in faults:
        click.echo(f"{job} failed: {fault.message}", err=True)
        if fault.line:
            click.echo(f"  at {fault.line}", err=True)
    usage = bool(faults) and all(fault.usage for _, fault in faults)
    raise SystemExit(2 if usage else int(bool(faults) or otherwise))


@click.command()
@scene_names
@picture
@workers
@click.option("--curves", is_flag=True, help="also time against frames, mobjects, scenes, jobs")
@as_json
def bench(
    scenes: tuple[str, ...], quality: str, fps: float | None, resolution: tuple[int, int] | None,
    theme: str, captions: bool, workers: int | None, curves: bool, as_json: bool,
) -> None:  # fmt: skip
    """This renderer against `manim` itself: same scenes, same machine, alternately, as a ratio.

    Without SCENEs, the whole lecture.
    """
    from gradreel.rendering import batch
    from gradreel.rendering import bench as measure

    profile = Profile.of(quality, fps=fps, resolution=resolution, theme=theme, captions=captions)
    found = targets(scenes, every=not scenes)
    result = measure.measure(found, profile, workers or batch.cores(), curves=curves)
    click.echo(json.dumps(result, indent=1) if as_json else measure.as_text(result))


COMMANDS = (render, stills, values, lint, bench)
