"""The commands that tell what there is: list and show."""

from __future__ import annotations

import json

import click

from gradreel import catalog
from gradreel.cli import complete

as_json_option = click.option("--json", "as_json", is_flag=True, help="one JSON document on stdout")


@click.command("list")
@as_json_option
def list_(as_json: bool) -> None:
    """The scenes of the lecture, in order."""
    rows = [entry.to_dict() for entry in catalog.syllabus_scenes()]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    chapter = ""
    for row in rows:
        if row["chapter"] != chapter:
            chapter = row["chapter"]
            click.echo(click.style(chapter, bold=True))
        names = ", ".join(p["name"] for p in row["parameters"])
        click.echo(f"  {row['name']:<22}{row['claim']}" + (f"  [{names}]" if names else ""))


@click.command()
@click.argument("scene", shell_complete=complete)
@as_json_option
def show(scene: str, as_json: bool) -> None:
    """One scene: claim, beats and parameters. SCENE is a name or path.py:Class."""
    for entry in catalog.find_entries(scene):
        row = {**entry.to_dict(), "file": str(entry.file), "beats": entry.beats}
        if as_json:
            click.echo(json.dumps(row, ensure_ascii=False, indent=1))
            continue
        click.echo(f"{click.style(entry.name, bold=True)}  {row['claim']}\n{entry.file}\n\nBeats")
        for beat in row["beats"]:
            click.echo(f"  {beat}")
        click.echo("\nParameters (-P NAME=VALUE)" if row["parameters"] else "\nNo parameters.")
        for one in row["parameters"]:
            click.echo(
                f"  {one['name']:<12}{one['type']}, default {one['default']!r}: {one['help']}"
            )
