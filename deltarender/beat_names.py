"""How one beat of a scene is named: by its words in any writing, or by its number."""

from __future__ import annotations

import re
from collections.abc import Sequence

from deltarender.errors import unknown_name


def slug(name: str) -> str:
    """A beat's name as part of a file's: small letters and digits, joined by hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60] or "beat"


def chosen(names: Sequence[str], beat: str, scene: str) -> int:
    """Which of `names` is meant by `beat`, a name or a number from 1.

    Raises UsageError with the names there are.
    """
    wanted = [slug(name) for name in names]
    if beat in names:
        return list(names).index(beat)
    if slug(beat) in wanted:
        return wanted.index(slug(beat))
    if beat.isdecimal() and 1 <= int(beat) <= len(names):
        return int(beat) - 1
    raise unknown_name("beat", beat, names, where=scene)
