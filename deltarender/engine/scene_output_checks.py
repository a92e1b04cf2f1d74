"""Checks of what a scene hands over: names of sections, subcaptions, manifests.

They go into JSON and subtitle files, so that other types and lone surrogates cannot be written.
Checked in the scene's own process, they fail this scene and no other.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, SupportsIndex

import srt

from deltarender.errors import RenderError
from deltarender.json_checks import InvalidData
from deltarender.manifest import check_scene_manifest


def require_text(kind: str, value: object) -> str:
    """`value` if it is text that can be written; `kind` says what it is. Raises RenderError."""
    if not isinstance(value, str):
        raise RenderError(f"{kind} must be a str, not {type(value).__name__}: {value!r}.")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise RenderError(
            f"{kind} holds a lone surrogate, which is no character: {ascii(value)}."
        ) from None
    return value


class CheckedSubcaptions(list[srt.Subtitle]):
    """The subcaptions of a scene. Raises RenderError when one is added that is not text."""

    def append(self, subtitle: srt.Subtitle) -> None:
        """Add a subcaption."""
        require_text("a subcaption", subtitle.content)
        super().append(subtitle)

    def extend(self, subtitles: Iterable[srt.Subtitle]) -> None:
        """Add subcaptions."""
        for subtitle in subtitles:
            self.append(subtitle)

    def insert(self, index: SupportsIndex, subtitle: srt.Subtitle) -> None:
        """Insert a subcaption."""
        require_text("a subcaption", subtitle.content)
        super().insert(index, subtitle)


def require_manifest(manifest: Any) -> dict[str, Any]:
    """`manifest` if it says of a scene what is needed, as JSON data. Raises RenderError."""
    try:
        json.dumps(manifest, ensure_ascii=False).encode()
        check_scene_manifest(manifest, "it")
    except (InvalidData, TypeError, ValueError, RecursionError) as error:
        raise RenderError(
            f"what its manifest() returns is not valid: {ascii(str(error))[1:-1]}."
        ) from None
    return dict(manifest)
