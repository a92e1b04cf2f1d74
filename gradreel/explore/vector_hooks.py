"""Hooks of deltarender.live that give a state as a document; they run in the scene's process."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from deltarender.encoding.vector_export import write_vector


def read_svg(scene: Any) -> bytes:
    """The scene as it is, as an SVG document."""
    return _document(scene, ".svg")


def read_pdf(scene: Any) -> bytes:
    """The scene as it is, as a PDF document."""
    return _document(scene, ".pdf")


def _document(scene: Any, suffix: str) -> bytes:
    with tempfile.NamedTemporaryFile(suffix=suffix) as file:
        words = getattr(scene, "visible_caption", "")
        title = type(scene).__name__
        write_vector(scene, Path(file.name), transparent=False, title=title, description=words)
        return Path(file.name).read_bytes()
