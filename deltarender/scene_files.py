"""Find the scene classes of a Python file by parsing it; if that leaves doubt, it is imported.

    find_scenes("film.py")         every scene of the file
    find_scenes("film.py:Main")    one of them

Standard library only, so that a batch is known to be fresh without importing Manim.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

from deltarender.errors import UsageError, unknown_name
from deltarender.jobs import SceneRef

MANIM_SCENES = frozenset(
    {
        "Scene", "MovingCameraScene", "ZoomedScene", "ThreeDScene", "VectorScene",
        "LinearTransformationScene", "SpecialThreeDScene", "InteractiveScene",
    }
)  # fmt: skip

PLAIN_BASES = frozenset(
    {"object", "Exception", "ValueError", "Enum", "NamedTuple", "TypedDict", "Protocol", "ABC",
     "VGroup", "Group", "VMobject", "Mobject", "Animation"}
)  # fmt: skip
MAKERS = frozenset({"globals", "type", "exec", "setattr"})  # functions that make classes or names


def find_scenes(text: str, base_names: frozenset[str] = MANIM_SCENES) -> list[SceneRef]:
    """The scenes that `path.py:Class` or `path.py` names, in order of definition.

    Raises UsageError for a file that is missing, is not Python or has no such scene.
    """
    stem, colon, cls = text.partition(".py:")
    path = Path(f"{stem}.py") if colon else Path(text)
    classes = scene_classes(path, base_names)
    if (cls not in classes if colon else True) and _may_make_more(path, classes):
        classes = _with_imported(path, classes, base_names)
    if colon:
        if cls not in classes:
            raise unknown_name("scene", cls, classes, where=str(path))
        classes = [cls]
    if not classes:
        raise UsageError(f"{path} defines no scene.", hint="A scene is a class of manim.Scene.")
    return [SceneRef(path, name, name) for name in classes]


def _with_imported(path: Path, classes: list[str], base_names: frozenset[str]) -> list[str]:
    """`classes`, and those that only exist once the file is imported, in a process of its own."""
    from deltarender.workers.scene_probe import imported_scene_classes

    try:
        found = imported_scene_classes(path)
    except UsageError:
        if not classes:
            raise
        return classes
    bases = _scenes_in(path, base_names, ()).keys() - classes
    return [*(n for n in found if n not in bases), *(n for n in classes if n not in found)]


def _may_make_more(path: Path, classes: list[str]) -> bool:
    """Whether importing a file may make classes that its text does not show to be scenes.

    So it is with a base that comes from elsewhere, a class that a function returns, and code that
    makes names.
    """
    tree = parse_file(path)
    here = {node.name for node in class_definitions(tree.body)}
    return any(_is_doubtful(node, here, classes) for node in tree.body)


def _is_doubtful(node: ast.stmt, here: set[str], classes: list[str]) -> bool:
    if isinstance(node, ast.ClassDef):
        bases = {ast.unparse(base) for base in node.bases}
        return node.name not in classes and bool(bases - here - PLAIN_BASES)
    if isinstance(node, ast.Assign):
        names = [target.id for target in node.targets if isinstance(target, ast.Name)]
        # Constants in capitals, such as colors, are no classes.
        camel = any(name[0].isupper() and not name.isupper() for name in names)
        return camel and isinstance(node.value, ast.Call)
    if isinstance(node, (ast.Import, ast.ImportFrom, ast.FunctionDef)):
        return False
    calls = (n.func for n in ast.walk(node) if isinstance(n, ast.Call))
    return any(isinstance(call, ast.Name) and call.id in MAKERS for call in calls)


def scene_classes(path: Path, base_names: frozenset[str] = MANIM_SCENES) -> list[str]:
    """The names of the scene classes of a file, in order of definition.

    A class is a scene if it derives from one of `base_names`, from a class whose name ends in
    Scene, or from a scene of this file or of a file beside it. Where a base comes from elsewhere, a
    class with a `construct` method counts as a scene. Scenes that only serve as bases are left out,
    unless the file has no others.
    """
    complete = _scenes_in(path, base_names, ())
    return [name for name, is_complete in complete.items() if is_complete] or list(complete)


def parse_file(path: Path) -> ast.Module:
    """The syntax tree of a Python file. Raises UsageError for one that cannot be read or parsed."""
    try:
        return ast.parse(path.read_bytes(), filename=str(path))  # with a BOM or a coding line
    except FileNotFoundError:
        raise UsageError(
            f"there is no file {path}.", hint="Check the path; it counts from where you are."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}.") from None
    except SyntaxError as error:
        raise UsageError(f"{error.msg}.", where=f"{path}, line {error.lineno}") from None
    except ValueError as error:  # a null byte, in some versions of Python
        raise UsageError(f"{path} is not a Python file: {error}.") from None


def class_definitions(body: list[ast.stmt]) -> Iterator[ast.ClassDef]:
    """The classes at the top level of a module, those in if, try and with blocks included."""
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield node
        elif isinstance(node, (ast.If, ast.Try, ast.With)):
            yield from class_definitions([*node.body, *getattr(node, "orelse", [])])


def _scenes_in(
    path: Path, base_names: frozenset[str], importers: tuple[Path, ...]
) -> dict[str, bool]:
    """The scene classes of a file, each with whether it has something to show.

    `importers` are the files through whose imports this one was reached.
    """
    tree = parse_file(path)
    scenes: dict[str, bool] = {}
    other_classes: set[str] = set()
    for node in class_definitions(tree.body):
        bases = {ast.unparse(base).rpartition(".")[2] for base in node.bases}
        is_scene = bool(bases & (base_names | scenes.keys()))
        is_scene = is_scene or any(base.endswith("Scene") for base in bases)
        if is_scene or _derives_from_import(
            node, bases - other_classes, tree, base_names, (*importers, path)
        ):
            scenes[node.name] = _is_complete(node, base_names)
        else:
            other_classes.add(node.name)
    return scenes


def _derives_from_import(
    node: ast.ClassDef, bases: set[str], tree: ast.Module,
    base_names: frozenset[str], files: tuple[Path, ...],
) -> bool:  # fmt: skip
    """Whether a class with imported `bases` is a scene; the last of `files` is its own."""
    for statement in tree.body:
        if not isinstance(statement, (ast.Import, ast.ImportFrom)):
            continue
        from_manim = isinstance(statement, ast.ImportFrom) and statement.module == "manim"
        renamed = {
            alias.asname or alias.name
            for alias in statement.names
            if from_manim and alias.name in base_names
        }
        if bases & renamed or any(
            bases & _local_names(statement, _scenes_in(file, base_names, files))
            for file in _imported_files(statement, files[-1])
            if file not in files
        ):
            return True
    return bool(bases) and _has_construct(node)


def _imported_files(statement: ast.Import | ast.ImportFrom, path: Path) -> Iterator[Path]:
    """The files beside `path` that an import statement loads."""
    if isinstance(statement, ast.Import):
        modules = [alias.name for alias in statement.names]
    else:
        modules = [statement.module or ""]
    for module in filter(None, modules):
        target = path.parent.joinpath(*module.split("."))
        for file in (target.with_name(target.name + ".py"), target / "__init__.py"):
            if file.is_file():
                yield file


def _local_names(statement: ast.Import | ast.ImportFrom, names: Iterable[str]) -> set[str]:
    """The names by which `names` of a module are known after an import statement."""
    if isinstance(statement, ast.Import) or statement.names[0].name == "*":
        return set(names)
    return {alias.asname or alias.name for alias in statement.names if alias.name in set(names)}


def _is_complete(node: ast.ClassDef, base_names: frozenset[str]) -> bool:
    """Whether a scene shows something: it has `construct`, sets a value, or extends a scene."""
    return (
        _has_construct(node)
        or any(isinstance(statement, ast.Assign) for statement in node.body)
        or any(ast.unparse(base).rpartition(".")[2] not in base_names for base in node.bases)
    )


def _has_construct(node: ast.ClassDef) -> bool:
    return any(
        isinstance(statement, ast.FunctionDef) and statement.name == "construct"
        for statement in node.body
    )
