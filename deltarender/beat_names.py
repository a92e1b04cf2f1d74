"""Names of beats: as part of a file name, and how one beat of a scene is selected."""

from __future__ import annotations

import re
from collections.abc import Sequence

from deltarender.errors import UsageError, unknown_name

PLACEHOLDER = "{...}"  # for a part of a name that is known only when the scene has run


def slug(name: str) -> str:
    """A beat's name as part of a file name: lower-case letters and digits, joined by hyphens.

    A minus before a number is written as a word: "at x = -4" is at-x-minus-4.
    """
    signed = re.sub(r"(?<![\w)\]}])[-\u2212](?=\.?\d)", " minus ", name.lower())
    return re.sub(r"[^a-z0-9]+", "-", signed).strip("-")[:60].rstrip("-") or "beat"


def find_beat(names: Sequence[str], beat: str, scene: str) -> int:
    """The index of a beat in `names`; `beat` is its name or its number, counted from 1.

    Upper case and punctuation in the name do not matter, and `{...}` stands for any text, as in
    what `show` lists. Raises UsageError, with numbers and names of the beats of `scene`, if there
    is no such beat, or if several match.
    """
    slugs = [slug(name) for name in names]
    if beat in names:
        return list(names).index(beat)
    if slug(beat) in slugs:
        return slugs.index(slug(beat))
    if beat.isdecimal() and 1 <= int(beat) <= len(names):
        return int(beat) - 1
    numbered = {name: f"{number} {name}" for number, name in enumerate(names, 1)}
    if PLACEHOLDER in beat:
        pattern = ".*".join(map(re.escape, beat.split(PLACEHOLDER)))
        matching = [name for name in names if re.fullmatch(pattern, name, re.IGNORECASE)]
        if len(matching) == 1:
            return list(names).index(matching[0])
        if matching:
            raise UsageError(
                f"several beats are called {beat!r}.", where=scene,
                hint="Give a number or a name.", valid=[numbered[name] for name in matching],
            )  # fmt: skip
    error = unknown_name("beat", beat, names, where=scene)
    raise UsageError(error.what, where=scene, hint=error.hint, valid=numbered.values())
