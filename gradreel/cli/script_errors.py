"""Scripts that ended with an exception: their scene is made, and the command says so."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def script_errors(manifests: Iterable[dict[str, Any] | None]) -> list[str]:
    """A sentence for each scene of a script that ended with an exception."""
    ended = [found for found in manifests if found and found.get("script_error")]
    return [
        f"the script {found['inputs'].get('script', '')} ended with an exception, in "
        f"{found['script_error']}"
        for found in ended
    ]


def missing_character_notes(manifests: Iterable[dict[str, Any] | None]) -> list[str]:
    """A sentence for each scene of a script with characters that no installed font has."""
    found = [(m, m["missing_characters"]) for m in manifests if m and m.get("missing_characters")]
    return [
        f"no font has {' '.join(missing)} of the script {manifest['inputs'].get('script', '')}, "
        "so boxes stand there. Install a font for them, such as Noto Sans CJK (emoji: one that "
        "is not in colors, such as Symbola)."
        for manifest, missing in found
    ]
