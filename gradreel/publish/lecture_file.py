"""What a film is made of: the built-in lecture, or a small TOML file of the lecturer's own.

    title = "Gradients in one hour"
    theme = "light"

    [[chapter]]
    title = "Slopes"
    scenes = ["TangentLine", { scene = "ChainRule", params = { x = 1 } }]

A wrong file is told by line and key, with what is allowed there. Paths count from the file itself.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from deltarender.jobs import QUALITIES, THEMES
from gradreel.errors import GradreelError, UsageError, unknown_name
from gradreel.narrate.voices import VOICE_ENGINES

_LECTURE = {
    "title": str, "subtitle": str, "theme": str, "quality": str, "cards": bool, "captions": bool,
    "voice": str, "scenes": list, "chapter": list,
}  # fmt: skip
_CHAPTER = {"title": str, "scenes": list}
_SCENE = {"scene": str, "title": str, "params": dict}
_SETTINGS = ("theme", "quality", "cards", "captions", "voice")
NBSP = "\u00a0"
_WORDS = {str: "a text in quotes", bool: "true or false", list: "a list", dict: "a table"}


@dataclass(frozen=True, slots=True)
class LecturePart:
    """One scene of a film: its class in a file, its parameters, its title if it has another."""

    file: Path
    cls: str
    name: str
    params: tuple[tuple[str, str], ...] = ()
    title: str = ""


@dataclass(frozen=True, slots=True)
class Chapter:
    """Scenes under a heading; "" for a film without headings."""

    title: str
    parts: tuple[LecturePart, ...]


@dataclass(frozen=True, slots=True)
class Lecture:
    """A whole film to be."""

    title: str
    chapters: tuple[Chapter, ...]
    subtitle: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def parts(self) -> tuple[LecturePart, ...]:
        """All scenes in order."""
        return tuple(part for chapter in self.chapters for part in chapter.parts)


def built_in() -> Lecture:
    """The lecture of the syllabus."""
    import scenes
    from gradreel import catalog

    grouped: dict[str, list[LecturePart]] = {}
    for entry in catalog.syllabus_scenes():
        grouped.setdefault(entry.chapter, []).append(_part_of(entry))
    chapters = tuple(Chapter(title, tuple(parts)) for title, parts in grouped.items())
    return Lecture(scenes.TITLE, chapters)


def of_scenes(names: tuple[str, ...], params: tuple[tuple[str, str], ...] = ()) -> Lecture:
    """A film of some scenes, by name or path, in the order given, all with `params`."""
    from gradreel import catalog

    entries = [entry for name in names for entry in catalog.find_entries(name)]
    for entry in entries:
        catalog.check_params(entry, dict(params))
    parts = tuple(replace(_part_of(entry), params=params) for entry in entries)
    return Lecture(_title(parts), (Chapter("", parts),))


def _title(parts: tuple[LecturePart, ...]) -> str:
    """Of a film that nobody gave a title: its scenes, in words; of many the first three."""
    # Spaces that do not break: a card may break its line between scenes only.
    words = [re.sub(r"(?<=[a-z])(?=[A-Z])", NBSP, part.name) for part in parts]
    return " · ".join(words[:3]) + (f"{NBSP}…" if len(words) > 3 else "")


def _part_of(entry: Any) -> LecturePart:
    return LecturePart(Path(entry.file), entry.cls, entry.name)


def read(path: Path) -> Lecture:
    """The lecture that a TOML file describes. Raises UsageError for anything wrong in it."""
    try:
        text = path.read_text(encoding="utf-8")
        data = tomllib.loads(text)
    except FileNotFoundError:
        raise UsageError(f"there is no file {path}.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}.") from None
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{error}.", where=str(path), hint="See https://toml.io.") from None
    return _Reader(path, text).lecture(data)


class _Reader:
    """Checks the data of one file; knows the text so that a fault can be told by its line."""

    def __init__(self, path: Path, text: str) -> None:
        self.path = path
        # Comments keep their length but not their words: nothing is to be found in them.
        self.text = re.sub(r"(?m)^([^#\"'\n]*)#.*$", r"\1", text)
        self.begin = 0  # where in the text the table begins that is looked at

    def lecture(self, data: dict[str, Any]) -> Lecture:
        """The whole file."""
        self._check(data, _LECTURE)
        for key, valid in (("theme", THEMES), ("quality", QUALITIES)):
            if key in data and data[key] not in valid:
                raise unknown_name(key, data[key], valid, where=self._key(key))
        chapters = [Chapter("", self._parts(data["scenes"]))] if "scenes" in data else []
        for number, row in enumerate(data.get("chapter", ()), 1):
            if not isinstance(row, dict):
                raise UsageError("a chapter is a table: [[chapter]].", where=self._key("chapter"))
            self.begin = self._chapter(number)
            self._check(row, _CHAPTER)
            parts = self._parts(row.get("scenes", []))
            chapters.append(Chapter(row.get("title", ""), parts))
        if not any(chapter.parts for chapter in chapters):
            raise UsageError("the lecture has no scenes.", where=str(self.path), valid=_LECTURE)
        settings = {key: data[key] for key in _SETTINGS if key in data}
        if "voice" in settings:
            self.begin = 0
            settings["voice"] = self._voice(data["voice"])
        title = data.get("title", self.path.stem)
        return Lecture(title, tuple(chapters), data.get("subtitle", ""), settings)

    def _parts(self, rows: list[Any]) -> tuple[LecturePart, ...]:
        return tuple(part for row in rows for part in self._scene(row))

    def _scene(self, row: Any) -> list[LecturePart]:
        from gradreel import catalog

        given = {"scene": row} if isinstance(row, str) else row
        if not isinstance(given, dict) or "scene" not in given:
            hint = 'Write "Name", or { scene = "Name", params = { x = 1 } }.'
            raise UsageError(f"{row!r} is no scene.", where=self._key("scenes"), hint=hint)
        found = self._find(re.escape(json.dumps(str(given["scene"]), ensure_ascii=False)))
        found = found or self._find(re.escape(f"'{given['scene']}'"))
        if found and isinstance(row, dict):
            self.begin = max(self.text.rfind(mark, self.begin, found.start()) for mark in "{[")
        place = self._line(found)
        self._check(given, _SCENE)
        params = tuple((k, _as_text(v)) for k, v in given.get("params", {}).items())
        try:
            entries = catalog.find_entries(self._beside(given["scene"]))
            for entry in entries:
                catalog.check_params(entry, dict(params))
        except GradreelError as error:
            where = error.where or ""
            name = where.removeprefix("-P ").partition("=")[0]
            place = self._key(name) if name in dict(params) else place
            # A file has no options: what is wrong about a parameter is said without one.
            told = error.what if where.startswith("-P") or not where else f"{where}: {error.what}"
            raise UsageError(told, where=place, hint=error.hint, valid=error.valid) from None
        self.begin = found.end() if found else self.begin
        title = given.get("title", "")
        return [LecturePart(Path(e.file), e.cls, e.name, params, title) for e in entries]

    def _voice(self, text: str) -> str:
        kind, _, _ = text.rpartition(":")
        if (kind or text).endswith(".py"):
            return self._beside(text)
        if (kind or text) not in VOICE_ENGINES:
            valid = [*VOICE_ENGINES, "file.py:Class"]
            raise unknown_name("voice", kind or text, valid, where=self._key("voice"))
        return text

    def _beside(self, text: str) -> str:
        """A name as it stands; a path counts from the lecture file, or else from here."""
        file = text.partition(".py")[0] + ".py"
        beside = self.path.parent / file
        if ".py" not in text or (Path(file).exists() and not beside.exists()):
            return text
        return str(self.path.parent / text)

    def _check(self, row: dict[str, Any], allowed: Mapping[str, type]) -> None:
        for key, value in row.items():
            if key not in allowed:
                raise unknown_name("key", key, allowed, where=self._key(key))
            if not isinstance(value, allowed[key]):
                raise UsageError(
                    f"{key} wants {_WORDS[allowed[key]]}, not {value!r}.", where=self._key(key)
                )

    def _key(self, key: str) -> str:
        """The first line of the table where `key` is set, or is the name of a table."""
        name = rf"[\"']?{re.escape(key)}[\"']?"
        return self._line(self._find(rf"(?<![\w.-]){name}\s*=|^\s*\[+\s*{name}\s*\]"))

    def _find(self, pattern: str) -> re.Match[str] | None:
        return re.compile(pattern, re.M).search(self.text, self.begin)

    def _line(self, found: re.Match[str] | None) -> str:
        at = found.end() if found else self.begin
        if found is None and not at:
            return str(self.path)
        return f"{self.path}, line {self.text.count(chr(10), 0, at) + 1}"

    def _chapter(self, number: int) -> int:
        heads = [m.end() for m in re.finditer(r"(?m)^\s*\[\[\s*chapter\s*\]\]", self.text)]
        return heads[number - 1] if number <= len(heads) else 0


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
