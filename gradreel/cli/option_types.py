"""Click parameter types of the command line: a picture size, and NAME=VALUE."""

from __future__ import annotations

from typing import Any

import click


class Resolution(click.ParamType[Any]):
    """A width and a height in pixels: W,H."""

    name = "W,H"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[int, int]:
        """Parse `960,720` or `960x720`."""
        try:
            width, height = (int(part) for part in str(value).replace("x", ",").split(","))
        except ValueError:
            self.fail(f"{value!r} is not a size such as 960,720.", param, ctx)
        return width, height


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
