"""The command line: `python render.py COMMAND`, or `gradreel COMMAND` once installed.

Commands are loaded when they are used, so that `--help` and `list` answer at once.
"""

from __future__ import annotations

import importlib
import os
import sys
import tempfile
import traceback
from typing import Any

import click

from gradreel.errors import GradreelError

COMMANDS = {
    "list": ("gradreel.cli.list_show", "list_", "The scenes of the lecture, in order."),
    "show": ("gradreel.cli.list_show", "show", "One scene: claim, beats and parameters."),
    "render": ("gradreel.cli.render", "render", "Render scenes to video."),
    "values": ("gradreel.cli.dry_run", "values", "The numbers that scenes show, unrendered."),
    "lint": ("gradreel.cli.dry_run", "lint", "Whether every beat can be read."),
    "film": ("gradreel.cli.publish", "film", "One MP4 of the lecture, with chapters."),
    "slides": ("gradreel.cli.publish", "slides", "A deck, one step a beat: html, pptx, pdf."),
    "stills": ("gradreel.cli.dry_run", "stills", "One picture a beat: png, svg, pdf."),
    "gallery": ("gradreel.cli.publish", "gallery", "A web page of everything rendered."),
    "bench": ("gradreel.cli.bench", "bench", "This renderer against manim, as a ratio."),
    "doctor": ("gradreel.cli.doctor", "doctor", "What is missing on this machine."),
}


class LazyGroup(click.Group):
    """A group that knows its commands' names and first lines without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order of use."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command when it is called."""
        if cmd_name not in COMMANDS:
            return None
        module, name, _ = COMMANDS[cmd_name]
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Name the commands there are when one is misspelt."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from gradreel.errors import unknown_name

            raise unknown_name("command", args[0], COMMANDS)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands in --help."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, _, line) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="gradreel", prog_name="gradreel")
def group() -> None:
    """Lecture videos of PyTorch autograd, every number computed by autograd."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and leave with its exit code."""
    try:
        code = group.main(arguments, prog_name=_program(), standalone_mode=False)
    except SystemExit as leaving:
        raise leaving
    except BaseException as error:
        code = _exit_code(error)
    sys.exit(code if isinstance(code, int) else 0)


def _program() -> str:
    name = os.path.basename(sys.argv[0])
    return "python render.py" if name == "render.py" else "gradreel"


def _exit_code(error: BaseException) -> int:
    """Say what went wrong, once and for all commands."""
    if isinstance(error, GradreelError):
        click.echo(f"Error: {error}", err=True)
        return error.exit_code
    if isinstance(error, click.ClickException):
        error.show()
        return 2 if isinstance(error, click.UsageError) else error.exit_code
    if isinstance(error, (click.Abort, KeyboardInterrupt)):
        click.echo("Interrupted.", err=True)
        return 130
    if isinstance(error, BrokenPipeError):
        # The reader of our output has left; point stdout elsewhere so that exit stays quiet.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return _unforeseen(error)


def _unforeseen(error: BaseException) -> int:
    with tempfile.NamedTemporaryFile(
        "w", prefix="gradreel-", suffix=".log", delete=False, encoding="utf-8"
    ) as log:
        traceback.print_exception(error, file=log)
    click.echo(
        f"Error: something unforeseen happened: {type(error).__name__}: {error}\n"
        f"The details are in {log.name}; please report them.",
        err=True,
    )
    return 1


def complete(ctx: Any, param: Any, incomplete: str) -> list[str]:
    """Scene names for the shell."""
    from gradreel.catalog import syllabus_scenes

    return [entry.name for entry in syllabus_scenes() if entry.name.startswith(incomplete)]
