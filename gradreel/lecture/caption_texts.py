"""Captions that a lecture file gives to beats instead of what the scene says."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from typing import cast

from deltarender.beat_names import slug
from gradreel.draw.caption import Caption
from gradreel.errors import UsageError, unknown_name
from gradreel.lecture.beat import Beat
from gradreel.lecture_environment import CAPTION_TEXTS_VARIABLE
from gradreel.tape import Quantity

KEY = "captions of the lecture file"


def captions_of(
    beat: str, say: Sequence[str], numbers: Mapping[str, Quantity]
) -> tuple[Caption, ...]:
    """The captions of `beat`: `say`, or the texts of the lecture file, which are as many.

    Raises UsageError for another number of texts.
    """
    return tuple(Caption(text, numbers) for text in _replaced(beat, say))


def _replaced(beat: str, say: Sequence[str]) -> Sequence[str]:
    texts = {slug(name): each for name, each in _caption_texts().items()}.get(slug(beat))
    if texts is None:
        return say
    if len(texts) != len(say):
        raise UsageError(
            f"beat {beat!r} has {len(say)} passages, and {len(texts)} texts replace them.",
            where=KEY, hint=f"Write a list of {len(say)} texts for it.",
        )  # fmt: skip
    return texts


def checked_beats(played: Sequence[Beat]) -> Sequence[Beat]:
    """`played`; raises UsageError if the lecture file has a caption for another beat."""
    names = [beat.name for beat in played]
    known = {slug(name) for name in names}
    for name in _caption_texts():
        if slug(name) not in known:
            raise unknown_name("beat", name, names, where=KEY)
    return played


def _caption_texts() -> Mapping[str, Sequence[str]]:
    text = os.environ.get(CAPTION_TEXTS_VARIABLE)
    return cast("Mapping[str, Sequence[str]]", json.loads(text)) if text else {}
