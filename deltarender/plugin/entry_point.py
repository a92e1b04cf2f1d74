"""The entry point of the group `manim.plugins`, which `import manim` loads at its end.

Manim loads it whether or not the plugin is enabled, so that it must not fail with any version.
"""

from manim import __version__, config, logger

from deltarender import plugin_switch
from deltarender.engine.patching import MANIM_VERSION

if __version__ == MANIM_VERSION:
    from deltarender.plugin import hooks

    hooks.install()
elif plugin_switch.is_on(config["plugins"]):
    logger.info(
        "deltarender steps aside: it is made for Manim %s, and this is %s.",
        MANIM_VERSION, __version__,
    )  # fmt: skip
