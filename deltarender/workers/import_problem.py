"""Why Manim cannot be imported: most often one of its plugins, all of which it imports at once."""

from __future__ import annotations

from types import TracebackType
from typing import Any

MEND_MANIM = "Try it: python -c 'import manim'"


def import_problem() -> tuple[str, str]:
    """What is wrong and what to do about it; two empty texts if Manim can be imported."""
    try:
        import manim  # noqa: F401
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a plugin may raise anything, SystemExit included
        what = f"{type(error).__name__}: {error}".rstrip(": ")
        plugin = _plugin_in(error.__traceback__)
        if plugin is None:
            return f"Manim cannot be imported ({what}).", MEND_MANIM
        package = getattr(plugin.dist, "name", None) or plugin.value.partition(".")[0]
        return (
            f"Manim's plugin {plugin.name} cannot be imported ({what}).",
            f"Mend or remove it: pip uninstall {package}",
        )
    return "", ""


def _plugin_in(trace: TracebackType | None) -> Any:
    """The entry point of the plugin that Manim was importing; None if it was none."""
    found = None
    while trace is not None:
        if trace.tb_frame.f_code.co_filename.endswith("plugins_flags.py"):
            found = trace.tb_frame.f_locals.get("entry_point", found)
        trace = trace.tb_next
    return found
