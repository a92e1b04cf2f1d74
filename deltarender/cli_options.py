"""Options that the commands of both packages share: part of a scene, last frame, preview."""

from __future__ import annotations

import re
from typing import Any

import click

from deltarender.jobs import ALL_ANIMATIONS


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


class Animations(click.ParamType[Any]):
    """The numbers of the first and the last animation to show: FIRST,LAST or FIRST."""

    name = "FIRST[,LAST]"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[int, int]:
        """Parse `2,4`, `2-4`, `2;4` as Manim does, or `2`."""
        if isinstance(value, tuple):
            return value
        found = re.fullmatch(r"(\d+)(?:[,;-](\d+))?", str(value).strip())
        if found is None:
            self.fail(f"{value!r} is not a range such as 2,4.", param, ctx)
        first, last = found.groups()
        return int(first), int(last) if last else ALL_ANIMATIONS[1]


last_frame_option = click.option(
    "-s", "--last-frame", is_flag=True, help="the last frame as a picture, as with --format png"
)
animations_option = click.option(
    "-n", "--animations", type=Animations(), default=ALL_ANIMATIONS, metavar="FIRST[,LAST]",
    help="these animations only, counted from 0",
)  # fmt: skip
background_option = click.option(
    "-c", "--background", default="", metavar="COLOR",
    help="of plain Manim scenes: a name such as WHITE, or #RRGGBB",
)  # fmt: skip
preview_option = click.option("-p", "--preview", is_flag=True, help="open the result")


def with_last_frame(values: dict[str, Any], *, format_given: bool) -> dict[str, Any]:
    """Settings of which `last_frame` has become the format. Raises UsageError for two formats."""
    values = dict(values)
    if values.pop("last_frame", False):
        if format_given and values["format"] != "png":
            raise click.UsageError("-s writes a PNG; leave out --format, or -s.")
        values["format"] = "png"
    return values
