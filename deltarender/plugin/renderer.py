"""The renderer of the Manim plugin: incremental drawing, and files as Manim's writer makes them."""

from __future__ import annotations

from typing import Any

from deltarender.engine.incremental_renderer import IncrementalRenderer
from deltarender.plugin.segment_writer import SegmentWriter


class PluginRenderer(IncrementalRenderer):
    """An IncrementalRenderer whose file writer keeps Manim's files, segments and cache."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("file_writer_class", SegmentWriter)
        super().__init__(*args, **kwargs)
