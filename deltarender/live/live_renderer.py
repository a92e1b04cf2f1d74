"""A renderer that plays a scene without frames and draws single states, incrementally."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from manim import Scene
from manim.utils.iterables import list_update

from deltarender.engine.cached_layer import CachedLayer
from deltarender.engine.dirty_tiles import DirtyTiles
from deltarender.engine.dry_run import DryRunRenderer
from deltarender.live.messages import PixelPatch


class LiveRenderer(DryRunRenderer):
    """Draws the scene as it is; `draw_changes` returns what differs from the last drawing."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._layer: CachedLayer | None = None
        self.after_play: Callable[[int], None] | None = None

    def play(self, scene: Scene, *args: Any, **kwargs: Any) -> None:
        """Play as a dry run; then call `after_play` with the number of animations so far."""
        super().play(scene, *args, **kwargs)
        if self.after_play is not None:
            self.after_play(self.num_plays)

    def draw_changes(self, scene: Scene, *, whole: bool) -> tuple[PixelPatch, ...]:
        """Draw `scene` in its present state; the patches that changed, or one of everything."""
        camera: Any = self.camera
        layer = self._layer
        if layer is None or layer.pixels is not camera.pixel_array:
            layer = self._layer = CachedLayer(camera.pixel_array)
        height, width = layer.pixels.shape[:2]
        shown = list_update(scene.mobjects, scene.foreground_mobjects)
        layer.update(camera, shown, camera.background, DirtyTiles(width, height))
        camera.pixel_array = layer.pixels
        rects = [(0, 0, width, height)] if whole else layer.changed.rects()
        layer.changed.clear()
        return tuple(
            PixelPatch(x0, y0, x1 - x0, y1 - y0, layer.pixels[y0:y1, x0:x1].tobytes())
            for x0, y0, x1, y1 in rects
        )
