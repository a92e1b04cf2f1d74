"""Tests of scenes with pytest: their numbers and their pictures, without rendering a video.

    from gradreel.testing import assert_golden, scene_values

    def test_the_gradient_is_p_minus_y():
        values = scene_values("scenes/softmax.py:Softmax", x=2)
        assert values.number("z.grad[0] after backward 1") == pytest.approx(-0.9)
        assert_golden(values)

The functions are also fixtures. `gradreel.testing.pytest_plugin` is the plugin that pytest loads;
nothing heavy is imported before a scene is played.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gradreel.testing.golden_assertions import assert_golden
    from gradreel.testing.played_scene import BeatValues, SceneValues, ShownValue, scene_values
    from gradreel.testing.still_assertions import assert_stills

__all__ = [
    "BeatValues",
    "SceneValues",
    "ShownValue",
    "assert_golden",
    "assert_stills",
    "scene_values",
]

_MODULES = {"assert_golden": "golden_assertions", "assert_stills": "still_assertions"}


def __getattr__(name: str) -> Any:
    """Import a name of this package on first use."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_MODULES.get(name, 'played_scene')}"), name)
