"""The keys of a lecture file, the types of their values, and what is said of wrong ones."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from gradreel.errors import UsageError
from gradreel.lecture_settings import BeatTexts

Keys = Mapping[str, type]

LECTURE_KEYS: Keys = MappingProxyType(
    {
        "title": str, "subtitle": str, "theme": str, "quality": str, "resolution": list,
        "fps": float, "cards": bool, "captions": bool, "voice": str, "language": str,
        "scenes": list, "chapter": list,
    }
)  # fmt: skip
CHAPTER_KEYS: Keys = MappingProxyType({"title": str, "says": str, "scenes": list})
SCENE_KEYS: Keys = MappingProxyType(
    {"scene": str, "title": str, "params": dict, "captions": dict, "notes": object}
)
SETTINGS = (
    "theme", "quality", "resolution", "fps", "cards", "captions", "voice", "language",
)  # fmt: skip
SYNTAX_HINT = (
    'Texts are in quotes: title = "Slopes"; chapters begin with [[chapter]]. See https://toml.io.'
)
_TYPE_NAMES = {
    str: "a text in quotes", bool: "true or false", list: "a list", dict: "a table",
    float: "a number",
}  # fmt: skip


def beat_texts(value: Any, key: str, where: str) -> BeatTexts:
    """A table of texts by beats, such as { "the rule" = "Slopes multiply." }, as tuples.

    A list of texts is one for each passage of a beat. A note may be one text for the whole scene,
    whose beat is "". Raises UsageError.
    """
    if key == "notes" and isinstance(value, str):
        return (("", (value,)),)
    rows = value.items() if isinstance(value, dict) else [("", None)]
    texts = {beat: [text] if isinstance(text, str) else text for beat, text in rows}
    if not texts or not all(map(_is_list_of_texts, texts.values())):
        whole = "a text, or " if key == "notes" else ""
        raise UsageError(
            f"{key} wants {whole}a text for each beat, not {value!r}.", where=where,
            hint=f'Write {key} = {{ "name of the beat" = "what is said" }}.',
        )  # fmt: skip
    return tuple((beat, tuple(each or ())) for beat, each in texts.items())


def _is_list_of_texts(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(t, str) for t in value)


def check_value(key: str, value: Any, wanted: type, where: str) -> None:
    """Raise UsageError unless `value` has the type that `key` wants."""
    if key == "chapter" and isinstance(value, dict):
        raise UsageError(
            "a chapter is one of several.", where=where, hint="Write [[chapter]], not [chapter]."
        )
    if wanted is object:
        return
    kinds = (float, int) if wanted is float else wanted
    if not isinstance(value, kinds) or (wanted is float and isinstance(value, bool)):
        raise UsageError(f"{key} wants {_TYPE_NAMES[wanted]}, not {value!r}.", where=where)
    is_size = isinstance(value, list) and [type(item) for item in value] == [int, int]
    if key == "resolution" and not is_size:
        raise UsageError(
            f"{value!r} is not a size.", where=where, hint="Write resolution = [1280, 960]."
        )
