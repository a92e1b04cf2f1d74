"""The keys of a lecture file, the types of their values, and what is said of wrong ones."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from gradreel.errors import UsageError

Keys = Mapping[str, type]

LECTURE_KEYS: Keys = MappingProxyType(
    {
        "title": str, "subtitle": str, "theme": str, "quality": str, "resolution": list,
        "fps": float, "cards": bool, "captions": bool, "voice": str, "language": str,
        "scenes": list, "chapter": list,
    }
)  # fmt: skip
CHAPTER_KEYS: Keys = MappingProxyType({"title": str, "scenes": list})
SCENE_KEYS: Keys = MappingProxyType({"scene": str, "title": str, "params": dict})
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


def check_value(key: str, value: Any, wanted: type, where: str) -> None:
    """Raise UsageError unless `value` has the type that `key` wants."""
    if key == "chapter" and isinstance(value, dict):
        raise UsageError(
            "a chapter is one of several.", where=where, hint="Write [[chapter]], not [chapter]."
        )
    kinds = (float, int) if wanted is float else wanted
    if not isinstance(value, kinds) or (wanted is float and isinstance(value, bool)):
        raise UsageError(f"{key} wants {_TYPE_NAMES[wanted]}, not {value!r}.", where=where)
    is_size = isinstance(value, list) and [type(item) for item in value] == [int, int]
    if key == "resolution" and not is_size:
        raise UsageError(
            f"{value!r} is not a size.", where=where, hint="Write resolution = [1280, 960]."
        )
