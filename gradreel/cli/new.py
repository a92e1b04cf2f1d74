"""The command `new`: a lecture project of one's own."""

from __future__ import annotations

import shlex
from pathlib import Path

import click


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
def new(folder: Path) -> None:
    """A lecture project in FOLDER: a scene, a program, tests with golden values, a Makefile, CI.

    It works at once: `make test` and `make film`. Files that are there already are never replaced.
    """
    from gradreel.project.new_project import create_project

    for path in create_project(folder):
        click.echo(path)
    click.echo(f"Next: cd {shlex.quote(str(folder))} && make test && make film", err=True)
