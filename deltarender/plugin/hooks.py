"""The hooks by which `manim` renders through this package, and steps aside where it cannot.

Manim imports all installed plugins, enabled or not, so the hooks ask for each scene whether the
plugin is on, and import the renderer only then. It is imported before the file of the scene, which
may replace methods of Manim.
"""

from __future__ import annotations

import sys
from functools import cache
from typing import Any

import manim.scene.scene
from manim import config, logger
from manim._config.utils import ManimConfig
from manim.renderer.cairo_renderer import CairoRenderer
from manim.renderer.opengl_renderer import OpenGLRenderer

from deltarender import plugin_switch
from deltarender.engine import patching
from deltarender.engine.patching import Patch, apply
from deltarender.errors import SetupError
from deltarender.native_build import build_hint

_TEST = "tests/deltarender/plugin/test_hooks.py::"
_plugins: Any = vars(ManimConfig)["plugins"]
_init_cairo: Any = CairoRenderer.init_scene
_init_opengl: Any = OpenGLRenderer.init_scene


def install() -> None:
    """Install the hooks, and import the renderer if the plugin is on. Repeating it does nothing."""
    apply(HOOKS)
    # Where a module of the engine has imported Manim, the engine cannot be imported from here yet.
    if is_on() and not any(map(_is_engine, sys.modules)):
        renderer_class()


def _is_engine(module: str) -> bool:
    return module.startswith("deltarender.engine.") and module != patching.__name__


def is_on() -> bool:
    """Whether the present configuration of Manim enables the plugin."""
    return plugin_switch.is_on(config.plugins)


def renderer_class() -> Any:
    """The class of the plugin's renderer; None if it cannot be used on this machine."""
    found, problem = _import_renderer()
    if problem:
        _step_aside(problem)
    return found


@cache
def _import_renderer() -> tuple[Any, str]:
    """The class of the renderer, or why there is none."""
    try:
        from deltarender.plugin.renderer import PluginRenderer
    except ImportError as error:
        return None, f"{error}. {build_hint()}"
    return PluginRenderer, ""


@cache
def _step_aside(reason: str) -> None:
    """Say once for each reason that Manim renders by itself."""
    logger.info("deltarender steps aside: %s", reason)


def _create_renderer(*args: Any, **kwargs: Any) -> Any:
    """A renderer for a scene that brings none of its own."""
    found = renderer_class() if is_on() else None
    if found is not None:
        try:
            return found(*args, **kwargs)
        except SetupError as error:
            _step_aside(str(error))
    if "deltarender.engine.manim_patches" in sys.modules:
        sys.modules["deltarender.engine.manim_patches"].remove()
    return CairoRenderer(*args, **kwargs)


def _set_plugins(self: Any, value: Any) -> None:
    """Manim's `config.plugins = value`, by which a file given as `-c FILE` enables the plugin."""
    _plugins.fset(self, value)
    if self is config and is_on():
        renderer_class()


def _init_scene_of_cairo(self: Any, *args: Any, **kwargs: Any) -> None:
    """Manim's `CairoRenderer.init_scene`."""
    is_own = type(self).__module__.startswith(f"{plugin_switch.PLUGIN}.")
    if not is_own and type(self) is not CairoRenderer and is_on():
        _step_aside(f"the scene brings a renderer of its own, {type(self).__name__}")
    _init_cairo(self, *args, **kwargs)


def _init_scene_of_opengl(self: Any, *args: Any, **kwargs: Any) -> None:
    """Manim's `OpenGLRenderer.init_scene`."""
    if is_on():
        _step_aside("it does not draw with OpenGL")
    _init_opengl(self, *args, **kwargs)


HOOKS: tuple[Patch, ...] = (
    Patch(
        manim.scene.scene, "CairoRenderer", _create_renderer,
        "Scene.__init__ creates a CairoRenderer by name, with the scene's camera class",
        _TEST + "test_a_scene_gets_the_renderer_that_the_setting_asks_for",
    ),
    Patch(
        ManimConfig, "plugins", property(_plugins.fget, _set_plugins, doc=_plugins.__doc__),
        "a configuration file that `manim -c` names is read after the plugins were imported",
        _TEST + "test_a_scene_gets_the_renderer_that_the_setting_asks_for",
    ),
    Patch(
        CairoRenderer, "init_scene", _init_scene_of_cairo,
        "a scene may bring a renderer of its own",
        _TEST + "test_it_says_once_why_it_steps_aside",
    ),
    Patch(
        OpenGLRenderer, "init_scene", _init_scene_of_opengl,
        "scenes of OpenGL are drawn by Manim alone",
        _TEST + "test_it_says_once_why_it_steps_aside",
    ),
)  # fmt: skip
