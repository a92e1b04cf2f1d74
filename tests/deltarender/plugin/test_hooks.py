"""The hooks in Manim: which renderer a scene gets, and what is said if it is Manim's own."""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import manim
import pytest
from manim import Camera, Mobject, Scene, config
from manim.renderer.cairo_renderer import CairoRenderer

from deltarender.engine import manim_patches
from deltarender.engine.patching import applied
from deltarender.errors import SetupError
from deltarender.native_build import build_hint
from deltarender.plugin import hooks
from deltarender.plugin.renderer import PluginRenderer
from deltarender.plugin.segment_writer import SegmentWriter


class OwnCamera(Camera):
    """A camera class of a scene."""


class OwnRenderer(CairoRenderer):
    """A renderer of a scene."""


@pytest.fixture(autouse=True)
def said(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What the plugin says, while its hooks are installed."""
    texts: list[str] = []
    monkeypatch.setattr(hooks.logger, "info", lambda text, *rest: texts.append(text % rest))
    hooks._step_aside.cache_clear()
    hooks._import_renderer.cache_clear()
    before = config.plugins
    manim_patches.remove()  # tests before may have left them
    with applied(*hooks.HOOKS):
        yield texts
    config.plugins = before
    hooks._import_renderer.cache_clear()
    manim_patches.remove()


def renderer_of(*args: Any) -> Any:
    return Scene(*args).renderer


def test_a_scene_gets_the_renderer_that_the_setting_asks_for(
    monkeypatch: pytest.MonkeyPatch, said: list[str]
) -> None:
    stock_update = Mobject.update
    assert type(renderer_of()) is CairoRenderer  # tests are run with DELTARENDER=off
    monkeypatch.delenv("DELTARENDER")
    assert type(renderer_of()) is CairoRenderer
    config.plugins = ["another", " deltarender"]
    renderer = renderer_of(None, OwnCamera)
    assert type(renderer) is PluginRenderer
    assert type(renderer.camera) is OwnCamera
    assert type(renderer.file_writer) is SegmentWriter
    assert Mobject.update is not stock_update
    monkeypatch.setenv("DELTARENDER", "off")
    assert type(renderer_of()) is CairoRenderer
    assert Mobject.update is stock_update
    config.plugins = []
    monkeypatch.setenv("DELTARENDER", "on")
    assert type(renderer_of()) is PluginRenderer
    assert said == []


def test_it_says_once_why_it_steps_aside(monkeypatch: pytest.MonkeyPatch, said: list[str]) -> None:
    monkeypatch.setattr(hooks, "_init_opengl", lambda *args: None)
    renderer_of(OwnRenderer())
    assert said == []  # the plugin is off
    monkeypatch.setenv("DELTARENDER", "on")
    for _ in range(2):
        assert type(renderer_of(OwnRenderer())) is OwnRenderer
        hooks._init_scene_of_opengl(None)
    monkeypatch.setattr(manim_patches, "install", raise_setup_error)
    assert type(renderer_of()) is CairoRenderer
    assert said == [
        "deltarender steps aside: the scene brings a renderer of its own, OwnRenderer",
        "deltarender steps aside: it does not draw with OpenGL",
        "deltarender steps aside: pycairo draws with another cairo.",
    ]


def raise_setup_error() -> None:
    raise SetupError("pycairo draws with another cairo.")


def test_a_renderer_that_cannot_be_imported_leaves_manim_alone(
    monkeypatch: pytest.MonkeyPatch, said: list[str]
) -> None:
    monkeypatch.setitem(sys.modules, "deltarender.plugin.renderer", None)
    monkeypatch.setenv("DELTARENDER", "on")
    assert type(renderer_of()) is CairoRenderer
    (text,) = said
    assert text.startswith("deltarender steps aside: ")
    assert text.endswith(build_hint())


def test_another_version_of_manim_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, said: list[str]
) -> None:
    monkeypatch.setattr(hooks, "install", lambda: said.append("installed"))
    # By its path, as Manim has imported it already where the plugin is installed.
    entry_point = str(Path(hooks.__file__).with_name("entry_point.py"))
    runpy.run_path(entry_point)
    monkeypatch.setattr(manim, "__version__", "0.23.0")
    runpy.run_path(entry_point)  # tests are run with DELTARENDER=off
    monkeypatch.setenv("DELTARENDER", "on")
    runpy.run_path(entry_point)
    assert said == [
        "installed",
        "deltarender steps aside: it is made for Manim 0.22.0, and this is 0.23.0.",
    ]


@pytest.mark.slow
def test_it_can_be_imported_by_a_module_of_the_engine_that_imports_manim(plugin_path: str) -> None:
    code = (
        "import deltarender.engine.fast_methods; from deltarender.plugin import hooks;"
        "assert hooks.renderer_class() is not None"
    )
    environment = {**os.environ, "PYTHONPATH": plugin_path, "DELTARENDER": "on"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
