"""The settings of a project: the table `[tool.gradreel]` of its pyproject.toml.

    [tool.gradreel]
    lecture = "lecture.toml"        # the order of the scenes; this name is the default
    scenes = ["scenes/*.py"]        # files whose scenes are known by name; this is the default
    golden = "tests/golden"         # the golden files
    pytest = ["scenes/*.py"]        # scenes that pytest checks by itself
    tolerances = { "loss after step *" = 1e-4 }

A folder with a lecture.toml is a project as well. Paths are relative to the project's folder.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gradreel.errors import UsageError, unknown_name

LECTURE_FILE = "lecture.toml"
GOLDEN = Path("tests") / "golden"
SCENES = ("scenes/*.py",)
_TYPES: Mapping[str, tuple[type, str]] = {
    "lecture": (str, "a text in quotes"),
    "scenes": (list, "a list of patterns"),
    "golden": (str, "a text in quotes"),
    "pytest": (list, "a list of patterns"),
    "tolerances": (dict, "a table of patterns with numbers"),
}


@dataclass(frozen=True, slots=True)
class Project:
    """A folder of scenes with its settings.

    `lecture` is its lecture file, None if it has none; then its lecture is all its scenes. `scenes`
    and `collected` are patterns of files: whose scenes have names, and which pytest checks.
    `tolerances` are relative, by patterns of sources.
    """

    root: Path
    lecture: Path | None = None
    scenes: tuple[str, ...] = SCENES
    golden: Path = GOLDEN
    collected: tuple[str, ...] = ()
    tolerances: Mapping[str, float] = field(default_factory=dict)

    def files(self, patterns: tuple[str, ...]) -> list[Path]:
        """The files that `patterns` match, each once, sorted by name within a pattern."""
        found = [path for pattern in patterns for path in sorted(self.root.glob(pattern))]
        return [p for p in dict.fromkeys(found) if p.suffix == ".py" and p.name != "__init__.py"]

    def lecture_rows(self) -> list[tuple[str, str]]:
        """The entries of the lecture file in order, as (chapter title, name or path of a scene).

        Only what names a scene is read; `gradreel.publish.lecture_file` checks the rest. Raises
        UsageError for a file that is not TOML.
        """
        data = _read_toml(self.lecture) if self.lecture else {}
        chapters = [data, *(c for c in _as_list(data.get("chapter")) if isinstance(c, dict))]
        return [
            ("" if chapter is data else str(chapter.get("title", "")), scene)
            for chapter in chapters
            for row in _as_list(chapter.get("scenes"))
            if isinstance(scene := row.get("scene") if isinstance(row, dict) else row, str)
        ]


def find_project(start: Path | None = None) -> Project | None:
    """The project of the folder `start`, by default the working folder, or of a folder above it.

    Raises UsageError for wrong settings.
    """
    start = (start or Path.cwd()).absolute()
    for folder in (start, *start.parents):
        project = read_project(folder)
        if project is not None:
            return project
    return None


def read_project(folder: Path) -> Project | None:
    """The project whose folder this is, or None. Raises UsageError for wrong settings."""
    file = folder / "pyproject.toml"
    table = _read_toml(file).get("tool", {}).get("gradreel") if file.is_file() else None
    if table is None:
        lecture = folder / LECTURE_FILE
        return Project(folder, lecture) if _names_scenes(lecture) else None
    return _parse(folder, table, f"{file}, [tool.gradreel]")


def _parse(folder: Path, table: Any, where: str) -> Project:
    if not isinstance(table, dict):
        raise UsageError("this is a table: [tool.gradreel].", where=where)
    for key, value in table.items():
        if key not in _TYPES:
            raise unknown_name("setting", key, _TYPES, where=where)
        kind, words = _TYPES[key]
        if not isinstance(value, kind):
            raise UsageError(f"{key} wants {words}, not {value!r}.", where=where)
    for key in ("scenes", "pytest"):
        if any(
            not isinstance(p, str) or not p or Path(p).is_absolute() for p in table.get(key, ())
        ):
            raise UsageError(
                f'{key} wants patterns below this folder, such as "scenes/*.py".', where=where
            )
    tolerances = table.get("tolerances", {})
    for pattern, value in tolerances.items():
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not value >= 0:
            raise UsageError(
                f"the tolerance of {pattern!r} is not a number: {value!r}.", where=where
            )
    lecture = folder / table.get("lecture", LECTURE_FILE)
    if "lecture" in table and not lecture.is_file():
        raise UsageError(f"there is no file {lecture}.", where=where)
    return Project(
        folder, lecture if lecture.is_file() else None, tuple(table.get("scenes", SCENES)),
        Path(table.get("golden", GOLDEN)), tuple(table.get("pytest", ())), tolerances,
    )  # fmt: skip


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _names_scenes(lecture: Path) -> bool:
    """Whether a file is a lecture file: another program may have a lecture.toml, too."""
    if not lecture.is_file():
        return False
    try:
        return bool({"scenes", "chapter"} & _read_toml(lecture).keys())
    except UsageError:
        return False


def _read_toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} cannot be read: {error}.") from None
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{error}.", where=str(file), hint="See https://toml.io.") from None


def relative_to_cwd(path: Path) -> Path:
    """`path` relative to the working folder if it is inside of it, else unchanged."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
