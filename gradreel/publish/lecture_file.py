"""The contents of a film or deck: the built-in lecture, some scenes, or a TOML lecture file.

    title = "Gradients in one hour"
    theme = "light"

    [[chapter]]
    title = "Slopes"
    says = "Which way is down?"
    scenes = ["TangentLine", { scene = "ChainRule", params = { x = 1 } }]

Errors in a file name its line and key, and what is allowed there. Paths are relative to the file.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deltarender.jobs import QUALITIES
from gradreel.errors import GradreelError, UsageError, unknown_name
from gradreel.lecture_settings import THEMES, BeatTexts
from gradreel.narrate.voices import VOICE_ENGINES
from gradreel.project import find_project, relative_to_cwd
from gradreel.publish.lecture_keys import (
    CHAPTER_KEYS,
    LECTURE_KEYS,
    SCENE_KEYS,
    SETTINGS,
    SYNTAX_HINT,
    beat_texts,
    check_value,
)
from gradreel.publish.lecture_text import LocatedText
from gradreel.translate.catalogue import require_catalogue

if TYPE_CHECKING:
    from gradreel.catalog import SceneEntry

NBSP = "\u00a0"


@dataclass(frozen=True, slots=True)
class LecturePart:
    """One scene of a film: its class in a file, its parameters, its chapter title if not "".

    `captions` replace those of its beats, passage by passage. `notes` go to the speaker notes of a
    deck; those of beat "" belong to its first slide.
    """

    file: Path
    cls: str
    name: str
    params: tuple[tuple[str, str], ...] = ()
    title: str = ""
    captions: BeatTexts = ()
    notes: BeatTexts = ()


@dataclass(frozen=True, slots=True)
class LectureChapter:
    """Scenes under a heading, and what is said under it; both are "" in a film without headings."""

    title: str
    parts: tuple[LecturePart, ...]
    says: str = ""


@dataclass(frozen=True, slots=True)
class Lecture:
    """The contents of a film or deck; `settings` are the options that a lecture file sets."""

    title: str
    chapters: tuple[LectureChapter, ...]
    subtitle: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def parts(self) -> tuple[LecturePart, ...]:
        """All scenes in order."""
        return tuple(part for chapter in self.chapters for part in chapter.parts)


def builtin_lecture() -> Lecture:
    """The lecture of the syllabus."""
    from gradreel import catalog, scenes

    parts = {entry.name: _part_of_entry(entry) for entry in catalog.syllabus_scenes()}
    chapters = tuple(
        LectureChapter(chapter.title, tuple(parts[name] for name in chapter.scenes), chapter.says)
        for chapter in scenes.SYLLABUS
    )
    return Lecture(scenes.TITLE, chapters)


def default_lecture() -> Lecture:
    """The lecture of the project that contains the working folder, or else the built-in one.

    Raises UsageError for a project without scenes.
    """
    from gradreel import catalog

    project = find_project()
    if project is None:
        return builtin_lecture()
    if project.lecture is not None:
        # A path from here, so that no path of this machine gets into names of files.
        return read_lecture(relative_to_cwd(project.lecture))
    parts = tuple(_part_of_entry(entry) for entry in catalog.project_scenes(project))
    if not parts:
        raise UsageError(
            "this project has no scenes.", where=str(project.root),
            hint=f"Put scenes where {', '.join(project.scenes)} finds them.",
        )  # fmt: skip
    return Lecture(project.root.name, (LectureChapter("", parts),))


def lecture_of_scenes(names: tuple[str, ...], params: tuple[tuple[str, str], ...] = ()) -> Lecture:
    """A lecture of the scenes `names` (names or paths), in that order, all with `params`.

    Raises UsageError for an unknown scene or parameter.
    """
    from gradreel import catalog

    joined = catalog.join_file_and_classes(names)
    entries = [entry for name in joined for entry in catalog.find_entries(name)]
    for entry in entries:
        catalog.check_params(entry, dict(params))
    parts = tuple(replace(_part_of_entry(entry), params=params) for entry in entries)
    return Lecture(_default_title(parts), (LectureChapter("", parts),))


def _default_title(parts: tuple[LecturePart, ...]) -> str:
    """The names of the scenes as words; of more than three scenes, the first three."""
    # Non-breaking spaces: a title card may break its line between scenes only.
    names = [re.sub(r"(?<=[a-z])(?=[A-Z])", NBSP, part.name) for part in parts]
    return " · ".join(names[:3]) + (f"{NBSP}…" if len(names) > 3 else "")


def _part_of_entry(entry: SceneEntry) -> LecturePart:
    return LecturePart(Path(entry.file), entry.cls, entry.name)


def read_lecture(path: Path) -> Lecture:
    """The lecture that a TOML file describes. Raises UsageError for anything wrong in it."""
    try:
        text = path.read_text(encoding="utf-8")
        data = tomllib.loads(text)
    except FileNotFoundError:
        raise UsageError(f"there is no file {path}.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}.") from None
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{error}.", where=str(path), hint=SYNTAX_HINT) from None
    return _LectureParser(path, text).parse(data)


class _LectureParser(LocatedText):
    """Turns the parsed TOML of one file into a Lecture."""

    def parse(self, data: dict[str, Any]) -> Lecture:
        """Parse the file's data. Raises UsageError."""
        self._check_keys(data, LECTURE_KEYS)
        for key, valid in (("theme", THEMES), ("quality", QUALITIES)):
            if key in data and data[key] not in valid:
                raise unknown_name(key, data[key], valid, where=self.locate_key(key))
        chapters = self._parse_chapters(data)
        if not any(chapter.parts for chapter in chapters):
            raise UsageError("the lecture has no scenes.", where=str(self.path), valid=LECTURE_KEYS)
        settings = {key: data[key] for key in SETTINGS if key in data}
        if "voice" in settings:
            self.offset = 0
            settings["voice"] = self._parse_voice(data["voice"])
        if "language" in settings:
            settings["language"] = require_catalogue(data["language"], self.path.parent)
        if "resolution" in settings:
            settings["resolution"] = tuple(settings["resolution"])
        title = data.get("title", self.path.stem)
        return Lecture(title, tuple(chapters), data.get("subtitle", ""), settings)

    def _parse_chapters(self, data: dict[str, Any]) -> list[LectureChapter]:
        chapters = (
            [LectureChapter("", self._parse_scenes(data["scenes"]))] if "scenes" in data else []
        )
        for number, row in enumerate(data.get("chapter", ()), 1):
            if not isinstance(row, dict):
                raise UsageError(
                    "a chapter is a table: [[chapter]].", where=self.locate_key("chapter")
                )
            self.offset = self.chapter_offset(number)
            self._check_keys(row, CHAPTER_KEYS)
            parts = self._parse_scenes(row.get("scenes", []))
            chapters.append(LectureChapter(row.get("title", ""), parts, row.get("says", "")))
        return chapters

    def _parse_scenes(self, rows: list[Any]) -> tuple[LecturePart, ...]:
        return tuple(part for row in rows for part in self._parse_scene(row))

    def _parse_scene(self, row: Any) -> list[LecturePart]:
        """One entry of `scenes`: a name, or a table; a file gives one part per scene in it."""
        table = {"scene": row} if isinstance(row, str) else row
        if not isinstance(table, dict) or "scene" not in table:
            hint = 'Write "Name", or { scene = "Name", params = { x = 1 } }.'
            raise UsageError(f"{row!r} is not a scene.", where=self.locate_key("scenes"), hint=hint)
        match = self.search(re.escape(json.dumps(str(table["scene"]), ensure_ascii=False)))
        match = match or self.search(re.escape(f"'{table['scene']}'"))
        if match and isinstance(row, dict):
            self.offset = max(self.text.rfind(mark, self.offset, match.start()) for mark in "{[")
        where = self.line_of(match)
        self._check_keys(table, SCENE_KEYS)
        params = tuple(
            (key, self._resolve_path(_as_text(value)))
            for key, value in table.get("params", {}).items()
        )
        entries = self._find_scenes(table["scene"], params, where)
        self.offset = match.end() if match else self.offset
        title, (captions, notes) = table.get("title", ""), self._parse_beat_texts(table)
        return [
            LecturePart(Path(e.file), e.cls, e.name, params, title, captions, notes)
            for e in entries
        ]

    def _parse_beat_texts(self, table: dict[str, Any]) -> list[BeatTexts]:
        """What a scene's table says instead of the captions, and beside them, beat by beat."""
        return [
            beat_texts(table[key], key, self.locate_key(key)) if key in table else ()
            for key in ("captions", "notes")
        ]

    def _find_scenes(
        self, name: str, params: tuple[tuple[str, str], ...], where: str
    ) -> list[SceneEntry]:
        """The catalog entries of a scene. Raises UsageError for it or its params at their line."""
        from gradreel import catalog

        try:
            entries = catalog.find_entries(self._resolve_path(name))
            for entry in entries:
                catalog.check_params(entry, dict(params))
        except GradreelError as error:
            option = error.where or ""
            param = option.removeprefix("-P ").partition("=")[0]
            where = self.locate_key(param) if param in dict(params) else where
            # The command line names the option -P; a file has none, so the message leaves it out.
            is_option = option.startswith("-P") or not option
            what = error.what if is_option else f"{option}: {error.what}"
            raise UsageError(what, where=where, hint=error.hint, valid=error.valid) from None
        return entries

    def _parse_voice(self, text: str) -> str:
        if not text:
            return ""  # a silent film
        kind, _, _ = text.rpartition(":")
        if (kind or text).endswith(".py"):
            return self._resolve_path(text)
        if text.endswith(".onnx") and kind in VOICE_ENGINES:
            return f"{kind}:{self._resolve_path(text.removeprefix(f'{kind}:'))}"
        if (kind or text) not in VOICE_ENGINES:
            valid = [*VOICE_ENGINES, "file.py:Class"]
            raise unknown_name("voice", kind or text, valid, where=self.locate_key("voice"))
        return text

    def _resolve_path(self, text: str) -> str:
        """A name unchanged; a path relative to the lecture file, or else to the working folder."""
        file = text if text.endswith(".onnx") else text.partition(".py")[0] + ".py"
        beside = self.path.parent / file
        is_name = ".py" not in text and not text.endswith(".onnx")
        # Unlike Path.exists, which raises an error for a name that is too long.
        if is_name or (os.path.exists(file) and not os.path.exists(beside)):  # noqa: PTH110
            return text
        return str(self.path.parent / text)

    def _check_keys(self, table: dict[str, Any], allowed: Mapping[str, type]) -> None:
        """Raise UsageError for a key that is not allowed, or a value of another type."""
        for key, value in table.items():
            if key not in allowed:
                raise unknown_name("key", key, allowed, where=self.locate_key(key))
            check_value(key, value, allowed[key], self.locate_key(key))


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
