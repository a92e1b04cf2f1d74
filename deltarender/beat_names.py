"""Names of beats: as part of a file name, and how one beat of a scene is selected."""

from __future__ import annotations

import re
from collections.abc import Sequence

from deltarender.errors import unknown_name


def slug(name: str) -> str:
    """A beat's name as part of a file name: lower-case letters and digits, joined by hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60] or "beat"


def find_beat(names: Sequence[str], beat: str, scene: str) -> int:
    """The index of a beat in `names`; `beat` is its name or its number, counted from 1.

    Upper case and punctuation in the name do not matter. Raises UsageError, with the names of the
    beats of `scene`, if there is no such beat.
    """
    slugs = [slug(name) for name in names]
    if beat in names:
        return list(names).index(beat)
    if slug(beat) in slugs:
        return slugs.index(slug(beat))
    if beat.isdecimal() and 1 <= int(beat) <= len(names):
        return int(beat) - 1
    raise unknown_name("beat", beat, names, where=scene)
