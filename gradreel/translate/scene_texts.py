"""The texts of a scene that a catalogue can replace, and those that one in use leaves English.

They are taken from the scene's manifest: what scenes put together while they run is among them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from gradreel.translate.catalogue import SLOT, catalogue_at

Manifest = Mapping[str, Any]
MOST_NAMED = 10


def scene_texts(manifest: Manifest) -> Iterator[tuple[str, str]]:
    """Each text of a scene, before translation, and where it is: `TangentLine, "on a hill"`."""
    scene = manifest["scene"]
    if manifest.get("summary"):
        yield manifest["summary"], f"{scene}: its claim"
    for beat in manifest["beats"]:
        for sentence in beat.get("sentences", ()):
            yield sentence["template"], f'{scene}, "{beat["name"]}"'
    for words in manifest.get("labels", ()):
        yield words, f"{scene}: in the picture"


def untranslated(manifests: Iterable[Manifest], path: str) -> list[str]:
    """The texts of these scenes that the catalogue at `path` does not translate, in order."""
    known = catalogue_at(path).translations
    texts = (text for manifest in manifests for text, _ in scene_texts(manifest))
    return [t for t in dict.fromkeys(texts) if t not in known and re.search(r"\w", SLOT.sub("", t))]


def untranslated_notes(manifests: Iterable[Manifest], path: str) -> tuple[str, ...]:
    """A note for the user on what stays English; none if all is translated, or `path` is ""."""
    missing = untranslated(manifests, path) if path else []
    if not missing:
        return ()
    named = "".join(f"\n  {text}" for text in missing[:MOST_NAMED])
    more = f"\n  and {len(missing) - MOST_NAMED} more" if len(missing) > MOST_NAMED else ""
    texts = "text has" if len(missing) == 1 else "texts have"
    return (f"{len(missing)} {texts} no translation in {path} and stay English:{named}{more}",)
