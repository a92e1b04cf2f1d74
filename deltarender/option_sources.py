"""Where the options of the running command come from: command line, manim.cfg or default."""

from __future__ import annotations

from typing import Any

import click
from click.core import ParameterSource

from deltarender.manim_cfg import picture_options


def configured_options() -> dict[str, Any]:
    """The options of a `manim.cfg` that the running command has, and that were not given.

    A quality that was given stands for size and rate. Raises UsageError for a wrong file.
    """
    context = click.get_current_context()
    choices = {p.name: getattr(p.type, "choices", None) for p in context.command.params}
    given = {name for name in choices if not is_default(str(name))}
    if "quality" in given:
        given |= {"resolution", "fps"}
    options = {k: v for k, v in picture_options().items() if k in choices and k not in given}
    if "last_frame" in given:
        options.pop("format", None)
    format_name = options.get("format")
    if format_name is not None and format_name not in (choices["format"] or ()):
        options.pop("format")
    if "format" in given:
        options.pop("transparent", None)
    return options


def is_default(option: str) -> bool:
    """Whether an option of the running command was left at its default."""
    source = click.get_current_context().get_parameter_source(option)
    return source is ParameterSource.DEFAULT
