"""What a film is made of: the built-in lecture, or a small TOML file of the lecturer's own.

    title = "Gradients in one hour"
    theme = "light"

    [[chapter]]
    title = "Slopes"
    scenes = ["TangentLine", { scene = "ChainRule", params = { x = 1 } }]

A wrong file is told by line and key, with what is allowed there.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from gradreel.errors import GradreelError, UsageError, unknown_name
from gradreel.rendering.job import QUALITIES, THEMES

_LECTURE = {
    "title": str, "subtitle": str, "theme": str, "quality": str, "cards": bool, "captions": bool,
    "voice": str, "scenes": list, "chapter": list,
}  # fmt: skip
_CHAPTER = {"title": str, "scenes": list}
_SCENE = {"scene": str, "title": str, "params": dict}
_WORDS = {str: "a text in quotes", bool: "true or false", list: "a list", dict: "a table"}


@dataclass(frozen=True, slots=True)
class Part:
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
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Lecture:
    """A whole film to be."""

    title: str
    chapters: tuple[Chapter, ...]
    subtitle: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def parts(self) -> tuple[Part, ...]:
        """All scenes in order."""
        return tuple(part for chapter in self.chapters for part in chapter.parts)


def built_in() -> Lecture:
    """The lecture of the syllabus."""
    import scenes
    from gradreel import catalog

    grouped: dict[str, list[Part]] = {}
    for entry in catalog.lecture():
        grouped.setdefault(entry.chapter, []).append(_part_of(entry))
    chapters = tuple(Chapter(title, tuple(parts)) for title, parts in grouped.items())
    return Lecture(scenes.TITLE, chapters)


def of_scenes(names: tuple[str, ...], params: tuple[tuple[str, str], ...] = ()) -> Lecture:
    """A film of some scenes, by name or path, in the order given, all with `params`."""
    from gradreel import catalog

    entries = [entry for name in names for entry in catalog.find(name)]
    for entry in entries:
        catalog.check_params(entry, dict(params))
    parts = tuple(replace(_part_of(entry), params=params) for entry in entries)
    title = parts[0].name if len(parts) == 1 else " · ".join(part.name for part in parts[:3])
    return Lecture(title, (Chapter("", parts),))


def _part_of(entry: Any) -> Part:
    return Part(Path(entry.file), entry.cls, entry.name)


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
        self.lines = text.splitlines()

    def lecture(self, data: dict[str, Any]) -> Lecture:
        """The whole file."""
        self._check(data, _LECTURE, 0)
        for key, valid in (("theme", THEMES), ("quality", QUALITIES)):
            if key in data and data[key] not in valid:
                raise unknown_name(key, data[key], valid, where=self._at(key, 0))
        chapters = [Chapter("", self._parts(data["scenes"], 0))] if "scenes" in data else []
        for number, row in enumerate(data.get("chapter", ()), 1):
            start = self._chapter_line(number)
            if not isinstance(row, dict):
                raise UsageError("a chapter is a table: [[chapter]].", where=self._at("chapter", 0))
            self._check(row, _CHAPTER, start)
            parts = self._parts(row.get("scenes", []), start)
            chapters.append(Chapter(row.get("title", ""), parts))
        if not any(chapter.parts for chapter in chapters):
            raise UsageError("the lecture has no scenes.", where=str(self.path), valid=_LECTURE)
        kept = ("theme", "quality", "cards", "captions", "voice")
        settings = {key: data[key] for key in kept if key in data}
        title = data.get("title", self.path.stem)
        return Lecture(title, tuple(chapters), data.get("subtitle", ""), settings)

    def _parts(self, rows: list[Any], start: int) -> tuple[Part, ...]:
        return tuple(part for row in rows for part in self._scene(row, start))

    def _scene(self, row: Any, start: int) -> list[Part]:
        from gradreel import catalog

        row = {"scene": row} if isinstance(row, str) else row
        if not isinstance(row, dict) or "scene" not in row:
            raise UsageError(
                f"{row!r} is no scene.",
                where=self._at("scenes", start),
                hint='Write "Name", or { scene = "Name", params = { x = 1 } }.',
            )
        place = self._at(row["scene"], start)
        self._check(row, _SCENE, start)
        params = tuple((k, _as_text(v)) for k, v in row.get("params", {}).items())
        try:
            entries = catalog.find(row["scene"])
            for entry in entries:
                catalog.check_params(entry, dict(params))
        except GradreelError as error:
            told = error.what if not error.where else f"{error.where}: {error.what}"
            raise UsageError(told, where=place, hint=error.hint, valid=error.valid) from None
        return [Part(Path(e.file), e.cls, e.name, params, row.get("title", "")) for e in entries]

    def _check(self, row: dict[str, Any], allowed: Mapping[str, type], start: int) -> None:
        for key, value in row.items():
            if key not in allowed:
                raise unknown_name("key", key, allowed, where=self._at(key, start))
            if not isinstance(value, allowed[key]):
                raise UsageError(
                    f"{key} wants {_WORDS[allowed[key]]}, not {value!r}.",
                    where=self._at(key, start),
                )

    def _at(self, word: str, start: int) -> str:
        """The first line from `start` on that has `word` as a word of its own."""
        wanted = re.compile(rf"(?<![\w.]){re.escape(word)}(?![\w])")
        for number, line in enumerate(self.lines[start:], start + 1):
            if wanted.search(line.partition("#")[0]):
                return f"{self.path}, line {number}"
        return str(self.path)

    def _chapter_line(self, number: int) -> int:
        heads = [k for k, line in enumerate(self.lines) if line.strip().startswith("[[chapter]]")]
        return heads[number - 1] if number <= len(heads) else 0


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
