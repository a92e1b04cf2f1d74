"""What a `manim.cfg` asks for (size, rate, format, folder), as options not given otherwise.

Manim reads the user's file and the one of the working folder, in this order, and so does this
module, without importing Manim. All other settings of these files are read by Manim itself.
"""

from __future__ import annotations

import configparser
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from deltarender.errors import UsageError
from deltarender.jobs import FORMATS

_SECTION = "CLI"
_TRUE = ("1", "yes", "true", "on")
_QUALITIES: Mapping[str, str] = MappingProxyType(
    {
        "low_quality": "l",
        "medium_quality": "m",
        "high_quality": "h",
        "production_quality": "p",
        "fourk_quality": "k",
    }
)


def config_files() -> tuple[Path, ...]:
    """Where Manim looks for `manim.cfg`: the user's folder, then the working folder."""
    windows = sys.platform.startswith("win32")
    folder = ("AppData", "Roaming", "Manim") if windows else (".config", "manim")
    return (Path.home().joinpath(*folder, "manim.cfg"), Path("manim.cfg"))


def picture_options() -> dict[str, Any]:
    """What the files say of `quality`, `resolution`, `fps`, `format`, `transparent`, `preview`.

    A `quality` stands for size and rate, as in Manim. Only what is set is in the result. Raises
    UsageError for a file that cannot be read or a value of another type.
    """
    section: dict[str, str] = {}
    origin: dict[str, Path] = {}
    for path in config_files():
        found = cli_section(path)
        section |= found
        origin |= dict.fromkeys(found, path)
    options: dict[str, Any] = {}
    name = section.get("quality", "")
    if name:
        options["quality"] = _quality(name, origin["quality"])
    else:
        size = [_number(section, key, origin, int) for key in ("pixel_width", "pixel_height")]
        if any(size):
            options["resolution"] = (size[0] or 1920, size[1] or 1080)  # Manim's defaults
        rate = _number(section, "frame_rate", origin, float)
        if rate:
            options["fps"] = rate
    if section.get("format", "auto") in FORMATS:
        options["format"] = section["format"]
    if section.get("transparent", "").lower() in _TRUE:
        options["transparent"] = True
        options.setdefault("format", "mov")
    if section.get("preview", "").lower() in _TRUE:
        options["preview"] = True
    return options


def preview_command() -> str:
    """The program by which finished files are opened; the empty string for the system's."""
    return _merged().get("preview_command", "")


def media_dir() -> Path:
    """The folder for all output that the files name; `media` by default, as in Manim."""
    return Path(_merged().get("media_dir") or "media")


def _merged() -> dict[str, str]:
    """The keys of all files, those of the working folder first."""
    section: dict[str, str] = {}
    for path in config_files():
        section |= cli_section(path)
    return section


def cli_section(path: Path) -> dict[str, str]:
    """The keys of Manim's section of a file; none if there is no such file. Raises UsageError."""
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read(path, encoding="utf-8")
    except (configparser.Error, UnicodeDecodeError) as error:
        raise UsageError(
            f"this is not a configuration file: {' '.join(str(error).split())}", where=str(path),
            hint="Mend it, or move it away.",
        ) from None  # fmt: skip
    return dict(parser[_SECTION]) if parser.has_section(_SECTION) else {}


def _quality(name: str, path: Path) -> str:
    short = _QUALITIES.get(name, name)
    if short in _QUALITIES.values():
        return short
    raise UsageError(
        f"quality = {name} is unknown.", where=str(path), valid=(*_QUALITIES, *_QUALITIES.values())
    )


def _number(section: Mapping[str, str], key: str, origin: Mapping[str, Path], kind: Any) -> Any:
    text = section.get(key, "")
    if not text:
        return None
    try:
        return kind(text)
    except ValueError:
        raise UsageError(f"{key} = {text} is not a number.", where=str(origin[key])) from None
