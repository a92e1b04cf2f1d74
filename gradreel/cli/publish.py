"""The commands that make something for the lecture room: film."""

from __future__ import annotations

import json
from pathlib import Path

import click

from gradreel.cli.render import as_json, media_dir, picture, scene_names, targets, workers
from gradreel.rendering.job import Job, Profile


@click.command()
@scene_names
@picture
@workers
@media_dir
@as_json
def film(
    scenes: tuple[str, ...], quality: str, fps: float | None, resolution: tuple[int, int] | None,
    theme: str, captions: bool, workers: int | None, media_dir: Path, as_json: bool,
) -> None:  # fmt: skip
    """One MP4 of the lecture or of the SCENEs, with chapters and subtitles."""
    from gradreel.cli.render import _run
    from gradreel.publish.film import make
    from gradreel.rendering import batch
    from scenes import TITLE

    profile = Profile.of(quality, fps=fps, resolution=resolution, theme=theme, captions=captions)
    jobs = [Job(t, profile, (), media_dir) for t in targets(scenes, every=not scenes)]
    report = _run(jobs, batch.Options(workers or batch.cores()), None)
    if report.exit_code:
        for result in report.failed:
            click.echo(f"{result.job} failed: {result.error}", err=True)
        raise SystemExit(report.exit_code)
    name = "-".join([*TITLE.split(), profile.name])
    made = make([job.manifest for job in jobs], media_dir / f"{name}.mp4")
    if as_json:
        rows = [{"title": c.title, "start": c.start, "end": c.end} for c in made.chapters]
        click.echo(json.dumps({"path": str(made.path), "chapters": rows}, ensure_ascii=False))
    else:
        click.echo(made.path)
