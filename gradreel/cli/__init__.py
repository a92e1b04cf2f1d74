"""The command line: `python render.py COMMAND`, or `gradreel COMMAND` once installed.

A command's module is imported when the command is used, so that `--help` and `list` answer at once.
"""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any

import click

from deltarender.cli_errors import (
    begin,
    discard_output,
    fail,
    ignore_interrupts,
    is_broken_pipe,
    print_any_path,
)

# Name: module, function, first line of its help.
COMMANDS = {
    "list": ("gradreel.cli.list_show", "list_", "The scenes of the lecture, in order."),
    "show": ("gradreel.cli.list_show", "show", "One scene: claim, beats and parameters."),
    "render": ("gradreel.cli.render", "render", "Render scenes to video."),
    "values": (
        "gradreel.cli.values", "values", "The numbers that scenes show, unrendered.",
    ),
    "explain": (
        "gradreel.cli.explain", "explain", "What autograd did with a program, and why.",
    ),
    "lint": ("gradreel.cli.stills_lint", "lint", "Whether every beat can be read."),
    "film": (
        "gradreel.cli.film_slides_gallery", "film", "One MP4 of the lecture, with chapters.",
    ),
    "script": ("gradreel.cli.script", "script", "Every sentence, to read or to translate."),
    "slides": (
        "gradreel.cli.film_slides_gallery", "slides", "A deck, one step per beat: html, pptx, pdf.",
    ),
    "stills": (
        "gradreel.cli.stills_lint", "stills", "One picture per beat: png, svg, pdf.",
    ),
    "gallery": (
        "gradreel.cli.film_slides_gallery", "gallery", "A web page of everything rendered.",
    ),
    "embed": ("gradreel.cli.embed", "embed", "Players of scenes, to paste into a course page."),
    "new": ("gradreel.cli.new", "new", "A lecture project: scene, tests, CI."),
    "studio": ("gradreel.cli.studio", "studio", "Scenes live in the browser, to touch."),
    "explore": (
        "gradreel.cli.explore", "explore", "A page of a scene's states, to touch, for a web site.",
    ),
    "bench": ("gradreel.cli.bench", "bench", "This renderer against manim, as a ratio."),
    "doctor": ("gradreel.cli.doctor", "doctor", "What is missing on this machine."),
}  # fmt: skip


class LazyGroup(click.Group):
    """A group that knows its commands' names and first lines without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands, in the order of COMMANDS."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module of a command; None if there is no such command."""
        if cmd_name not in COMMANDS:
            return None
        module, name, _ = COMMANDS[cmd_name]
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command of `args`. Raises UsageError, with similar names, for an unknown one."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from gradreel.errors import unknown_name

            raise unknown_name("command", args[0], COMMANDS)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands in --help."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, _, line) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="gradreel", prog_name="gradreel")
def group() -> None:
    """Lecture videos of PyTorch autograd, every number computed by autograd."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit with its exit code."""
    print_any_path()
    begin()
    try:
        code = group.main(arguments, prog_name=_program_name(), standalone_mode=False)
    except SystemExit:
        if arguments is None:  # the process ends; a caller's must go on as it was
            ignore_interrupts()
        if not is_broken_pipe():
            raise
        discard_output()
        sys.exit(0)
    except BaseException as error:
        code = fail(_as_setup_error(error), "gradreel", arguments)
    sys.exit(code if isinstance(code, int) else 0)


def _program_name() -> str:
    name = os.path.basename(sys.argv[0])
    return {"render.py": "python render.py", "__main__.py": "python -m gradreel"}.get(
        name, "gradreel"
    )


def _as_setup_error(error: BaseException) -> BaseException:
    """A SetupError for a failed import of a package that an extra installs; else `error`."""
    from gradreel.extras import extra_of, missing_package

    if isinstance(error, ModuleNotFoundError) and extra_of(error.name or ""):
        return missing_package(error)
    return error


def complete_scene_name(ctx: Any, param: Any, incomplete: str) -> list[str]:
    """Scene names that begin with `incomplete`, for shell completion."""
    from gradreel import catalog

    project, builtin = catalog.lecture_scenes(), catalog.syllabus_scenes()
    names = [entry.name for entry in project]
    if project != builtin:
        names += [f"{catalog.BUILTIN}{entry.name}" for entry in builtin]
    return [name for name in names if name.startswith(incomplete)]
