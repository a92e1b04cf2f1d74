"""The switch of the Manim plugin (deltarender/plugin): `plugins` in `manim.cfg`, or a variable.

    enable()    # `manim` renders through deltarender
    disable()   # `manim` is Manim alone

Standard library only: the command line and the benchmark use it without Manim.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

from deltarender.atomic_files import atomic_write
from deltarender.manim_cfg import cli_section, config_files

PLUGIN = "deltarender"
"""The name of the plugin, as `plugins` in `manim.cfg` lists it."""

VARIABLE = "DELTARENDER"
"""The environment variable that decides, if it is `on` or `off`; otherwise `manim.cfg` does."""

OFF = {VARIABLE: "off"}
"""The environment in which `manim` is Manim alone."""

_KEY = "plugins"
_HEADER = re.compile(r"^\[CLI\].*$", re.MULTILINE)
_LINE = re.compile(rf"^{_KEY}[ \t]*[=:].*\n(?:[ \t]+\S.*\n)*", re.MULTILINE | re.IGNORECASE)


def is_on(plugins: Iterable[str]) -> bool:
    """Whether scenes are rendered by the plugin, where `manim.cfg` lists these `plugins`."""
    setting = variable()
    return setting == "on" if setting else PLUGIN in (name.strip() for name in plugins)


def variable() -> str:
    """`on` or `off` if the environment variable decides, else the empty string."""
    setting = os.environ.get(VARIABLE, "").strip().lower()
    return setting if setting in ("on", "off") else ""


def enable() -> list[Path]:
    """Add the plugin to the `manim.cfg` that decides, by default the user's.

    Returns the files that were changed. Raises UsageError for a file that cannot be read, OSError
    for one that cannot be written.
    """
    user, folder = config_files()
    path = folder if _KEY in cli_section(folder) else user
    plugins = _plugins(path)
    if PLUGIN in plugins:
        return []
    _write(path, [*plugins, PLUGIN])
    return [path]


def disable() -> list[Path]:
    """Remove the plugin from each `manim.cfg` that names it; returns and raises as `enable`."""
    changed = [path for path in config_files() if PLUGIN in _plugins(path)]
    for path in changed:
        _write(path, [name for name in _plugins(path) if name != PLUGIN])
    return changed


def _plugins(path: Path) -> list[str]:
    names = (name.strip() for name in cli_section(path).get(_KEY, "").split(","))
    return [name for name in names if name]


def _write(path: Path, plugins: list[str]) -> None:
    """Set the plugins of a configuration file; all other lines stay as they are."""
    text = path.read_text("utf-8") if path.exists() else ""
    text += "" if not text or text.endswith("\n") else "\n"
    header = _HEADER.search(text)
    if header is None:
        text += "[CLI]\n"
        header = next(_HEADER.finditer(text))
    start = header.end() + 1
    end = text.find("\n[", start)
    section = text[start:] if end < 0 else text[start : end + 1]
    line = f"{_KEY} = {','.join(plugins)}\n" if plugins else ""
    section = line + _LINE.sub("", section)
    path.parent.mkdir(parents=True, exist_ok=True)
    atomic_write(path, text[:start] + section + ("" if end < 0 else text[end + 1 :]))
