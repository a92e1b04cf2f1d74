"""The catalogue of scenes: names, chapters, claims, beats and parameters, without importing them.

Scene files are parsed as text. Only the body of their `Params` class is executed, with the names
that `gradreel.params` exports; so scenes can be listed without importing manim or torch. For the
scenes of a user that happens in another process (`gradreel.user_params`).
"""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from deltarender.scene_files import (
    MANIM_SCENES,
    class_definitions,
    find_scenes,
    parse_file,
    scene_classes,
)
from gradreel import user_params
from gradreel.errors import UsageError, unknown_name

# A class that derives from it and has no `construct` of its own is a base for others.
SCENE_BASES = MANIM_SCENES | {"LectureScene"}


@dataclass(frozen=True)
class SceneEntry:
    """One scene: its name, file, class, and chapter ("" if it is not in the syllabus)."""

    name: str
    file: Path
    cls: str
    chapter: str = ""

    @cached_property
    def _tree(self) -> ast.Module:
        return parse_file(self.file)

    @cached_property
    def _class(self) -> ast.ClassDef:
        for node in class_definitions(self._tree.body):
            if node.name == self.cls:
                return node
        raise UsageError(f"{self.file} has no class {self.cls}.")

    @property
    def claim(self) -> str:
        """What the scene shows: the first line of the docstring of its class or, if none, its file.

        For scenes of the syllabus the docstring of the file comes first.
        """
        doc = ast.get_docstring(self._class) or ast.get_docstring(self._tree) or ""
        if self.chapter:
            doc = ast.get_docstring(self._tree) or doc
        return doc.partition("\n")[0].rstrip(".")

    @property
    def beats(self) -> list[str]:
        """The names of the beats in source order; `{...}` stands for parts computed at run time."""
        return [_beat_name(call.args[0]) for call in _beat_calls(self._tree)]

    @cached_property
    def has_params(self) -> bool:
        """Whether the scene has a `Params` class."""
        return user_params.find_params(self._class) is not None

    @property
    def is_builtin(self) -> bool:
        """Whether the scene belongs to gradreel; the code of other scenes is the user's."""
        return self.file.resolve().is_relative_to(_scenes_folder())

    @property
    def params(self) -> Any:
        """The `Params` class of a scene of gradreel, or None if it has none.

        It runs the class body; for a scene of a user see `gradreel.user_params`.
        """
        return user_params.build_params(self.file, self.cls) if self.has_params else None

    def describe_params(self) -> list[dict[str, Any]]:
        """Name, type, default and description of every parameter. Raises UsageError."""
        if not self.has_params:
            return []
        if not self.is_builtin:
            return user_params.describe_params(self.file, self.cls)
        rows: list[dict[str, Any]] = self.params.describe()
        return rows

    def to_dict(self) -> dict[str, Any]:
        """The scene as JSON-serializable data."""
        return {
            "name": self.name,
            "chapter": self.chapter,
            "claim": self.claim,
            "parameters": self.describe_params(),
        }


def syllabus_scenes() -> list[SceneEntry]:
    """All scenes of the syllabus, in lecture order."""
    syllabus = importlib.import_module("gradreel.scenes")
    folder = _scenes_folder()
    return [
        SceneEntry(
            name,
            _relative_to_cwd(folder / chapter.folder / f"{_snake_case(name)}.py"),
            name,
            chapter.title,
        )
        for chapter in syllabus.SYLLABUS
        for name in chapter.scenes
    ]


def _scenes_folder() -> Path:
    return Path(str(importlib.import_module("gradreel.scenes").__file__)).resolve().parent


def join_file_and_classes(names: Iterable[str]) -> list[str]:
    """`film.py Intro Outro`, as stock manim takes it, as `film.py:Intro` and `film.py:Outro`.

    A name after a file means a class of the file, unless it is a scene of the lecture and the file
    has no such class.
    """
    joined: list[str] = []
    file, alone = "", False
    for name in names:
        if name.endswith(".py"):
            file, alone = name, True
        elif file and name.isidentifier() and _is_class_of(file, name):
            if alone:
                joined.pop()
            name, alone = f"{file}:{name}", False
        joined.append(name)
    return joined


def _is_class_of(file: str, name: str) -> bool:
    known = {entry.name for entry in syllabus_scenes()}
    return name not in known or name in scene_classes(Path(file), SCENE_BASES)


def find_entries(name: str) -> list[SceneEntry]:
    """The scenes that a name means: one of the syllabus, `path.py:Class`, or all of `path.py`."""
    if name.endswith(".py") or ".py:" in name:
        return [SceneEntry(t.name, t.file, t.cls) for t in find_scenes(name, SCENE_BASES)]
    known = {entry.name: entry for entry in syllabus_scenes()}
    if name in known:
        return [known[name]]
    if name.endswith(".toml"):
        raise UsageError(f"{name} is a lecture file, not a scene.", hint=f"Write -l {name}.")
    # A scene for the lecturer's own material, such as CodeWalk, is no part of the lecture.
    beside = _scenes_folder() / f"{_snake_case(name)}.py"
    if name.isidentifier() and beside.exists() and name in scene_classes(beside, SCENE_BASES):
        return [SceneEntry(name, _relative_to_cwd(beside), name)]
    raise unknown_name("scene", name, known)


def argument_for(file: Path, cls: str) -> str:
    """The argument of a command that names this scene: its name, or `path.py:Class`."""
    is_builtin = file.resolve().is_relative_to(_scenes_folder())
    return cls if is_builtin else f"{file}:{cls}"


def check_params(entry: SceneEntry, raw: Mapping[str, str]) -> None:
    """Raise UsageError for parameters that the scene does not have, or for wrong values."""
    if not raw:
        return
    if not entry.has_params:
        raise UsageError(f"{entry.name} takes no parameters.", where=f"-P {next(iter(raw))}")
    if entry.is_builtin:
        entry.params.from_text(raw)
    else:
        user_params.check_params(entry.file, entry.cls, raw)


def _beat_calls(tree: ast.Module) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args:
            function = node.func
            if isinstance(function, ast.Attribute) and function.attr == "beat":
                yield node


def _beat_name(name: ast.expr) -> str:
    if isinstance(name, ast.Constant):
        return str(name.value)
    if isinstance(name, ast.JoinedStr):
        parts = (p.value if isinstance(p, ast.Constant) else "{...}" for p in name.values)
        return "".join(str(part) for part in parts)
    return "{...}"


def _snake_case(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def _relative_to_cwd(path: Path) -> Path:
    """`path` relative to the working directory if it is inside of it, else unchanged."""
    try:
        return path.relative_to(Path.cwd())
    except ValueError:
        return path
