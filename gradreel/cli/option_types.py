"""Click parameter types of the command line, and groups of options that commands share."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import fields
from typing import Any

import click

Command = Callable[..., None]
Decorator = Callable[[Command], Command]


class KeyValue(click.ParamType[Any]):
    """A parameter of a scene: NAME=VALUE."""

    name = "NAME=VALUE"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[str, str]:
        """Split at the first `=`."""
        if isinstance(value, tuple):
            return value
        name, equals, text = str(value).partition("=")
        if not equals or not name:
            self.fail(f"{value!r} is not of the form NAME=VALUE.", param, ctx)
        return name.strip(), text


def option_group(argument: str, group: type[Any], *options: Decorator) -> Decorator:
    """A decorator that adds `options` and passes their values as `argument`, a `group`.

    Fields of the dataclass `group` for which there is no option keep their defaults.
    """
    names = {field.name for field in fields(group)}

    def decorate(command: Command) -> Command:
        @functools.wraps(command)
        def call_grouped(*args: Any, **values: Any) -> None:
            grouped = {name: values.pop(name) for name in names & values.keys()}
            command(*args, **values, **{argument: group(**grouped)})

        decorated: Command = call_grouped
        for option in reversed(options):
            decorated = option(decorated)
        return decorated

    return decorate
