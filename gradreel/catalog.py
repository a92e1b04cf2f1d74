"""The catalogue of scenes: names, chapters, claims, beats and parameters, without importing them.

Scene files are parsed as text. Only the body of their `Params` class is executed, with the names
that `gradreel.params` exports; so scenes can be listed without importing manim or torch.
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

from gradreel.errors import UsageError, unknown_name

_SCENE_BASES = {
    "LectureScene", "Scene", "MovingCameraScene", "ZoomedScene", "ThreeDScene", "VectorScene",
    "LinearTransformationScene", "SpecialThreeDScene", "InteractiveScene",
}  # fmt: skip


@dataclass(frozen=True)
class SceneEntry:
    """One scene: its name, file, class, and chapter ("" if it is not in the syllabus)."""

    name: str
    file: Path
    cls: str
    chapter: str = ""

    @cached_property
    def _tree(self) -> ast.Module:
        return _parsed(self.file)

    @cached_property
    def _class(self) -> ast.ClassDef:
        for node in _classes(self._tree.body):
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

    @property
    def params(self) -> Any:
        """The scene's `Params` class, or None if it has none."""
        for node in self._class.body:
            if isinstance(node, ast.ClassDef) and node.name == "Params":
                return _build_params(node, self.file)
        return None

    def to_dict(self) -> dict[str, Any]:
        """The scene as JSON-serializable data."""
        params = self.params
        return {
            "name": self.name,
            "chapter": self.chapter,
            "claim": self.claim,
            "parameters": params.describe() if params is not None else [],
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


def find_entries(name: str) -> list[SceneEntry]:
    """The scenes that a name means: one of the syllabus, `path.py:Class`, or all of `path.py`."""
    path, colon, cls = name.partition(".py:")
    if colon:
        return [_of_file(Path(f"{path}.py"), cls)]
    if name.endswith(".py"):
        entries = [SceneEntry(c, Path(name), c) for c in scene_classes(Path(name))]
        if not entries:
            raise UsageError(f"{name} defines no scene.", hint="A scene is a class of manim.Scene.")
        return entries
    known = {entry.name: entry for entry in syllabus_scenes()}
    if name in known:
        return [known[name]]
    # A scene for the lecturer's own material, such as CodeWalk, is no part of the lecture.
    beside = _scenes_folder() / f"{_snake_case(name)}.py"
    if name.isidentifier() and beside.exists() and name in scene_classes(beside):
        return [SceneEntry(name, _relative_to_cwd(beside), name)]
    raise unknown_name("scene", name, known)


def _of_file(path: Path, cls: str) -> SceneEntry:
    classes = scene_classes(path)
    if cls not in classes:
        raise unknown_name("scene", cls, classes, where=str(path))
    return SceneEntry(cls, path, cls)


def check_params(entry: SceneEntry, raw: Mapping[str, str]) -> None:
    """Raise UsageError for parameters that the scene does not have, or for wrong values."""
    if not raw:
        return
    params = entry.params
    if params is None:
        raise UsageError(f"{entry.name} takes no parameters.", where=f"-P {next(iter(raw))}")
    params.from_text(raw)


def scene_classes(path: Path) -> list[str]:
    """The scene classes of a file in order of definition.

    Also those derived from classes of this file or of files beside it; where a base comes from
    elsewhere, a class with a `construct` of its own is taken for a scene.
    """
    found = _scenes_in(path, ())
    return [name for name, constructs in found.items() if constructs] or list(found)


def _scenes_in(path: Path, above: tuple[Path, ...]) -> dict[str, bool]:
    """The scene classes of a file, and whether each has anything to show; `above` imports it."""
    tree = _parsed(path)
    found: dict[str, bool] = {}
    others: set[str] = set()
    for node in _classes(tree.body):
        bases = {ast.unparse(base).rpartition(".")[2] for base in node.bases}
        known = bool(bases & (_SCENE_BASES | found.keys()))
        known = known or any(base.endswith("Scene") for base in bases)
        if known or _derived(node, bases - others, tree, (*above, path)):
            found[node.name] = _constructs(node)
        else:
            others.add(node.name)
    return found


def _classes(body: list[ast.stmt]) -> Iterator[ast.ClassDef]:
    """The classes of a module, also those under a condition."""
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield node
        elif isinstance(node, (ast.If, ast.Try, ast.With)):
            yield from _classes([*node.body, *getattr(node, "orelse", [])])


def _derived(
    node: ast.ClassDef, bases: set[str], tree: ast.Module, above: tuple[Path, ...]
) -> bool:
    """Whether a class that derives from imported `bases` is a scene."""
    for part in tree.body:
        if not isinstance(part, (ast.Import, ast.ImportFrom)):
            continue
        from_manim = isinstance(part, ast.ImportFrom) and part.module == "manim"
        given = {a.asname or a.name for a in part.names if from_manim and a.name in _SCENE_BASES}
        if bases & given or any(
            bases & (_renamed_by(part, _scenes_in(file, above)))
            for file in _beside(part, above[-1])
            if file not in above
        ):
            return True
    return bool(bases) and any(
        isinstance(part, ast.FunctionDef) and part.name == "construct" for part in node.body
    )


def _beside(part: ast.Import | ast.ImportFrom, path: Path) -> Iterator[Path]:
    """The files beside `path` that it imports by `part`."""
    modules = [a.name for a in part.names] if isinstance(part, ast.Import) else [part.module or ""]
    for module in filter(None, modules):
        place = path.parent.joinpath(*module.split("."))
        for file in (place.with_name(place.name + ".py"), place / "__init__.py"):
            if file.is_file():
                yield file


def _renamed_by(part: ast.Import | ast.ImportFrom, names: Iterable[str]) -> set[str]:
    """What `names` of a module are called where `part` imports it."""
    if isinstance(part, ast.Import) or part.names[0].name == "*":
        return set(names)
    return {alias.asname or alias.name for alias in part.names if alias.name in set(names)}


def _constructs(node: ast.ClassDef) -> bool:
    """A class without `construct` of its own is a base for others, unless it sets something."""
    return any(
        (isinstance(part, ast.FunctionDef) and part.name == "construct")
        or isinstance(part, ast.Assign)
        for part in node.body
    ) or any(isinstance(base, ast.Name) and base.id not in _SCENE_BASES for base in node.bases)


def _parsed(path: Path) -> ast.Module:
    try:
        return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
    except FileNotFoundError:
        raise UsageError(
            f"there is no file {path}.", hint="Check the path; it counts from where you are."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}.") from None
    except SyntaxError as error:
        raise UsageError(f"{error.msg}.", where=f"{path}, line {error.lineno}") from None


def _build_params(node: ast.ClassDef, file: Path) -> Any:
    from gradreel import params

    names = {name: getattr(params, name) for name in params.__all__}
    names |= {new: getattr(params, name) for name, new in _renamed(_parsed(file)).items()}
    module = ast.Module(body=[node], type_ignores=[])
    try:
        # dont_inherit: without postponed annotations, since there is no module to resolve them in.
        exec(compile(module, str(file), "exec", dont_inherit=True), names)
    except NameError as error:
        raise UsageError(
            f"Params uses {error.name!r}.",
            where=f"{file}, line {node.lineno}",
            hint="The class body may use only what gradreel.params exports.",
            valid=params.__all__,
        ) from None
    return names["Params"]


def _renamed(tree: ast.Module) -> dict[str, str]:
    """The names that the file imports from gradreel.params with `as`: original to alias."""
    return {
        alias.name: alias.asname
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module == "gradreel.params"
        for alias in node.names
        if alias.asname
    }


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
