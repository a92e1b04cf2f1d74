"""Whether the Manim plugin (deltarender/plugin) is on, by one environment variable or `manim.cfg`.

Standard library only: the command `deltarender` and the benchmark use it without Manim.
"""

from __future__ import annotations

import os
from collections.abc import Iterable

PLUGIN = "deltarender"
"""The name of the plugin, as `plugins` in `manim.cfg` lists it."""

VARIABLE = "DELTARENDER"
"""The environment variable that decides, if it is `on` or `off`; otherwise `manim.cfg` does."""

OFF = {VARIABLE: "off"}
"""The environment in which `manim` is Manim alone."""


def is_on(plugins: Iterable[str]) -> bool:
    """Whether scenes are rendered by the plugin, where `manim.cfg` lists these `plugins`."""
    setting = os.environ.get(VARIABLE, "").strip().lower()
    if setting in ("on", "off"):
        return setting == "on"
    return PLUGIN in (name.strip() for name in plugins)
