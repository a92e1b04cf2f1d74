"""The commands `deltarender on` and `deltarender off`: by what `manim` renders."""

from __future__ import annotations

from importlib.metadata import entry_points

import click

from deltarender import plugin_switch
from deltarender.errors import SetupError

COMMANDS = ("on", "off")


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("setting", type=click.Choice(COMMANDS))
def switch(setting: str) -> None:
    """Let `manim` render through deltarender (on), or by itself (off).

    Adds the plugin to `plugins` in the user's manim.cfg, or in that of the working folder if it
    names plugins, or removes it there. The environment variable DELTARENDER=off, or on, overrides
    these files.
    """
    if setting == "on":
        _require_installed()
    changed = plugin_switch.enable() if setting == "on" else plugin_switch.disable()
    renderer = "deltarender" if setting == "on" else "Manim itself"
    click.echo(f"`manim` renders with {renderer}.")
    for path in changed:
        click.echo(f"{path}: changed", err=True)
    if plugin_switch.variable() not in ("", setting):
        click.echo(
            f"But the variable {plugin_switch.VARIABLE} says {plugin_switch.variable()}.", err=True
        )


def _require_installed() -> None:
    names = {point.name for point in entry_points(group="manim.plugins")}
    if plugin_switch.PLUGIN not in names:
        raise SetupError(
            "Manim does not find the plugin among the installed distributions.",
            hint="Install this package again: pip install .",
        )
