"""The catalogue of scenes: names, chapters, claims, beats and parameters, without importing them.

Scene files are parsed as text. Only the body of their `Params` class is executed, with the names
that `gradreel.params` exports; so scenes can be listed without importing manim or torch. For the
scenes of a user that happens in another process (`gradreel.params_subprocess`).
"""

from __future__ import annotations

import ast
import importlib
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
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
from gradreel import params_subprocess
from gradreel.beats_in_source import beats_of_class
from gradreel.errors import UsageError, unknown_name
from gradreel.project import Project, find_project, relative_to_cwd

# A class that derives from it and has no `construct` of its own is a base for others.
SCENE_BASES = MANIM_SCENES | {"LectureScene"}
BUILTIN = "autograd:"  # before a name: the scene of the built-in lecture


@dataclass(frozen=True)
class SceneEntry:
    """One scene: its name, file, class, and chapter ("" if it is in no lecture)."""

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
        """What the scene shows: the first line of the docstring of its file.

        Where a file has several scenes or no docstring, that of the class comes first.
        """
        docs = [ast.get_docstring(self._tree), ast.get_docstring(self._class)]
        if len(scene_classes(self.file, SCENE_BASES)) > 1:
            docs.reverse()
        return next((doc.partition("\n")[0].rstrip(".") for doc in docs if doc), "")

    @property
    def beats(self) -> list[str]:
        """The names of the beats in the order in which `construct` comes to them.

        `{...}` stands for parts computed at run time.
        """
        return beats_of_class(self._class, self._tree)

    @cached_property
    def has_params(self) -> bool:
        """Whether the scene has a `Params` class."""
        return params_subprocess.find_params(self._class) is not None

    @property
    def is_builtin(self) -> bool:
        """Whether the scene belongs to gradreel; the code of other scenes is the user's."""
        return self.file.resolve().is_relative_to(_scenes_folder())

    @property
    def params(self) -> Any:
        """The `Params` class of a scene of gradreel, or None if it has none.

        It runs the class body; for a scene of a user see `gradreel.params_subprocess`.
        """
        return params_subprocess.build_params(self.file, self.cls) if self.has_params else None

    def describe_params(self) -> list[dict[str, Any]]:
        """Name, type, default and description of every parameter. Raises UsageError."""
        if not self.has_params:
            return []
        if not self.is_builtin:
            return params_subprocess.describe_params(self.file, self.cls)
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
            relative_to_cwd(folder / chapter.folder / f"{_snake_case(name)}.py"),
            name,
            chapter.title,
        )
        for chapter in syllabus.SYLLABUS
        for name in chapter.scenes
    ]


def _scenes_folder() -> Path:
    return Path(str(importlib.import_module("gradreel.scenes").__file__)).resolve().parent


def lecture_scenes() -> list[SceneEntry]:
    """The scenes of the project that contains the working folder; else those of the syllabus."""
    project = find_project()
    return project_scenes(project) if project is not None else syllabus_scenes()


def project_scenes(project: Project) -> list[SceneEntry]:
    """The scenes of a project's lecture file, in its order; without one, all of its scenes.

    Raises UsageError for one that cannot be found.
    """
    rows = project.lecture_rows()
    if not rows:
        return list(_scenes_of_files(project).values())
    return [
        replace(entry, chapter=chapter)
        for chapter, scene in rows
        for entry in find_entries(_from_lecture_file(project, scene))
    ]


def _scenes_of_files(project: Project) -> dict[str, SceneEntry]:
    """The scenes of a project's files by name; of two scenes of one name, the first."""
    found: dict[str, SceneEntry] = {}
    for file in project.files(project.scenes):
        for name in scene_classes(file, SCENE_BASES):
            found.setdefault(name, SceneEntry(name, relative_to_cwd(file), name))
    return found


def _from_lecture_file(project: Project, scene: str) -> str:
    """A path in a lecture file, which is relative to it, as one that works from here."""
    if not _is_path(scene) or project.lecture is None:
        return scene
    return str(relative_to_cwd(project.lecture.parent / scene))


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
    """The scenes that a name means: `path.py:Class`, all of `path.py`, or a scene by its name.

    A name is one of the project that contains the working folder, or one of the syllabus;
    `autograd:NAME` is always the latter. Raises UsageError, with similar names.
    """
    if _is_path(name):
        return [SceneEntry(t.name, t.file, t.cls) for t in find_scenes(name, SCENE_BASES)]
    project = None if name.startswith(BUILTIN) else find_project()
    own = _scenes_of_files(project) if project is not None else {}
    if name in own:
        return [own[name]]
    plain = name.removeprefix(BUILTIN)
    known = {entry.name: entry for entry in syllabus_scenes()}
    if plain in known:
        return [known[plain]]
    if name.endswith(".toml"):
        raise UsageError(f"{name} is a lecture file, not a scene.", hint=f"Write -l {name}.")
    # A scene for the lecturer's own material, such as CodeWalk, is no part of the lecture.
    beside = _scenes_folder() / f"{_snake_case(plain)}.py"
    is_file = os.path.isfile(beside)  # that of Path raises an error for a long name
    if plain.isidentifier() and is_file and plain in scene_classes(beside, SCENE_BASES):
        return [SceneEntry(plain, relative_to_cwd(beside), plain)]
    raise unknown_name("scene", plain, [*own, *known])


def _is_path(name: str) -> bool:
    return name.endswith(".py") or ".py:" in name


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
        params_subprocess.check_params(entry.file, entry.cls, raw)


def _snake_case(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
