"""The commands that describe the scenes: list and show."""

from __future__ import annotations

import click

from deltarender.beat_names import PLACEHOLDER
from gradreel import catalog
from gradreel.cli import complete_scene_name
from gradreel.cli.options import OutputOptions, json_option


@click.command("list")
@click.option(
    "--autograd", "builtin", is_flag=True, help="the built-in lecture, from a project too"
)
@json_option
def list_(builtin: bool, output: OutputOptions) -> None:
    """The scenes of the lecture, in order: of the project that this folder is in, or built in.

    A project has a lecture.toml or a table [tool.gradreel] in its pyproject.toml. There, scenes of
    the built-in lecture are called autograd:NAME.
    """
    entries = catalog.syllabus_scenes() if builtin else catalog.lecture_scenes()
    rows = [entry.to_dict() for entry in entries]
    if output.as_json:
        output.print_json(rows)
        return
    chapter = ""
    for row in rows:
        if row["chapter"] != chapter:
            chapter = row["chapter"]
            click.echo(click.style(chapter, bold=True))
        names = ", ".join(p["name"] for p in row["parameters"])
        click.echo(f"  {row['name']:<22}{row['claim']}" + (f"  [{names}]" if names else ""))


@click.command()
@click.argument("scene", shell_complete=complete_scene_name)
@json_option
def show(scene: str, output: OutputOptions) -> None:
    """One scene: claim, beats and parameters. SCENE is a name or path.py:Class."""
    for entry in catalog.find_entries(scene):
        row = {**entry.to_dict(), "file": str(entry.file), "beats": entry.beats}
        if output.as_json:
            output.print_json(row)
            continue
        click.echo(f"{click.style(entry.name, bold=True)}  {row['claim']}\n{entry.file}\n\nBeats")
        for beat in row["beats"]:
            click.echo(f"  {beat}")
        if not row["beats"] or any(PLACEHOLDER in beat for beat in row["beats"]):
            what = PLACEHOLDER if row["beats"] else "what they are called"
            click.echo(f"  ({what} is known when it is played; `values {scene}` lists them)")
        click.echo("\nParameters (-P NAME=VALUE)" if row["parameters"] else "\nNo parameters.")
        for param in row["parameters"]:
            click.echo(
                f"  {param['name']:<12}{param['type']}, default {param['default']!r}: "
                f"{param['help']}"
            )
