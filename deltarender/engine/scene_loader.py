"""Imports a scene file and returns its scene class, configured with parameters."""

from __future__ import annotations

import importlib.util
import inspect
import sys
from contextlib import suppress
from pathlib import Path
from types import ModuleType

from manim import Scene

from deltarender.engine.beat_scene import as_beat_scene_class
from deltarender.errors import UsageError, unknown_name
from deltarender.jobs import SceneRef


def load_scene_class(target: SceneRef, params: dict[str, str]) -> type[Scene]:
    """Import the file of `target` and return its scene class, with `params` set.

    Raises UsageError for a missing file, class or parameter. Exceptions of the file propagate.
    """
    return with_params(import_scene_class(target), params, target)


def import_scene_class(target: SceneRef) -> type[Scene]:
    """Import the file of `target` and return its scene class, without parameters.

    Raises UsageError for a missing file or class. Exceptions of the file propagate.
    """
    module = _import_file(target.file)
    scene_class = getattr(module, target.cls, None)
    if not (inspect.isclass(scene_class) and issubclass(scene_class, Scene)):
        names = _scene_classes(module)
        raise unknown_name("scene", target.cls, names, where=str(target.file))
    declared_dependencies(target)  # a mistake is reported before anything is rendered
    return scene_class


def with_params(scene_class: type[Scene], params: dict[str, str], target: SceneRef) -> type[Scene]:
    """A subclass of an imported class with `params` set. Raises UsageError for a wrong one."""
    beat_scene_class = as_beat_scene_class(scene_class)
    if beat_scene_class is not None:
        return beat_scene_class.with_params(params)
    if params:
        raise UsageError(
            f"{target.cls} is a plain Manim scene and takes no parameters.", where=str(target.file)
        )
    return scene_class


def scene_classes_of_file(file: Path) -> list[str]:
    """Import a file and return the names of the scene classes that it makes, in order.

    Exceptions of the file propagate.
    """
    return _scene_classes(_import_file(file))


def _scene_classes(module: ModuleType) -> list[str]:
    """The scene classes of a module by Manim's rule: made in it, not imported."""
    return [
        name
        for name, value in vars(module).items()
        if inspect.isclass(value)
        and issubclass(value, Scene)
        and value.__module__ == module.__name__
    ]


def declared_dependencies(target: SceneRef) -> tuple[str, ...] | None:
    """`depends_on` of a scene class that was loaded, or else of its file; None if there is none.

    Raises UsageError if it is not a list of texts.
    """
    module = sys.modules.get(_module_name(target.file))
    names = getattr(getattr(module, target.cls, None), "depends_on", None)
    if names is None:
        names = getattr(module, "depends_on", None)
    if names is None:
        return None
    if not (isinstance(names, (list, tuple)) and all(isinstance(name, str) for name in names)):
        raise UsageError(
            f"depends_on of {target.cls} is not a list of texts.",
            where=str(target.file),
            hint='Write for example depends_on = ["data/*.csv", "$NAME"], or [] for nothing.',
        )
    return tuple(names)


def _module_name(file: Path) -> str:
    """The whole path as module name, as in Manim: it cannot shadow a library of the file's name.

    It is relative to the working directory, as users name files: functions of a module with a
    slash in its name cannot be pickled for other processes.
    """
    with suppress(ValueError):
        file = file.relative_to(Path.cwd())
    return ".".join(file.with_suffix("").parts)


def _import_file(file: Path) -> ModuleType:
    """Import a Python file as Manim does; its folder is put first on `sys.path`."""
    if not file.is_file():
        raise UsageError("there is no such file.", where=str(file))
    name = _module_name(file)
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise UsageError("this is not a Python file.", where=str(file))
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    sys.path.insert(0, str(file.parent.absolute()))
    spec.loader.exec_module(module)
    return module
